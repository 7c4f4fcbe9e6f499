"""Routes of the feed. Always the anonymous public view: no session is read, no cookie is set, no right is asked."""

from __future__ import annotations

import gzip
import hashlib
import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from .config import feed_config
from .pages import catalogue_page, dataset_document
from .serialise import FORMATS
from .store import PageNotFoundError, read_dataset, read_page

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.datastructures import Headers

log = logging.getLogger(__name__)

kranj_feed = Blueprint("kranj_feed", __name__)

# Longer numbers cannot be a page; refusing them early keeps them out of SQL.
_PAGE_NUMBER = re.compile(r"[1-9]\d{0,8}")
# What an id or a name may look like; control characters do not reach SQL either.
_IDENTIFIER = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
_RETRY_AFTER = 60


class FeedResponse(Response):
    """An answer that is the same for everybody: what CKAN adds for the sake of a session is taken off again.

    Session interfaces add their headers after every hook of the application; this is the last place before the wire.
    """

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """The headers as they go out, without cookies and without ``Vary: Cookie``."""
        headers = super().get_wsgi_headers(environ)
        headers.remove("Set-Cookie")
        varies = [one for one in self.vary if one.lower() != "cookie"]
        if varies:
            headers["Vary"] = ", ".join(varies)
        else:
            headers.remove("Vary")
        return headers


@kranj_feed.route("/catalog")
def catalog_negotiated() -> Response:
    """The IRI of the catalogue: the first page in the format asked for by ``Accept``."""
    offered = {FORMATS[name].content_type: name for name in ("ttl", "rdf", "jsonld", "nt")}
    wanted = request.accept_mimetypes.best_match(
        list(offered), default=None if request.accept_mimetypes else "text/turtle"
    )
    if wanted is None:
        return _problem(406, "Ta naslov ponuja / this address offers: " + ", ".join(offered))
    response = catalog(offered[wanted])
    response.vary.add("Accept")
    return response


@kranj_feed.route("/catalog.<name>")
def catalog(name: str) -> Response:
    """One page of the catalogue."""
    if name not in FORMATS:
        return _unknown_format()
    asked = request.args.get("page", "1")
    if not _PAGE_NUMBER.fullmatch(asked):
        return _problem(400, "Stran mora biti celo število od 1 naprej. / The page must be a whole number from 1 on.")

    def render() -> bytes | None:
        settings = feed_config()
        try:
            page = read_page(int(asked), settings.page_size, f"{settings.site_url}/catalog.{name}", settings.publisher)
        except PageNotFoundError:
            return None
        return catalogue_page(page.content, settings, page.paging, name)

    return _answer(render, name, "Te strani ni: katalog se konča prej. / No such page: the catalogue ends before it.")


@kranj_feed.route("/dataset/<identifier>.<name>")
def dataset(identifier: str, name: str) -> Response:
    """The description of one public dataset."""
    if name not in FORMATS:
        return _unknown_format()

    def render() -> bytes | None:
        content = read_dataset(identifier) if _IDENTIFIER.fullmatch(identifier) else None
        return dataset_document(content, feed_config(), name) if content else None

    return _answer(render, name, "Ni take javne zbirke. / No such public dataset.")


def _answer(render: Callable[[], bytes | None], name: str, missing: str) -> Response:
    """Render and wrap; whatever goes wrong is a 503, never a 500 and never a shorter 200 (requirement R15)."""
    try:
        body = render()
    except Exception:
        log.exception("the feed cannot be read")
        response = _problem(503, "Katalog trenutno ni berljiv. / The catalogue cannot be read at the moment.")
        response.headers["Retry-After"] = str(_RETRY_AFTER)
        return response
    if body is None:
        return _problem(404, missing)
    etag = hashlib.sha256(body).hexdigest()[:32]
    compressed = request.accept_encodings["gzip"] > 0
    if compressed:
        # mtime=0: equal state, equal bytes; a coding of its own has a validator of its own
        body, etag = gzip.compress(body, compresslevel=6, mtime=0), f"{etag}-gzip"
    # exactly the type, without charset: older piveau compares the whole string
    response = FeedResponse(body, content_type=FORMATS[name].content_type)
    if compressed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(etag)
    return response.make_conditional(request)


def _unknown_format() -> Response:
    return _problem(404, f"Takega zapisa ni. / No such format. {', '.join(FORMATS)}")


def _problem(status: int, message: str) -> Response:
    return FeedResponse(message + "\n", status=status, content_type="text/plain; charset=utf-8")
