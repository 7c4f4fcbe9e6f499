"""What a steward does on the page of a source: run, stop, pause, quiet hours, decide; progress and reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.harvest.logic import HarvestJobExists, HarvestSourceInactiveError
from ckanext.kranj.harvest import decisions, reports, words

blueprint = Blueprint("kranj_harvest_run", __name__, url_prefix="/harvest")


def _context() -> dict[str, Any]:
    return {"user": tk.current_user.name, "model": model, "session": model.Session}


def _run(source: Any) -> None:
    tk.get_action("harvest_job_create")(_context(), {"source_id": source.id, "run": True})
    _say("Prevzem se bo začel v nekaj sekundah.", "The run starts within seconds.")


def _cancel(source: Any) -> None:
    tk.get_action("harvest_job_abort")(_context(), {"source_id": source.id})
    _say("Prevzem se bo ustavil po tekočem svežnju.", "The run stops after the batch that it is at.")


def _pause(source: Any) -> None:
    decisions.pause(source.id, tk.current_user.name, on=True)
    _say("Vir je začasno ustavljen; urnik ga ne bo prevzemal.", "The source is paused; the schedule leaves it alone.")


def _resume(source: Any) -> None:
    decisions.pause(source.id, tk.current_user.name, on=False)
    _say("Vir se spet prevzema po urniku.", "The source is harvested by the schedule again.")


def _quiet(source: Any) -> None:
    given = {"source": source.id, "hours": tk.request.form.get("hours", "")}
    tk.get_action("kranj_harvest_quiet_hours")(_context(), given)
    _say("Mirne ure so shranjene.", "The quiet hours are saved.")


DO: dict[str, Callable[[Any], None]] = {
    "run": _run,
    "cancel": _cancel,
    "pause": _pause,
    "resume": _resume,
    "quiet": _quiet,
}


def _say(sl: str, en: str) -> None:
    tk.h.flash_success(tk.h.kranj_text(sl, en))


@blueprint.route("/do/<id>", methods=["POST"])
def do(id: str) -> Any:  # noqa: A002 as in the other addresses of sources
    """One button of the page of a source."""
    source, what = model.Package.get(id), DO.get(tk.request.form.get("do", ""))
    try:
        tk.check_access("harvest_source_update", _context(), {"id": id})
        if source is None or what is None:
            return tk.abort(404)
        what(source)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return tk.abort(404)
    except HarvestJobExists:
        _say("Prevzem tega vira že čaka ali teče.", "A run of this source waits or goes on already.")
    except HarvestSourceInactiveError:
        tk.h.flash_error(tk.h.kranj_text("Vir je izklopljen.", "The source is switched off."))
    except tk.ValidationError as error:
        for messages in error.error_dict.values():
            tk.h.flash_error(" ".join(words.of_message(item) for item in messages))
    return tk.redirect_to("harvester.admin", id=source.name)


@blueprint.route("/progress/<id>")
def progress(id: str) -> Any:  # noqa: A002 as in the other addresses of sources
    """How far a run is, for the script of the page: data, and the part of the page that shows it."""
    try:
        found = tk.get_action("kranj_harvest_progress")(_context(), {"source": id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return tk.abort(404)
    shown = tk.render("kranj_harvest/progress.html", {"progress": found, "source_name": id})
    answer = jsonify({**found, "html": shown})
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.route("/report/<id>.<ending>")
def report(id: str, ending: str) -> Any:  # noqa: A002 as in the other addresses of sources
    """The report of a run as a file."""
    if ending not in {"csv", "json"}:
        return tk.abort(404)
    try:
        found = tk.get_action("kranj_harvest_report")(_context(), {"id": id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return tk.abort(404)
    body = reports.as_csv(found) if ending == "csv" else json.dumps(found, ensure_ascii=False, indent=1)
    kind = {"csv": "text/csv", "json": "application/json"}[ending]
    name = f"{found['source']}-{(found['started'] or '')[:10]}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(body, content_type=f"{kind}; charset=utf-8", headers=headers)
