"""Fields whose word is a steward's, and proposals, as actions: whoever edits the dataset decides."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.kranj.audit import record, sealer
from ckanext.kranj.harvest import answers, decisions
from ckanext.kranj.harvest.logic.asked import Context, Data, choice_of, dataset_of, knows_inside, who


@tk.side_effect_free
def kranj_harvest_value_list(context: Context, data_dict: Data) -> list[dict[str, Any]]:
    """Fields of a dataset that a steward wrote over, beside what the source says.

    Args:
        context: of CKAN.
        data_dict: ``{"id": dataset}``.

    Returns:
        ``[{"field", "value", "source_value", "differs", "seen"}]``.
    """
    package = dataset_of(context, data_dict, "kranj_harvest_value_list")
    found = _told(context, package.id)
    if found and not context.get("ignore_auth") and any(item["field"].startswith("internal.") for item in found):
        record.read(context, package.id, "internal")
    return found


def kranj_harvest_value_decide(context: Context, data_dict: Data) -> list[dict[str, Any]]:
    """Take the source's value of a field (it is the source's again), or keep one's own (until the source says another).

    Args:
        context: of CKAN.
        data_dict: ``{"id": dataset, "field", "decision": source | keep}``.

    Returns:
        As kranj_harvest_value_list.

    Raises:
        tk.ObjectNotFound: that field is not a steward's.
        tk.ValidationError: the standard does not take the source's value; nothing was changed.
    """
    package = dataset_of(context, data_dict, "kranj_harvest_value_decide")
    accept = choice_of(data_dict, {"source": True, "keep": False})
    field, told = str(tk.get_or_bust(data_dict, "field")), _told(context, package.id)
    if not any(item["field"] == field for item in told):
        raise tk.ObjectNotFound
    if not answers.decide_value(package.id, field, who(context), accept=accept):
        raise tk.ObjectNotFound
    sealer.poke()
    return _told(context, package.id)


def _told(context: Context, package_id: str) -> list[dict[str, Any]]:
    """Fields with a steward's word; those of the internal block to whoever may read that (a collaborator may not)."""
    found = answers.values_of(package_id)
    inside = [item for item in found if item["field"].startswith("internal.")]
    return found if not inside or knows_inside(context, package_id) else [item for item in found if item not in inside]


@tk.side_effect_free
def kranj_harvest_proposal_list(context: Context, data_dict: Data) -> list[dict[str, Any]]:
    """What is proposed for a dataset where its source is silent, and nobody has decided yet.

    Args:
        context: of CKAN.
        data_dict: ``{"id": dataset}``.

    Returns:
        ``[{"field", "value", "confidence", …}]``.
    """
    return decisions.proposals_of(dataset_of(context, data_dict, "kranj_harvest_proposal_list").id)


def kranj_harvest_proposal_decide(context: Context, data_dict: Data) -> list[dict[str, Any]]:
    """Accept or refuse a proposal; the answer is remembered and wins over the source.

    Args:
        context: of CKAN.
        data_dict: ``{"id": dataset, "field", "value", "decision": accept | reject}``.

    Returns:
        As kranj_harvest_proposal_list.

    Raises:
        tk.ObjectNotFound: there is no such proposal.
        tk.ValidationError: the standard does not take the value as the dataset stands; nothing is remembered.
    """
    package = dataset_of(context, data_dict, "kranj_harvest_proposal_decide")
    accept = choice_of(data_dict, {"accept": True, "reject": False})
    field, value = str(tk.get_or_bust(data_dict, "field")), str(tk.get_or_bust(data_dict, "value"))
    if not decisions.decide_proposal(package.id, field, value, who(context), accepted=accept):
        raise tk.ObjectNotFound
    sealer.poke()
    return decisions.proposals_of(package.id)
