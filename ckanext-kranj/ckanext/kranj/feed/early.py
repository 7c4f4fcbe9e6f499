"""The short way: ready pages and 304s are answered in front of CKAN.

A harvester asks for every page every night, and nearly every answer is "unchanged" or a page that lies ready. CKAN
spends several questions to PostgreSQL, a session and two dozen hooks on a request before a view is asked; none of that
matters to a page that is the same for everybody. So here one prepared statement, which is one snapshot, asks for the
state of the feed, the page and its ready bytes. Whatever is not simply "there and current" goes on to CKAN.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request

import ckan.plugins.toolkit as tk

from ckanext.kranj.access.decisions import allows
from ckanext.kranj.access.headers import protections
from ckanext.kranj.database import lane

from .answers import Document, deliver
from .config import FeedConfig, feed_config
from .ready import page_etag
from .serialise import FORMATS
from .state import PAGE, STATE, DisagreeError, FeedNotReadyError, PageNotFoundError, bounds, complete, paging
from .store import announced

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

ENDPOINT = "kranj_feed.catalog"
_PATH = re.compile(rf"/catalog\.({'|'.join(FORMATS)})")
_QUERY = re.compile(r"(?:page=([1-9]\d{0,8}))?")
_QUESTION = lane.Prepared(
    "kranj_feed_early",
    ("bigint", "bigint", "bigint", "text", "text[]", "boolean"),
    "SELECT s.*, m.*, k.etag AS ready, k.length, octet_length(k.packed) AS packed_length,"  # noqa: S608 - constants
    " CASE WHEN $6 AND k.etag <> ALL ($5) THEN k.packed END AS packed"
    f" FROM ({STATE}) s CROSS JOIN ({PAGE.format(low='$1', high='$2')}) m"
    " LEFT JOIN kranj_feed_page k ON k.number = $3 AND k.format = $4",
)
"""One statement, hence one snapshot: no transaction has to be opened and closed around it."""


class Early:
    """WSGI middleware in front of CKAN.

    Args:
        app: CKAN; gets every request that is not answered here.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or hand on."""
        response = _answer(environ) if _asks_for_a_page(environ) else None
        return (response or self.app)(environ, start_response)


class _ElsewhereError(Exception):
    """The bytes are not ready."""


def _asks_for_a_page(environ: WSGIEnvironment) -> bool:
    """Only the plain address of a page: languages, other hosts' scripts (CORS) and a moved root are CKAN's matter."""
    return bool(
        _PATH.fullmatch(environ["PATH_INFO"])
        and environ["REQUEST_METHOD"] in ("GET", "HEAD")
        and _QUERY.fullmatch(environ.get("QUERY_STRING", ""))
        and "HTTP_ORIGIN" not in environ
        and announced()
        and not tk.config["ckan.root_path"]
        and allows("routes", ENDPOINT, None)
    )


def _answer(environ: WSGIEnvironment) -> Any:
    """The answer, or None when it is not simply there."""
    request = Request(environ)
    name = environ["PATH_INFO"].rpartition(".")[2]
    number = int(request.args.get("page", "1"))
    try:
        document = _look(request, feed_config(), number, name)
        response = deliver(document, request) if document else None
    except (FeedNotReadyError, PageNotFoundError, DisagreeError, _ElsewhereError):
        return None  # CKAN's way says why
    except Exception:
        log.exception("the short way of the feed is closed; pages are answered the long way")
        return None
    if response is None:
        return None
    for header, value in protections(ENDPOINT, secure=request.is_secure).items():
        response.headers.setdefault(header, value)
    response.cache_control.public = True
    response.cache_control.max_age = tk.config["ckan.cache_expires"]
    response.cache_control.must_revalidate = True
    log.info(" %s %s from ready pages", response.status_code, environ["PATH_INFO"])
    return response


def _look(request: Request, settings: FeedConfig, number: int, name: str) -> Document | None:
    known = [tag.removesuffix("-gzip") for tag in request.if_none_match.as_set()]
    values = (*bounds(number, settings), number, name, known, request.method != "HEAD")
    (row,) = lane.ask_named(_QUESTION, *values)
    state = complete(row, settings)
    if state is None:
        return None
    etag = page_etag(name, settings, paging(row, number, name, state, settings), row["members"], state)

    def ready(value: Any) -> Callable[[], Any]:
        def give() -> Any:
            if row["ready"] != etag or value is None:
                raise _ElsewhereError
            return value

        return give

    lengths = ready((row["length"], row["packed_length"]))
    modified = state.modified if state.settled else None
    packed = ready(row["packed"] and bytes(row["packed"]))
    return Document(FORMATS[name].content_type, etag, modified, packed, lengths, "ready")
