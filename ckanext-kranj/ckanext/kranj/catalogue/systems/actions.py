"""What the register tells over the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model

from ckanext.kranj.access.auth import may_read, user_of
from ckanext.kranj.access.labels import is_data_office, memberships
from ckanext.kranj.catalogue.systems import entries, judgement
from ckanext.kranj.language import in_language, language


def _today() -> Any:
    return datetime.now(tz=UTC).date()


@tk.side_effect_free
def kranj_system_scorecard(context: dict[str, Any], _data_dict: dict[str, Any]) -> dict[str, Any]:
    """How free the city is to leave each system and supplier; systems that the caller sees.

    Returns:
        As ``judgement.scorecard``; datasets are counted as far as the caller sees where they lie.
    """
    tk.check_access("kranj_system_scorecard", context, {})
    return judgement.scorecard(entries.register(context)[0], _today())


@tk.side_effect_free
def kranj_system_findings(context: dict[str, Any], _data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """What is wrong with systems and with where datasets say they lie.

    Members see what concerns systems and datasets of their organisations, the data office everything.

    Returns:
        ``[{"system", "title", "dataset", "dataset_title", "location", "code", "message", "remedy"}]``; ``location`` is
        what the dataset calls the system it lies in.
    """
    tk.check_access("kranj_system_findings", context, {})
    # A system is without datasets only when nobody's lies in it: judged over all, told of one's own.
    systems, unknown = entries.register({"ignore_auth": True, "user": context.get("user")})
    user = user_of(context)
    everything = context.get("ignore_auth") or authz.is_sysadmin(context.get("user")) or is_data_office(user)
    mine = {identifier for identifier, _, _ in memberships(user.id)} if user is not None else set()
    lang = language()
    return [
        {
            "system": found.system.name if found.system else None,
            "title": found.system.title if found.system else None,
            "dataset": found.dataset.name if found.dataset else None,
            "dataset_title": found.dataset.title if found.dataset else None,
            "location": found.dataset.system if found.dataset else None,
            "code": found.problem.code,
            "message": found.problem.text(lang),
            "remedy": found.problem.remedy(lang),
        }
        for found in judgement.findings(systems, unknown, _today())
        if everything or ((found.dataset or found.system).owner_org in mine and _known(context, found.dataset))
    ]


def _known(context: dict[str, Any], dataset: Any) -> bool:
    """Whether the caller may know of the dataset of a finding: of his organisation, and still perhaps not for him."""
    return dataset is None or may_read(context, model.Package.get(dataset.id))


def entry_of(context: dict[str, Any], system_id: str) -> dict[str, Any] | None:
    """One entry for its page: points, criteria with whether they are met, the datasets that the caller may know of."""
    system = next((system for system in entries.register(context)[0] if system.id == system_id), None)
    if system is None:
        return None
    (row,) = judgement.scorecard([system], _today())["systems"]
    criteria = [{"met": code in row["met"], "text": in_language(sl, en)} for code, sl, en, _ in judgement.CRITERIA]
    return {"points": row["points"], "of": len(criteria), "criteria": criteria, "datasets": system.datasets}


def may_read_register(context: dict[str, Any], _data_dict: dict[str, Any]) -> dict[str, Any]:
    """Whoever is a member of an organisation; what each sees of it is decided entry by entry."""
    user = user_of(context)
    allowed = user is not None and bool(memberships(user.id))
    return {"success": allowed, "msg": tk._("Not authorized")}
