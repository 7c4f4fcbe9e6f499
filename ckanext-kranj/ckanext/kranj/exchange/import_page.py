"""``/standard/uvoz``: a table is sent, compared, looked at, stored, and put back where it was wrong.

Reading, storing and undoing are jobs of CKAN; the pages only tell how far they are, also without JavaScript.
"""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk

from ckanext.kranj.exchange import statutory
from ckanext.kranj.exchange.result import ACTIONS, STATES, lines, word
from ckanext.kranj.exchange.views import download
from ckanext.kranj.language import in_language

from schemas.exchange import columns
from schemas.exchange.reading import LARGEST

blueprint = Blueprint("kranj_import", __name__, url_prefix="/standard/uvoz")

PAGE = 50
STEPS = {"apply": "kranj_batch_apply", "undo": "kranj_batch_undo"}


@blueprint.route("", methods=["GET", "POST"])
def index() -> Any:
    """Send a table; below it those that were sent before."""
    problem = ""
    if tk.request.method == "POST":
        upload = tk.request.files.get("file")
        if upload is not None and upload.filename:
            sent = {"name": upload.filename, "content": io.BytesIO(upload.stream.read(LARGEST + 1)), "job": True}
            return tk.redirect_to("kranj_import.show", batch_id=_asked("kranj_batch_create", **sent)["id"])
        problem = in_language("Izberite datoteko XLSX ali CSV.", "Choose an XLSX or CSV file.")
    return tk.render(
        "kranj_exchange/imports.html", {"batches": _asked("kranj_batch_list"), "problem": problem, "states": BATCHES}
    )


BATCHES = {
    "planning": ("preglednica se primerja s katalogom", "the table is being compared with the catalogue"),
    "planned": ("čaka na vašo potrditev; nič še ni spremenjeno", "waits for your consent; nothing has changed yet"),
    "applying": ("spremembe se shranjujejo", "the changes are being stored"),
    "applied": ("spremembe so shranjene", "the changes are stored"),
    "undoing": ("spremembe se razveljavljajo", "the changes are being undone"),
    "undone": ("spremembe so razveljavljene", "the changes are undone"),
}


@blueprint.route("/<batch_id>")
def show(batch_id: str) -> Any:
    """What a table would change or changed, row by row and field by field."""
    action = tk.request.args.get("action", "")
    page = max(tk.h.get_page_number(tk.request.args), 1)
    batch = _asked("kranj_batch_show", id=batch_id, action=action, limit=PAGE, offset=(page - 1) * PAGE)
    counts = {**batch["rows"], **({"failed": batch["progress"]["failed"]} if batch["progress"].get("failed") else {})}
    total = counts.get(action, 0) if action else sum(batch["rows"].values())
    todo = sum(count for state, count in batch["progress"].items())
    left = batch["progress"].get("done" if batch["state"] == "undoing" else "planned", 0)
    return tk.render(
        "kranj_exchange/import.html",
        {
            "batch": batch, "counts": counts, "action": action, "page": page, "pages": -(-total // PAGE),
            "busy": batch["state"] in ("planning", "applying", "undoing"), "todo": todo, "finished": todo - left,
            "labels": _labels(), "word": word, "actions": {**ACTIONS, "failed": STATES["failed"]}, "states": STATES,
            "told": word(BATCHES, batch["state"]),
        },
    )  # fmt: skip


@blueprint.route("/<batch_id>", methods=["POST"])
def step(batch_id: str) -> Any:
    """Start the job that stores or undoes; a job that was stopped goes on."""
    name = STEPS.get(tk.request.form.get("step", ""))
    if name is None:
        return tk.abort(400)
    try:
        _asked(name, id=batch_id)
    except tk.ValidationError:
        tk.h.flash_error(in_language("Stanje uvoza se je medtem spremenilo.", "The import has moved on meanwhile."))
    return tk.redirect_to("kranj_import.show", batch_id=batch_id)


@blueprint.route("/<batch_id>/rezultat.<ending>")
def result(batch_id: str, ending: str) -> Response:
    """The per-row result as a file."""
    if ending not in ("csv", "xlsx"):
        return tk.abort(404)
    table = lines(_asked("kranj_batch_show", id=batch_id)["result"])
    return download(f"uvoz.{ending}", statutory.as_csv(table) if ending == "csv" else statutory.as_xlsx(table))


def _asked(action: str, /, **data: Any) -> Any:
    """An action by the rights of the visitor; what is not his does not exist."""
    try:
        return tk.get_action(action)({}, data)
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404)


def _labels() -> dict[str, str]:
    """What people read instead of the name of a column."""
    lang = in_language("sl", "en")
    return {column.name: column.field.label[lang] for sheet in ("resource", "dataset") for column in columns(sheet)}
