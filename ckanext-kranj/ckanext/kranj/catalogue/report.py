"""The report of the standard: every rule over every stored description, by rule and organisation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz

from ckanext.kranj.access.auth import user_of
from ckanext.kranj.access.labels import is_data_office, labels_for
from ckanext.kranj.catalogue import city, stored
from ckanext.kranj.language import language

from schemas import validate
from schemas.problem import texts

SHOWN = 100
"""Descriptions named under one rule; the rest are counted."""


def problems(
    owners: Collection[str] | None = None, held: Collection[str] | None = None, *, finished: bool = False
) -> Iterator[dict[str, Any]]:
    """Every problem of every dataset that is not deleted, its internal block included.

    Args:
        owners: ids of organisations; of all when None.
        held: labels of whoever reads; all that there is when None.
        finished: judge drafts, too, as what they are to become.
    """
    for dataset in stored.descriptions(owners, held):
        judged = {key: value for key, value in dataset.items() if key not in ("id", "name", "state")}
        title = (dataset.get("title_translated") or {}).get("sl") or dataset["name"]
        for problem in validate(judged, draft=not finished and dataset["state"] == "draft", reachable=city.reachable()):
            about = {"id": dataset["id"], "name": dataset["name"], "title": title, "state": dataset["state"]}
            yield {**about, "organization": dataset["owner_org"] or "", **problem.as_dict()}


def counted(found: Iterable[dict[str, Any]], *, by_organization: bool) -> list[tuple[tuple[str, ...], int]]:
    """How many problems there are by severity and code, and by organisation when asked."""
    names = ("severity", "code", "organization") if by_organization else ("severity", "code")
    return sorted(Counter(tuple(item[name] for name in names) for item in found).items())


def by_rule(found: Iterable[dict[str, Any]], lang: str) -> list[dict[str, Any]]:
    """Problems under what helps against them, errors first, the most frequent first.

    Returns:
        ``[{"code", "severity", "remedy", "count", "organizations": {name: count}, "datasets": [{"name", "title",
        "state", "path", "text"}]}]``; at most ``SHOWN`` datasets each.
    """
    rules: dict[str, dict[str, Any]] = {}
    for item in found:
        rule = rules.setdefault(item["code"], {
            "code": item["code"], "severity": item["severity"], "remedy": item["remedy"][lang],
            "count": 0, "organizations": Counter(), "datasets": [],
        })  # fmt: skip
        rule["count"] += 1
        rule["organizations"][item["organization"]] += 1
        if len(rule["datasets"]) < SHOWN:
            about = {name: item[name] for name in ("name", "title", "state", "path")}
            rule["datasets"].append({**about, "text": item["text"][lang]})
    return sorted(rules.values(), key=lambda rule: (rule["severity"] != "error", -rule["count"], rule["code"]))


@tk.side_effect_free
def kranj_report(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """What today's standard says of the stored descriptions that the caller edits; drafts are judged as finished.

    Args:
        context: of CKAN.
        data_dict: ``{"organization": name or id, optional; "code": of one rule, optional}``.

    Returns:
        ``{"rules": as by_rule, "errors": n, "warnings": n}``; of all organisations to the data office.

    Raises:
        tk.ObjectNotFound: the caller edits nothing in that organisation.
    """
    tk.check_access("kranj_report", context, data_dict)
    owners = _owners(context, data_dict.get("organization"))
    free = context.get("ignore_auth") or authz.is_sysadmin(context.get("user"))
    held = None if free else labels_for(user_of(context))
    code = data_dict.get("code")
    if code is not None and code not in texts():
        raise tk.ObjectNotFound
    found = [item for item in problems(owners, held, finished=True) if code in (None, item["code"])]
    severities = Counter(item["severity"] for item in found)
    return {
        "rules": by_rule(found, language()), "errors": severities["error"], "warnings": severities["warning"],
    }  # fmt: skip


def _owners(context: dict[str, Any], wanted: Any) -> list[str] | None:
    user = user_of(context)
    everything = context.get("ignore_auth") or authz.is_sysadmin(context.get("user")) or is_data_office(user)
    if everything and not wanted:
        return None
    listed = tk.get_action("organization_list_for_user")(
        {"user": context.get("user")}, {"permission": "update_dataset", "include_dataset_count": False}
    )
    mine = {row["id"] for row in listed}
    if not wanted:
        return sorted(mine)
    group = tk.get_action("organization_show")({"ignore_auth": True}, {"id": wanted, "include_datasets": False})
    if not everything and group["id"] not in mine:
        raise tk.ObjectNotFound
    return [group["id"]]


def may_read_report(context: dict[str, Any], _data_dict: dict[str, Any]) -> dict[str, Any]:
    """Accounts; each is told of the organisations in which he edits."""
    return {"success": user_of(context) is not None, "msg": tk._("Not authorized")}
