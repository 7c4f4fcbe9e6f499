"""Who may see harvest sources, jobs, objects and logs: those who may edit the source. Stock lets anybody in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model

from ckanext.harvest.model import HarvestJob, HarvestObject
from ckanext.kranj.access.auth import user_of
from ckanext.kranj.access.labels import is_data_office

Auth = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
Answer = dict[str, Any]


def _answer(allowed: bool) -> Answer:
    return {"success": allowed, "msg": tk._("Not authorized")}


def _sees_harvesting(context: dict[str, Any]) -> bool:
    """Sysadmins, the data office, and editors of some organisation."""
    user = user_of(context)
    if user is None:
        return False
    if user.sysadmin or is_data_office(user):
        return True
    return bool(authz.has_user_permission_for_some_org(user.name, "create_dataset"))


def _edits(context: dict[str, Any], source_id: str | None) -> bool:
    user = user_of(context)
    if user is None or not source_id:
        return False
    asked = {"user": user.name, "model": model}
    try:
        return bool(tk.check_access("harvest_source_update", asked, {"id": source_id}))
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False


def _is_sysadmin(context: dict[str, Any]) -> bool:
    user = user_of(context)
    return user is not None and bool(user.sysadmin)


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def harvest_source_show(next_auth: Auth, context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
    """Those who may see the source's package."""
    if user_of(context) is None:
        return _answer(False)
    return next_auth(context, data_dict)


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def harvest_source_show_status(next_auth: Auth, context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
    """As the source itself."""
    if user_of(context) is None:
        return _answer(False)
    return next_auth(context, data_dict)


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def harvest_source_list(_next_auth: Auth, context: dict[str, Any], _data_dict: dict[str, Any]) -> Answer:
    """Those who work with sources."""
    return _answer(_sees_harvesting(context))


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def harvesters_info_show(_next_auth: Auth, context: dict[str, Any], _data_dict: dict[str, Any]) -> Answer:
    """Those who work with sources."""
    return _answer(_sees_harvesting(context))


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def harvest_job_list(_next_auth: Auth, context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
    """Editors of the source; all jobs of all sources: sysadmins (stock answers 500, H6)."""
    source_id = (data_dict or {}).get("source_id")
    return _answer(_edits(context, source_id) if source_id else _is_sysadmin(context))


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def harvest_job_show(_next_auth: Auth, context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
    """Editors of the job's source."""
    job = HarvestJob.get((data_dict or {}).get("id"))
    return _answer(job is not None and _edits(context, job.source_id))


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def harvest_object_show(_next_auth: Auth, context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
    """Editors of the object's source; stock shows everybody what was read."""
    given = data_dict or {}
    if given.get("id"):
        # Stock looks objects up by any column the caller names; nobody needs that.
        found = HarvestObject.get(given["id"]) if given.get("attr") in (None, "id") else None
    else:
        package = model.Package.get(given.get("dataset_id") or "")
        found = HarvestObject.filter(package_id=package.id, current=True).first() if package else None
    return _answer(found is not None and _edits(context, found.harvest_source_id))


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def harvest_object_list(_next_auth: Auth, context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
    """Editors of the source; all objects: sysadmins."""
    source_id = (data_dict or {}).get("source_id")
    return _answer(_edits(context, source_id) if source_id else _is_sysadmin(context))


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def harvest_log_list(_next_auth: Auth, context: dict[str, Any], _data_dict: dict[str, Any]) -> Answer:
    """Sysadmins; in stock the action itself is registered as its auth function, so that nobody is refused."""
    return _answer(_is_sysadmin(context))


@tk.auth_allow_anonymous_access
def kranj_harvest_gallery(context: dict[str, Any], _data_dict: dict[str, Any]) -> Answer:
    """Those who work with sources."""
    return _answer(_sees_harvesting(context))


@tk.auth_allow_anonymous_access
def kranj_harvest_check(context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
    """Who edits the source; of a new one, who may create it in its organisation."""
    user, given = user_of(context), data_dict or {}
    if user is None:
        return _answer(False)
    if given.get("id"):
        return _answer(_edits(context, given["id"]))
    owner = model.Group.get(given.get("owner_org") or "")
    may = owner is not None and authz.has_user_permission_for_group_or_org(owner.id, user.name, "create_dataset")
    return _answer(bool(may))


@tk.auth_allow_anonymous_access
def kranj_harvest_progress(context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
    """Who edits the source."""
    return _answer(_edits(context, (data_dict or {}).get("source")))


@tk.auth_allow_anonymous_access
def kranj_harvest_preview(context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
    """Who edits the source."""
    return _answer(_edits(context, (data_dict or {}).get("source")))


@tk.auth_allow_anonymous_access
def kranj_harvest_health(context: dict[str, Any], _data_dict: dict[str, Any]) -> Answer:
    """Those who work with sources; each of his own."""
    return _answer(_sees_harvesting(context))


@tk.auth_allow_anonymous_access
def kranj_harvest_digest(context: dict[str, Any], _data_dict: dict[str, Any]) -> Answer:
    """Those who work with sources; each his own."""
    return _answer(_sees_harvesting(context))


@tk.auth_allow_anonymous_access
def kranj_harvest_quiet_hours(context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
    """Who edits the source."""
    return _answer(_edits(context, (data_dict or {}).get("source")))


@tk.auth_allow_anonymous_access
def kranj_harvest_report(context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
    """Editors of the job's source."""
    job = HarvestJob.get((data_dict or {}).get("id"))
    return _answer(job is not None and _edits(context, job.source_id))


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def harvest_job_abort(_next_auth: Auth, context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
    """Who edits the source may stop its run; in stock only administrators may, though editors start it."""
    given = data_dict or {}
    named = given.get("source_id") or given.get("id")
    job = HarvestJob.get(named) if named else None
    return _answer(_edits(context, job.source_id if job is not None else named))
