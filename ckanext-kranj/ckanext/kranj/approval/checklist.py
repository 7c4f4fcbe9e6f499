"""What whoever decides should see: problems, doubts about personal data, who gains and loses sight, who is told."""

from __future__ import annotations

import json
import re
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access.labels import municipal_circles
from ckanext.kranj.approval import heard
from ckanext.kranj.catalogue import city
from ckanext.kranj.language import language

from schemas import validate

WIDENING = ("restricted", "organization", "internal", "public")
"""Levels from the narrowest to the widest."""

DOUBTS = {
    "emso": re.compile(r"(?<!\d)(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{9}(?!\d)"),
    "bank-account": re.compile(r"\bSI56(?:\s?\d){15}\b"),
    "personal-address": re.compile(r"\b[a-z]{2,}\.[a-z]{2,}@[a-z0-9.-]+\.[a-z]{2,}\b", re.IGNORECASE),
}
"""Patterns in texts that may be personal data; a person decides whether they are."""

DOUBT_WORDS = {
    "emso": (
        "V opisu je nekaj, kar je videti kot EMŠO.",
        "Something in the description looks like a personal number (EMŠO).",
    ),
    "bank-account": ("V opisu je številka bančnega računa.", "A bank account number is in the description."),
    "personal-address": ("V opisu je e-naslov osebe.", "The e-mail address of a person is in the description."),
    "protected-data": (
        "Podatki sami so varovani; javen bo le opis.",
        "The data themselves are protected; only the description will be public.",
    ),
}
"""What each doubt means: Slovene, English."""

SECRET = frozenset({"osebni-podatki", "posebne-vrste-op", "davcna-statisticna", "poslovna-skrivnost"})


def widens(level: str | None, wanted: str) -> bool:
    """Whether more people see the description afterwards."""
    return WIDENING.index(wanted) > (WIDENING.index(level) if level in WIDENING else -1)


def of(package: Any, wanted: str) -> dict[str, Any]:
    """The checklist of a dataset for a level.

    Returns:
        ``problems`` (of the standard, at that level), ``doubts`` (codes), ``gain`` and ``lose`` (numbers of accounts,
        ``everybody`` for the public), ``told`` (number of accounts of those who use the data), ``unreached`` (names of
        users of the data without an account).
    """
    dataset = tk.get_action("package_show")({"ignore_auth": True, "use_cache": False}, {"id": package.id})
    level = dataset.get("visibility")
    judged = {**city.judged(dataset), "visibility": wanted}
    found = validate(judged, internal=False, reachable=city.reachable())
    problems = [problem for problem in found if problem.severity == "error"]
    users = heard.of(package.id)
    before, after = audience(package, level), audience(package, wanted)
    return {
        "problems": [
            {**problem.as_dict(), "text": problem.text(language())}
            for problem in problems
            if problem.severity == "error"
        ],
        "doubts": doubts(dataset),
        "gain": "everybody" if wanted == "public" and level != "public" else len(after - before),
        "lose": "everybody" if level == "public" and wanted != "public" else len(before - after),
        "told": len(users.accounts),
        "unreached": users.unreached,
    }


def doubts(dataset: dict[str, Any]) -> list[str]:
    """Codes of what looks like personal data in the description, and of data that are such by their own word."""
    text = json.dumps({key: value for key, value in dataset.items() if key != "contact"}, ensure_ascii=False)
    found = [code for code, pattern in DOUBTS.items() if pattern.search(text)]
    if dataset.get("secrecy") in SECRET:
        found.append("protected-data")
    return found


def audience(package: Any, level: str | None) -> set[str]:
    """Ids of the active accounts that see the dataset at a level, the data office and administrators left out."""
    if level == "public":
        return _ids("SELECT id FROM \"user\" WHERE state = 'active'", {})
    if level == "restricted":
        return _ids("SELECT user_id FROM package_member WHERE package_id = :id", {"id": package.id})
    members = (
        'SELECT m.table_id FROM member m JOIN "group" g ON g.id = m.group_id'
        " WHERE m.table_name = 'user' AND m.state = 'active' AND g.state = 'active' AND g.is_organization AND "
    )
    if level == "internal":
        return _ids(members + "g.extras ->> 'circle' = ANY(:circles)", {"circles": list(municipal_circles())})
    return _ids(members + "g.id = :owner", {"owner": package.owner_org})


def _ids(statement: str, values: dict[str, Any]) -> set[str]:
    return set(model.Session.scalars(sa.text(statement), values))
