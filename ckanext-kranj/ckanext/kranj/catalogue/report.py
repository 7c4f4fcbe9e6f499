"""The report of the standard: every rule over every stored description, by rule and organisation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.catalogue import city
from ckanext.kranj.catalogue.internal import InternalBlock

from schemas import validate


def problems() -> Iterator[dict[str, Any]]:
    """Every problem of every dataset that is not deleted, its internal block included."""
    rows = model.Session.query(model.Package.id, model.Package.state).filter_by(type="dataset")
    for identifier, state in rows.filter(model.Package.state != "deleted").order_by(model.Package.id):
        dataset = tk.get_action("package_show")({"ignore_auth": True, "use_cache": False}, {"id": identifier})
        block = InternalBlock.of(identifier)
        judged = {**city.judged(dataset), "internal": dict(block.data) if block else {}}
        for problem in validate(judged, draft=state == "draft", reachable=city.reachable()):
            owner = judged["owner_org"] or ""
            yield {"id": identifier, "name": dataset["name"], "organization": owner, **problem.as_dict()}


def counted(found: Iterable[dict[str, Any]], *, by_organization: bool) -> list[tuple[tuple[str, ...], int]]:
    """How many problems there are by severity and code, and by organisation when asked."""
    names = ("severity", "code", "organization") if by_organization else ("severity", "code")
    return sorted(Counter(tuple(item[name] for name in names) for item in found).items())
