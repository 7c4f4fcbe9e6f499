"""Logs that tell nothing of descriptions: a line for each request by its route, errors of the database without values.

CKAN's own line names the path, and so the title of a dataset; PostgreSQL's details hold the row that it refused.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

from flask import Blueprint, Response, g, request

log = logging.getLogger(__name__)

blueprint = Blueprint("kranj_log", __name__)


class Plain(logging.Formatter):
    """The format of the product's log (deployment/settings.ini)."""

    def format(self, record: logging.LogRecord) -> str:
        """One entry, its traceback included, without what PostgreSQL says of the values."""
        text = super().format(record)
        said = record.args if isinstance(record.args, tuple) else ()
        raised = [*(record.exc_info or ()), *said]
        for detail in {detail for error in raised if isinstance(error, BaseException) for detail in _details(error)}:
            text = text.replace(detail, "(not logged)")
        return text


def _details(error: BaseException | None) -> Iterator[str]:
    """The details of an error of the database and of all errors behind it."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        found = waiting.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        waiting += [found.__cause__, found.__context__, getattr(found, "orig", None)]
        diag = getattr(found, "diag", None)
        for text in (getattr(diag, "message_detail", None), getattr(diag, "context", None)):
            if text:
                yield text


@blueprint.before_app_request
def begin() -> None:
    """Look at the clock."""
    g.kranj_begun = time.perf_counter()


@blueprint.after_app_request
def tell(response: Response) -> Response:
    """Status, method, route and time; of the API also which action."""
    action = (request.view_args or {}).get("logic_function", "") if request.endpoint == "api.action" else ""
    # A name that is no action is the caller's text, not ours.
    shown = f" {action}" if action.isidentifier() and len(action) < 60 else ""  # noqa: PLR2004
    taken = time.perf_counter() - g.get("kranj_begun", time.perf_counter())
    log.info("%s %s %s%s %.3f s", response.status_code, request.method, request.endpoint or "-", shown, taken)
    return response
