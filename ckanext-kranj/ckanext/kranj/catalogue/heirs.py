"""A changed default of an organisation reaches the datasets that inherit it.

What is inherited is stored with the dataset (so that search, feed and internal block hold it), with the note
``value_origin: default``. When the defaults change, a job saves the heirs anew: only values with that note which are
what the former defaults gave; what somebody typed, what a source said and the level of a description stay. What the
job has yet to do stands in CKAN's ``task_status``, so that a job that was lost or killed is taken up again
(``ckan kranj heirs``).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.audit import record
from ckanext.kranj.catalogue import organizations, stored
from ckanext.kranj.catalogue.describe import error_dict
from ckanext.kranj.catalogue.inherited import ALWAYS_ASKED
from ckanext.kranj.catalogue.origins import ORIGIN
from ckanext.kranj.database.alone import alone
from ckanext.kranj.language import title_of

from schemas import complete, dataset_fields, inherit_internal

log = logging.getLogger(__name__)

TASK = "kranj_heirs"
STAYS = ALWAYS_ASKED | {"issued"}
"""Never follows a default: a steward decides who may see a description, and ``issued`` is the day of the first save."""
LONGEST = 6 * 60 * 60
"""Seconds that a job may take."""
SAID_FOR = timedelta(days=1)
"""How long the page of the organisation says that all is done."""
STEP = 20
"""Datasets after which the progress is written down."""

_FIELDS = tuple(item.name for item in dataset_fields() if item.name not in STAYS)


@dataclass
class Progress:
    """How far the datasets of an organisation have followed its defaults."""

    former: list[dict[str, Any]] = field(default_factory=list)
    """Defaults that heirs may still hold; empty when all is done."""
    user: str = ""
    looked_at: int = 0
    renewed: int = 0
    kept: list[dict[str, Any]] = field(default_factory=list)
    """Earlier defaults that the refused datasets still hold: at the next change they follow, too."""
    refused: dict[str, str] = field(default_factory=dict)
    """Id of a dataset that the new value does not fit -> why; it keeps the former one."""

    def as_dict(self) -> dict[str, Any]:
        """For the answer of ``kranj_heirs_show``."""
        state = "waiting" if self.former else "done"
        return {"state": state, "looked_at": self.looked_at, "renewed": self.renewed, "refused": self.refused}


def _row(organization_id: str) -> model.TaskStatus | None:
    found = model.Session.query(model.TaskStatus).filter_by(entity_id=organization_id, task_type=TASK)
    row: model.TaskStatus | None = found.populate_existing().first()
    return row


def progress_of(organization_id: str) -> Progress | None:
    """How far it is; None when the defaults never changed."""
    row = _row(organization_id)
    return Progress(**json.loads(row.value)) if row is not None else None


def _note(organization_id: str, change: Callable[[Progress], None]) -> Progress:
    """Change what is written down of an organisation, one writer at a time; commits."""
    alone(TASK, organization_id)
    row = _row(organization_id)
    if row is None:
        row = model.TaskStatus(
            entity_id=organization_id, entity_type="organization", task_type=TASK, key="defaults", value="{}"
        )
        model.Session.add(row)
    progress = Progress(**json.loads(row.value))
    change(progress)
    row.value = json.dumps(vars(progress), ensure_ascii=False)
    row.state, row.last_updated = progress.as_dict()["state"], datetime.now(tz=UTC).replace(tzinfo=None)
    model.Session.commit()
    return progress


@tk.chained_action
def organization_update(
    next_action: Callable[..., Any], context: dict[str, Any], data_dict: dict[str, Any]
) -> dict[str, Any]:
    """CKAN's organization_update; when the defaults changed, a job saves the datasets that inherit them.

    Raises:
        tk.ValidationError: the change would give the organisation rights (organizations.rights_problems).
    """
    before = organizations.find(data_dict.get("id"))
    if before is not None:
        tk.check_access("organization_update", context, {"id": before.id})
        if refused := list(organizations.rights_problems(context, before, data_dict)):
            raise tk.ValidationError(error_dict(refused))
    former = organizations.all_defaults_of(before) if before is not None else {}
    result: dict[str, Any] = next_action(context, data_dict)
    after = organizations.find(result["id"]) if isinstance(result, dict) else before
    if after is not None and before is not None and organizations.all_defaults_of(after) != former:
        wait_for(after.id, former, str(context.get("user") or ""))
    return result


def wait_for(organization_id: str, former: dict[str, Any], user: str) -> None:
    """Note that the datasets of an organisation have to follow, and start the job; without a queue the note stays."""

    def change(progress: Progress) -> None:
        progress.former = [*progress.former, former]
        progress.user, progress.looked_at, progress.renewed, progress.refused = user, 0, 0, {}

    _note(organization_id, change)
    try:
        tk.enqueue_job(work, [organization_id], title="kranj heirs", rq_kwargs={"timeout": LONGEST})
    except Exception:
        log.exception("the job that renews the datasets of %s cannot be queued; `ckan kranj heirs` does it", user)


def work(organization_id: str) -> dict[str, Any]:
    """Save every heir whose value is a former default anew; what is done is not done again.

    Returns:
        As ``Progress.as_dict``.
    """
    progress = progress_of(organization_id)
    if progress is None or not progress.former:
        return (progress or Progress()).as_dict()
    context = {"user": progress.user or _machine(), "ignore_auth": True}
    waited, seen, renewed, refused = len(progress.former), 0, 0, {}
    former = [*progress.kept, *progress.former]
    # Read to the end first: a save in between ends the transaction that the reading stands in.
    for identifier in [row["id"] for row in stored.descriptions([organization_id])]:
        try:
            renewed += _renew(context, identifier, former)
            model.Session.commit()
        except Exception as error:  # noqa: BLE001 whatever stops one dataset must not stop the next
            model.Session.rollback()
            refused[identifier] = str(getattr(error, "error_dict", None) or f"{type(error).__name__}: {error}")[:500]
        seen += 1
        if seen % STEP == 0:
            _note(organization_id, partial(_counted, seen=seen, renewed=renewed, refused=refused))

    def finish(found: Progress) -> None:
        _counted(found, seen=seen, renewed=renewed, refused=refused)
        found.former = found.former[waited:]  # what came in meanwhile waits for its own job
        found.kept = former if refused else []

    done = _note(organization_id, finish).as_dict()
    said = {"looked_at": seen, "renewed": renewed, "refused": sorted(refused)}
    record.note("change", "renew_heirs", "organization", organization_id, context=context, fields=said)
    return done


def _counted(progress: Progress, *, seen: int, renewed: int, refused: dict[str, str]) -> None:
    progress.looked_at, progress.renewed, progress.refused = seen, renewed, dict(refused)


def _machine() -> str:
    return str(tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"])


def _renew(context: dict[str, Any], identifier: str, former: list[dict[str, Any]]) -> bool:
    """Save one dataset anew when something of it follows; returns whether."""
    package = model.Package.get(identifier)
    owner = organizations.find(package.owner_org) if package is not None else None
    if owner is None or package.state == "deleted":
        return False
    shown = tk.get_action("package_show")(dict(context), {"id": identifier})
    block = tk.get_action("kranj_internal_show")(dict(context), {"id": identifier})["internal"]
    notes = {name for name, origin in (block.get(ORIGIN) or {}).items() if origin == "default"}
    now = organizations.all_defaults_of(owner)
    follow = _following(shown, notes, former, now)
    inner = _following_inside(block, shown, notes, former, now)
    if not follow and not inner:
        return False
    sent = {name: value for name, value in shown.items() if name not in follow}
    if "license_id" in follow:  # resources took theirs from the dataset
        took = shown["license_id"]
        sent["resources"] = [
            {name: value for name, value in item.items() if name != "license" or value != took}
            for item in shown["resources"]
        ]
    if inner:
        sent["internal"] = inner
    tk.get_action("package_update")(dict(context), sent)
    return True


def _following(
    shown: Mapping[str, Any], notes: set[str], former: list[dict[str, Any]], now: dict[str, Any]
) -> set[str]:
    """Fields that hold what a former default gave, where the present ones give something else."""
    noted = [name for name in _FIELDS if name in notes and name in shown]
    bare = {name: shown[name] for name in (*_FIELDS, *STAYS) if name in shown and name not in noted}
    given = complete(bare, now).dataset
    old = [complete(bare, one).dataset for one in former]
    return {
        name for name in noted if given.get(name) != shown[name] and any(one.get(name) == shown[name] for one in old)
    }


def _following_inside(
    block: Mapping[str, Any], shown: Mapping[str, Any], notes: set[str], former: list[dict[str, Any]],
    now: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """The same of the internal block: ``{field: None}``, which empties it, so that it is inherited again."""
    given = inherit_internal({}, shown, _inside(now)).dataset
    old = [inherit_internal({}, shown, _inside(one)).dataset for one in former]
    found: dict[str, Any] = {
        name: None
        for name in notes & block.keys()
        if given.get(name) != block[name] and any(one.get(name) == block[name] for one in old)
    }
    return found


def _inside(defaults: dict[str, Any]) -> dict[str, Any]:
    block = defaults.get(organizations.INTERNAL)
    return block if isinstance(block, dict) else {}


@tk.side_effect_free
def kranj_heirs_show(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """How far the datasets of an organisation have followed its changed defaults.

    Args:
        context: of CKAN.
        data_dict: ``{"id": id or name of the organisation}``.

    Returns:
        ``{"state": "waiting" | "done", "looked_at", "renewed", "refused": {id: why}}``.

    Raises:
        tk.ObjectNotFound: there is no such organisation.
        tk.NotAuthorized: the caller does not look after it.
    """
    owner = organizations.find(tk.get_or_bust(data_dict, "id"))
    if owner is None:
        raise tk.ObjectNotFound
    tk.check_access("organization_update", context, {"id": owner.id})
    return (progress_of(owner.id) or Progress()).as_dict()


def kranj_followed(organization_id: str) -> dict[str, Any] | None:
    """What the page of an organisation says of this to whoever looks after it; None when there is nothing to say.

    Returns:
        As kranj_heirs_show, ``refused`` as a list of ``{"name", "title"}`` of datasets that kept a former value.
    """
    row = _row(organization_id)
    if row is None or not tk.h.check_access("organization_update", {"id": organization_id}):
        return None
    found = Progress(**json.loads(row.value)).as_dict()
    over = found["state"] == "done" and datetime.now(tz=UTC).replace(tzinfo=None) - row.last_updated > SAID_FOR
    kept = [model.Package.get(identifier) for identifier in found["refused"]]
    refused = [{"name": one.name, "title": title_of(one)} for one in kept if one is not None and one.state == "active"]
    return {**found, "refused": refused} if refused or not over else None


def waiting() -> list[str]:
    """Organisations whose datasets have yet to follow."""
    rows = model.Session.query(model.TaskStatus).filter_by(task_type=TASK, state="waiting")
    return sorted(row.entity_id for row in rows)
