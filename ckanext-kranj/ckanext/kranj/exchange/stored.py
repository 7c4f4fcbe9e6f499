"""What the catalogue holds of a dataset, as a description in its JSON form, by the rights of the caller."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.catalogue.internal import InternalBlock

from schemas import dataset_fields, resource_fields

_DATASET = tuple(field.name for field in dataset_fields())
_RESOURCE = ("id", "url_type", *(field.name for field in resource_fields()))
PAGE = 200


def caller(context: dict[str, Any]) -> dict[str, Any]:
    """A fresh context of the same caller."""
    kept = {key: context[key] for key in ("user", "ignore_auth") if key in context}
    return {"model": model, "session": model.Session, **kept}


def description(context: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """The standard's part of a shown dataset; ``internal`` only where the caller may see it."""
    found = {name: shown[name] for name in _DATASET if name in shown}
    found["id"], found["name"] = shown["id"], shown["name"]
    found["owner_org"] = (shown.get("organization") or {}).get("name") or shown.get("owner_org")
    found["resources"] = [
        {name: resource[name] for name in _RESOURCE if resource.get(name) not in (None, "")}
        for resource in shown.get("resources") or ()
    ]
    try:
        tk.check_access("kranj_internal_show", caller(context), {"id": shown["id"]})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return found
    block = InternalBlock.of(shown["id"])
    return {**found, "internal": dict(block.data) if block else {}}


def version(package_id: str) -> str:
    """What changes with every change of a dataset or its internal block."""
    package, block = model.Package.get(package_id), InternalBlock.of(package_id)
    if package is None:
        return ""
    return f"{package.metadata_modified.isoformat()} {package.state} {block.revision if block else 0}"


def found(context: dict[str, Any], query: str = "", filters: str = "") -> Iterator[dict[str, Any]]:
    """Every dataset of a search that the caller may see, in the order of their names."""
    start = 0
    while True:
        asked = {
            "q": query or "*:*", "fq": f"+dataset_type:dataset {filters}".strip(), "sort": "name asc, id asc",
            "rows": PAGE, "start": start, "include_private": True,
        }  # fmt: skip
        page = tk.get_action("package_search")(caller(context), asked)
        for shown in page["results"]:
            yield description(context, shown)
        start += PAGE
        if start >= page["count"]:
            return
