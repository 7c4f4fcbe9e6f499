"""Running a source, as actions: how far it is, its report, its quiet hours; who asked and who stopped is noted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.harvest.model import HarvestJob
from ckanext.kranj.access import existence
from ckanext.kranj.access.auth import user_of
from ckanext.kranj.harvest import (
    difference,
    digest,
    events,
    health,
    jobs,
    progress,
    reports,
    schedule,
    sources,
    state,
    words,
)

from harvesters.errors import HarvestError, WrongSetting

Action = Callable[[dict[str, Any], dict[str, Any]], Any]


def _source(context: dict[str, Any], data_dict: dict[str, Any], action: str) -> Any:
    """The source that is named, after the check; a hidden one does not exist for the caller."""
    given = tk.get_or_bust(data_dict, "source")
    existence.demand_visible(context, model.Package.get, given)
    package = model.Package.get(given) if isinstance(given, str) else None
    if package is None or package.type != "harvest" or package.state != "active":
        raise tk.ObjectNotFound
    tk.check_access(action, context, {"source": package.id})
    return package


def _who(context: dict[str, Any]) -> str:
    user = user_of(context)
    return user.name if user is not None else str(context.get("user") or "portal")


@tk.side_effect_free
def kranj_harvest_progress(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """What a source is doing now: counts, rate, time left, next run.

    Args:
        context: of CKAN.
        data_dict: ``{"source"}``.

    Returns:
        ``{"phase", "job", "counts", "read", "expected", "rate", "seconds", "left", "next_run", "paused_at", …}``.
    """
    return progress.of_source(_source(context, data_dict, "kranj_harvest_progress").id)


@tk.side_effect_free
def kranj_harvest_report(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """The report of a run: counts, records that changed or failed with their problems, what to ask the supplier.

    Args:
        context: of CKAN.
        data_dict: ``{"id": job}``.

    Returns:
        ``{"counts", "records", "groups", "reason", "missing", "renames", "waits", …}``; a record whose dataset the
        caller may not see is counted in ``hidden`` and not named.
    """
    tk.check_access("kranj_harvest_report", context, data_dict)
    job = HarvestJob.get(tk.get_or_bust(data_dict, "id"))
    if job is None:
        raise tk.ObjectNotFound
    return reports.of_job(job, context)


@tk.side_effect_free
def kranj_harvest_preview(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """What a run would change, field by field, with the source's value beside the catalogue's; nothing is written.

    Args:
        context: of CKAN.
        data_dict: ``{"source"}``.

    Returns:
        ``{"complete", "counts", "records": [{"guid", "title", "action", "fields", "problems"}], "missing", …}``.

    Raises:
        tk.ValidationError: the settings of the source are wrong.
    """
    source = _source(context, data_dict, "kranj_harvest_preview")
    try:
        return difference.of(sources.find(source.id), context)
    except HarvestError as error:
        raise words.refused(error) from error


@tk.side_effect_free
def kranj_harvest_health(context: dict[str, Any], data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """How the sources are doing that the caller may edit, the worst first; the number of questions is constant.

    Args:
        context: of CKAN.
        data_dict: nothing.

    Returns:
        ``[{"name", "title", "owner", "state", "sentence", "last_run", "last_success", "next_run", "line"}]``.
    """
    tk.check_access("kranj_harvest_health", context, data_dict)
    user = user_of(context)
    found = health.rows(None if context.get("ignore_auth") or (user and user.sysadmin) else _edited_by(user))
    return sorted(found, key=lambda row: (health.STATES.index(row["state"]), row["title"].casefold()))


@tk.side_effect_free
def kranj_harvest_digest(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """What the daily e-mail tells the caller: sources that need attention, brought or refused something.

    Args:
        context: of CKAN.
        data_dict: nothing.

    Returns:
        ``{"sources": [{"name", "title", "state", "sentence", "counts"}], "text"}``.
    """
    tk.check_access("kranj_harvest_digest", context, data_dict)
    name = _who(context)
    mine = next((item for item in digest.digests() if item["user"] == name), {"sources": []})
    return {"sources": mine["sources"], "text": digest.text(mine) if mine["sources"] else ""}


def _edited_by(user: Any) -> list[str]:
    """Ids of the sources in organisations where a user edits."""
    owners = [
        organization["id"]
        for organization in tk.get_action("organization_list_for_user")(
            {"user": user.name}, {"permission": "update_dataset"}
        )
    ]
    asked = model.Session.query(model.Package.id).filter(
        model.Package.type == "harvest", model.Package.owner_org.in_(owners)
    )
    return [identifier for (identifier,) in asked]


def kranj_harvest_quiet_hours(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Set the hours in which the schedule does not start a source.

    Args:
        context: of CKAN.
        data_dict: ``{"source", "hours": HH-HH, or empty}``.

    Returns:
        ``{"source", "hours"}``.

    Raises:
        tk.ValidationError: the hours are not of that form.
    """
    source = _source(context, data_dict, "kranj_harvest_quiet_hours")
    hours = str(data_dict.get("hours") or "").strip()
    if hours:
        try:
            schedule.hours_of(hours)
        except WrongSetting as error:
            text = tk.h.kranj_text("Ure napišite kot 07-18.", "Write the hours as 07-18.")
            raise tk.ValidationError({"hours": [text]}) from error
    state.of(source.id).quiet_hours = hours
    events.note(source.id, _who(context), "quiet-hours", hours=hours)
    model.Session.commit()
    return {"source": source.name, "hours": hours}


@tk.chained_action
def harvest_job_create(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Note who asked for the run."""
    made = next_action(context, data_dict)
    events.note(made["source_id"], _who(context), "asked", job=made["id"])
    model.Session.commit()
    return made


@tk.chained_action
def harvest_job_abort(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Note who stopped the run; a job that had not begun is over at once, one that runs ends after its batch."""
    done = next_action(context, data_dict)
    job = HarvestJob.get(done["id"])
    if job is not None and not jobs.is_locked(job.source_id):
        jobs.close_cancelled(job.id)
    events.note(done["source_id"], _who(context), "cancelled", job=done["id"])
    model.Session.commit()
    return done
