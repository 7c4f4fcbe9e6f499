"""What a description would get where its form is left empty, and from whom, so that the form can say so in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.kranj.catalogue import organizations
from ckanext.kranj.language import in_language, title_of

from schemas import complete, dataset_fields
from schemas.inheritance import site_defaults
from schemas.kinds import is_empty

ALWAYS_ASKED = frozenset({"visibility", "owner_org"})
"""Fields that a steward decides with open eyes: never folded away behind a default."""


def inherited(dataset: Mapping[str, Any], owner: Any) -> dict[str, dict[str, Any]]:
    """Values of empty fields by name: ``{"value", "source"}``.

    Args:
        dataset: a description in its JSON form, as far as it is filled in.
        owner: the owning organisation (model.Group), or None.
    """
    defaults = organizations.defaults_of(owner) if owner is not None else {}
    completed, origins = complete({key: value for key, value in dataset.items() if key != "resources"}, defaults)
    title = title_of(owner) if owner is not None else ""
    found = {}
    for name, origin in origins.items():
        if name not in ALWAYS_ASKED:
            found[name] = {"value": completed[name], "source": _source(name, origin, defaults, title)}
    return found


def could_be_inherited(dataset: Mapping[str, Any], owner: Any) -> dict[str, dict[str, Any]]:
    """The same for a stored description: what its fields would be, were those that hold a default empty."""
    defaults = organizations.defaults_of(owner) if owner is not None else {}
    names = {*defaults, *site_defaults(), "theme", "access_rights"}
    names |= {field.name for field in dataset_fields() if field.default is not None}
    bare = {key: value for key, value in dataset.items() if key not in names - ALWAYS_ASKED}
    return {
        name: entry
        for name, entry in inherited(bare, owner).items()
        if is_empty(dataset.get(name)) or dataset.get(name) == entry["value"]
    }


def _source(name: str, origin: str, defaults: Mapping[str, Any], title: str) -> str:
    if origin == "derived":
        return in_language("izpeljano iz drugih polj", "derived from other fields")
    if not is_empty(defaults.get(name)):
        return in_language(f"privzeto organizacije {title}", f"default of {title}")
    if name in site_defaults():
        return in_language("privzeto za vse zbirke mesta", "default for all datasets of the city")
    return in_language("privzeto po standardu", "default of the standard")
