"""What people decide about harvesting, as actions: the same that ``ckan kranj harvest`` does, for pages and programs.

Every action names its source or its dataset; whoever may edit it may decide. All write who decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.harvest.model import HarvestSource
from ckanext.kranj.access import existence
from ckanext.kranj.access.auth import may_read, user_of
from ckanext.kranj.audit import actor, record, sealer
from ckanext.kranj.harvest import answers, decisions, health, overview, restoring, words
from ckanext.kranj.harvest.spec import PREFIX
from ckanext.kranj.language import language

Context = dict[str, Any]
Data = dict[str, Any]
MOST_RUNS = 200
LONGEST_REASON = 2000


def _source(context: Context, data_dict: Data, action: str) -> Any:
    """The source, after the check; a hidden one does not exist for the caller."""
    given = tk.get_or_bust(data_dict, "source")
    existence.demand_visible(context, model.Package.get, given)
    package = model.Package.get(given) if isinstance(given, str) else None
    row = HarvestSource.get(package.id) if package is not None and package.type == "harvest" else None
    if package is None or row is None or package.state != "active" or not row.type.startswith(PREFIX):
        raise tk.ObjectNotFound
    tk.check_access(action, context, {"source": package.id})
    return package


def _sources(context: Context, data_dict: Data, action: str) -> list[Any]:
    """The source that is named, or all that the caller may edit."""
    if data_dict.get("source"):
        return [_source(context, data_dict, action)]
    tk.check_access(action, context, {})
    asked = (
        model.Session.query(model.Package)
        .join(HarvestSource, HarvestSource.id == model.Package.id)
        .filter(model.Package.state == "active", HarvestSource.type.like(f"{PREFIX}%"))
        .order_by(model.Package.name)
    )
    return [item for item in asked.all() if _edits(context, item.id)]


def _edits(context: Context, source_id: str) -> bool:
    if context.get("ignore_auth"):
        return True
    asked = {"user": context.get("user", ""), "model": model}
    try:
        return bool(tk.check_access("harvest_source_update", asked, {"id": source_id}))
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False


def _dataset(context: Context, data_dict: Data, action: str) -> Any:
    given = tk.get_or_bust(data_dict, "id")
    existence.demand_visible(context, model.Package.get, given)
    package = model.Package.get(given) if isinstance(given, str) else None
    if package is None or package.type != "dataset":
        raise tk.ObjectNotFound
    tk.check_access(action, context, {"id": package.id})
    return package


def _who(context: Context) -> str:
    """The name of whoever decides, told to the transaction too."""
    user = user_of(context)
    actor.act_as(context)
    return user.name if user is not None else str(context.get("user") or "portal")


def _choice(data_dict: Data, choices: Mapping[str, bool]) -> bool:
    given = data_dict.get("decision")
    if given not in choices:
        raise tk.ValidationError({"decision": [f"[not-a-choice] {' | '.join(choices)}"]})
    return choices[given]


APPROVE = {"approve": True, "reject": False}


def _guids(data_dict: Data, *, needed: bool = True) -> list[str]:
    given = data_dict.get("guids")
    given = [given] if isinstance(given, str) and given else given
    fits = isinstance(given, list) and all(isinstance(item, str) for item in given)
    if (given in (None, []) and needed) or (given is not None and not fits):
        raise tk.ValidationError({"guids": ["[shape] a list of identifiers"]})
    return list(given or ())


def _said(finding: dict[str, Any]) -> dict[str, Any]:
    problem, lang = finding["problem"], language()
    if finding["kind"] == "proposal":  # people read labels; ``value`` and ``answer`` keep the code
        said = words.of_value(problem.path, finding["value"])
        problem = replace(problem, params={**problem.params, "value": said})
    texts = {"code": problem.code, "field": problem.path, "message": problem.text(lang), "remedy": problem.remedy(lang)}
    return {**{key: value for key, value in finding.items() if key != "problem"}, **texts}


@tk.side_effect_free
def kranj_harvest_finding_list(context: Context, data_dict: Data) -> list[dict[str, Any]]:
    """Everything that waits for a person, of one source or of all that the caller may edit.

    Args:
        context: of CKAN.
        data_dict: optionally ``source``, ``kind`` (one or a list of overview.KINDS), ``decided`` (also answered ones).

    Returns:
        ``[{"kind", "source", "guid", "datasets", "params", "code", "field", "message", "remedy", "answer", "decision",
        "reason", "decided_by", "decided_at"}]``; ``answer`` is ``{"action", "data", "choices"}``: call that action with
        ``data`` and one of ``choices`` as ``decision``.
    """
    found = _sources(context, data_dict, "kranj_harvest_finding_list")
    given = data_dict.get("kind") or list(overview.KINDS)
    kinds = [given] if isinstance(given, str) else given
    if not isinstance(kinds, list) or not set(map(str, kinds)) <= set(overview.KINDS):
        raise tk.ValidationError({"kind": [f"[not-a-choice] {' | '.join(overview.KINDS)}"]})
    decided = tk.asbool(data_dict.get("decided", False))
    listed = overview.findings(found, kinds, partial(may_read, context), decided=decided)
    if not context.get("ignore_auth"):
        inside = [item for item in listed if item["problem"].path.startswith("internal.")]
        for package_id in {item["datasets"][0]["id"] for item in inside}:
            record.read(context, package_id, "internal")
    return [_said(item) for item in listed]


def kranj_harvest_finding_decide(context: Context, data_dict: Data) -> dict[str, Any]:
    """Remember what a finding is: two datasets are ``different`` or the ``same``; a table or folder is ``not-ours``.

    Args:
        context: of CKAN.
        data_dict: ``{"source", "id", "other", "kind", "decision", "reason" (optional)}``, as the list gives them.

    Raises:
        tk.ObjectNotFound: there is no such finding.
    """
    source = _source(context, data_dict, "kranj_harvest_finding_decide")
    kind, decision = str(data_dict.get("kind") or ""), data_dict.get("decision")
    choices = {**dict.fromkeys(answers.PAIRS, answers.PAIR_ANSWERS)}
    choices |= dict.fromkeys(answers.UNCLAIMED, (answers.NOT_OURS,))
    if kind not in choices or decision not in choices[kind]:
        raise tk.ValidationError({"decision": [f"[not-a-choice] {' | '.join(choices.get(kind, choices))}"]})
    reason = str(data_dict.get("reason") or "").strip()
    if len(reason) > LONGEST_REASON:
        raise tk.ValidationError({"reason": [f"[too-long] {LONGEST_REASON}"]})
    one, other = str(tk.get_or_bust(data_dict, "id")), str(tk.get_or_bust(data_dict, "other"))
    listed = overview.findings([source], [kind], partial(may_read, context), decided=True)
    if not any({one, other} == {item["answer"]["data"]["id"], item["answer"]["data"]["other"]} for item in listed):
        raise tk.ObjectNotFound
    if not answers.decide_finding(one, other, kind, _who(context), answer=str(decision), reason=reason):
        raise tk.ObjectNotFound
    sealer.poke()
    return {"source": source.name, "id": one, "other": other, "kind": kind, "decision": decision}


def kranj_harvest_run_decide(context: Context, data_dict: Data) -> dict[str, Any]:
    """Answer everything that the last run of a source asks: its withdrawals and its renamed identifiers.

    Args:
        context: of CKAN.
        data_dict: ``{"source", "decision": approve | reject, "run" (optional: only if it is still that run)}``.

    Returns:
        ``{"source", "archived", "renamed"}``.

    Raises:
        tk.ValidationError: nothing waits, or another run does by now.
    """
    source = _source(context, data_dict, "kranj_harvest_run_decide")
    accept = _choice(data_dict, APPROVE)
    run = decisions.waiting(source.id)
    if run is None or data_dict.get("run") not in {None, run.id}:
        raise tk.ValidationError({"source": ["[nothing-waits]"]})
    done = decisions.decide(run, _who(context), accept=accept)
    sealer.poke()
    return {"source": source.name, **done}


def kranj_harvest_withdrawal_decide(context: Context, data_dict: Data) -> dict[str, Any]:
    """Archive records that the source no longer has without waiting, or keep them.

    Args:
        context: of CKAN.
        data_dict: ``{"source", "guids", "decision": approve | reject}``.

    Returns:
        ``{"source", "decided": number of records that were missing}``.
    """
    source = _source(context, data_dict, "kranj_harvest_withdrawal_decide")
    accept = _choice(data_dict, APPROVE)
    done = decisions.decide_withdrawals(source.id, _guids(data_dict), _who(context), accept=accept)
    sealer.poke()
    return {"source": source.name, "decided": done}


def kranj_harvest_restore(context: Context, data_dict: Data) -> dict[str, Any]:
    """Bring back what a source no longer has; by the steward's word no run withdraws it again until he lets it go.

    Args:
        context: of CKAN.
        data_dict: ``{"source", "guids", "decision": restore (without it, too) | let-go}``.

    Returns:
        ``{"source", "restored"}`` or ``{"source", "let_go"}``: number of records that this changed.
    """
    source = _source(context, data_dict, "kranj_harvest_restore")
    back = _choice({"decision": restoring.RESTORE, **data_dict}, {restoring.RESTORE: True, restoring.LET_GO: False})
    guids, who = _guids(data_dict), _who(context)
    if back:
        done = {"restored": restoring.restore(source.id, guids, who)}
    else:
        done = {"let_go": restoring.let_go(source.id, guids, who)}
    sealer.poke()
    return {"source": source.name, **done}


def kranj_harvest_rename_decide(context: Context, data_dict: Data) -> dict[str, Any]:
    """Say of renamed identifiers that they mean the known records, or that they are new ones.

    Args:
        context: of CKAN.
        data_dict: ``{"source", "guids": the new identifiers, "decision": approve | reject}``.

    Returns:
        ``{"source", "renamed"}``.

    Raises:
        tk.ValidationError: none of them waits.
    """
    source = _source(context, data_dict, "kranj_harvest_rename_decide")
    accept, guids = _choice(data_dict, APPROVE), _guids(data_dict)
    run = decisions.waiting(source.id)
    if run is None or not set(guids) & set(run.plan.get("renames", {})):
        raise tk.ValidationError({"guids": ["[nothing-waits]"]})
    done = decisions.decide(run, _who(context), accept=accept, renames=guids, missing=())
    sealer.poke()
    return {"source": source.name, "renamed": done["renamed"]}


def kranj_harvest_quarantine_release(context: Context, data_dict: Data) -> dict[str, Any]:
    """Let records that were set aside be tried once more in the next run.

    Args:
        context: of CKAN.
        data_dict: ``{"source", "guids" (optional: those only)}``.

    Returns:
        ``{"source", "released"}``.
    """
    source = _source(context, data_dict, "kranj_harvest_quarantine_release")
    guids = _guids(data_dict, needed=False)
    _who(context)
    return {"source": source.name, "released": answers.release_quarantined(source.id, guids)}


@tk.side_effect_free
def kranj_harvest_value_list(context: Context, data_dict: Data) -> list[dict[str, Any]]:
    """Fields of a dataset that a steward wrote over, beside what the source says.

    Args:
        context: of CKAN.
        data_dict: ``{"id": dataset}``.

    Returns:
        ``[{"field", "value", "source_value", "differs", "seen"}]``.
    """
    package = _dataset(context, data_dict, "kranj_harvest_value_list")
    found = answers.values_of(package.id)
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
    package = _dataset(context, data_dict, "kranj_harvest_value_decide")
    accept = _choice(data_dict, {"source": True, "keep": False})
    if not answers.decide_value(package.id, str(tk.get_or_bust(data_dict, "field")), _who(context), accept=accept):
        raise tk.ObjectNotFound
    sealer.poke()
    return answers.values_of(package.id)


@tk.side_effect_free
def kranj_harvest_proposal_list(context: Context, data_dict: Data) -> list[dict[str, Any]]:
    """What is proposed for a dataset where its source is silent, and nobody has decided yet.

    Args:
        context: of CKAN.
        data_dict: ``{"id": dataset}``.

    Returns:
        ``[{"field", "value", "confidence", …}]``.
    """
    return decisions.proposals_of(_dataset(context, data_dict, "kranj_harvest_proposal_list").id)


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
    package = _dataset(context, data_dict, "kranj_harvest_proposal_decide")
    accept = _choice(data_dict, {"accept": True, "reject": False})
    field, value = str(tk.get_or_bust(data_dict, "field")), str(tk.get_or_bust(data_dict, "value"))
    if not decisions.decide_proposal(package.id, field, value, _who(context), accepted=accept):
        raise tk.ObjectNotFound
    sealer.poke()
    return decisions.proposals_of(package.id)


@tk.side_effect_free
def kranj_harvest_status(context: Context, data_dict: Data) -> list[dict[str, Any]]:
    """How sources are doing: ``[{"name", "type", "frequency", "state", "sentence", "last_run", "last_success",
    "heartbeat", "counts"}]``, of one ``source`` or of all that the caller may edit.
    """  # noqa: D205 the answer is the summary
    names = {item.name for item in _sources(context, data_dict, "kranj_harvest_status")}
    return [row for row in health.rows() if row["name"] in names]


@tk.side_effect_free
def kranj_harvest_history(context: Context, data_dict: Data) -> list[dict[str, Any]]:
    """The last runs of a ``source``, the newest first; optionally ``limit``."""
    source = _source(context, data_dict, "kranj_harvest_history")
    try:
        limit = min(max(int(data_dict.get("limit", 20)), 1), MOST_RUNS)
    except (TypeError, ValueError) as error:
        raise tk.ValidationError({"limit": ["[not-a-number]"]}) from error
    return health.history(source.id, limit)


def kranj_harvest_pause(context: Context, data_dict: Data) -> dict[str, Any]:
    """Keep a ``source`` from the schedule (``paused`` true, the default), or let it go on."""
    source = _source(context, data_dict, "kranj_harvest_pause")
    paused = tk.asbool(data_dict.get("paused", True))
    decisions.pause(source.id, _who(context), on=paused)
    return {"source": source.name, "paused": paused}
