"""What people decide about harvesting, as actions: the same that ``ckan kranj harvest`` does, for pages and programs.

Every action names its source; whoever may edit it may decide. All write who decided.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.kranj.access.auth import may_read
from ckanext.kranj.audit import record, sealer
from ckanext.kranj.harvest import answers, decisions, overview, restoring, words
from ckanext.kranj.harvest.logic.asked import (
    APPROVE,
    Context,
    Data,
    choice_of,
    guids_of,
    knows_inside,
    source_of,
    sources_of,
    who,
)
from ckanext.kranj.language import language

LONGEST_REASON = 2000


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
    found = sources_of(context, data_dict, "kranj_harvest_finding_list")
    given = data_dict.get("kind") or list(overview.KINDS)
    kinds = [given] if isinstance(given, str) else given
    if not isinstance(kinds, list) or not set(map(str, kinds)) <= set(overview.KINDS):
        raise tk.ValidationError({"kind": [f"[not-a-choice] {' | '.join(overview.KINDS)}"]})
    decided = tk.asbool(data_dict.get("decided", False))
    listed = overview.findings(found, kinds, partial(may_read, context), decided=decided)
    if not context.get("ignore_auth"):
        inside = [item for item in listed if item["problem"].path.startswith("internal.")]
        about = {item["datasets"][0]["id"] for item in inside}
        known = {package_id for package_id in about if knows_inside(context, package_id)}  # it may have moved elsewhere
        listed = [item for item in listed if item not in inside or item["datasets"][0]["id"] in known]
        for package_id in known:
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
    source = source_of(context, data_dict, "kranj_harvest_finding_decide")
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
    if not answers.decide_finding(one, other, kind, who(context), answer=str(decision), reason=reason):
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
    source = source_of(context, data_dict, "kranj_harvest_run_decide")
    accept = choice_of(data_dict, APPROVE)
    run = decisions.waiting(source.id)
    if run is None or data_dict.get("run") not in {None, run.id}:
        raise tk.ValidationError({"source": ["[nothing-waits]"]})
    done = decisions.decide(run, who(context), accept=accept)
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
    source = source_of(context, data_dict, "kranj_harvest_withdrawal_decide")
    accept = choice_of(data_dict, APPROVE)
    done = decisions.decide_withdrawals(source.id, guids_of(data_dict), who(context), accept=accept)
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
    source = source_of(context, data_dict, "kranj_harvest_restore")
    back = choice_of({"decision": restoring.RESTORE, **data_dict}, {restoring.RESTORE: True, restoring.LET_GO: False})
    guids, decided_by = guids_of(data_dict), who(context)
    if back:
        done = {"restored": restoring.restore(source.id, guids, decided_by)}
    else:
        done = {"let_go": restoring.let_go(source.id, guids, decided_by)}
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
    source = source_of(context, data_dict, "kranj_harvest_rename_decide")
    accept, guids = choice_of(data_dict, APPROVE), guids_of(data_dict)
    run = decisions.waiting(source.id)
    if run is None or not set(guids) & set(run.plan.get("renames", {})):
        raise tk.ValidationError({"guids": ["[nothing-waits]"]})
    done = decisions.decide(run, who(context), accept=accept, renames=guids, missing=())
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
    source = source_of(context, data_dict, "kranj_harvest_quarantine_release")
    guids = guids_of(data_dict, needed=False)
    who(context)
    return {"source": source.name, "released": answers.release_quarantined(source.id, guids)}
