"""Whose word a field holds: the source's, or a steward's, which no harvest overwrites (risk R38).

A field belongs to a steward when it no longer holds what harvesting wrote into it. From then on the source's value is
kept beside it and shown, until the steward gives the field back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas import dataset_fields, internal_fields, resource_fields

_DATASET = tuple(item.name for item in dataset_fields() if item.name != "resources")
_RESOURCE = tuple(item.name for item in resource_fields())
_INTERNAL = tuple(item.name for item in internal_fields())
_LEVELS = ("public", "internal", "organization", "restricted")


@dataclass(frozen=True)
class Held:
    """A dataset as it stands in the catalogue, and what harvesting last wrote into it."""

    dataset: Mapping[str, Any]
    internal: Mapping[str, Any]
    written: Mapping[str, Any] | None
    """Dataset of the last record; None when that memory is lost: then everything counts as the source's."""
    written_internal: Mapping[str, Any] = field(default_factory=dict)
    owned: frozenset[str] = frozenset()
    """Paths that a steward was found to own before."""


@dataclass(frozen=True)
class Merged:
    """A record with the steward's words in it."""

    dataset: dict[str, Any]
    internal: dict[str, Any]
    kept: dict[str, Any]
    """Path -> what the source says there (None: nothing)."""


def merge(new: Mapping[str, Any], internal: Mapping[str, Any], held: Held) -> Merged:
    """Put the steward's words over the new record of the source.

    A source that becomes stricter is believed at once: raising secrecy or narrowing the level may not wait.
    """
    if held.written is None:
        return Merged(dict(new), dict(internal), {})
    kept: dict[str, Any] = {}
    dataset = {key: value for key, value in new.items() if key not in _DATASET and key != "resources"}
    dataset |= _fields(_DATASET, new, held.dataset, held.written, owned=held.owned, prefix="", kept=kept)
    dataset["resources"] = _resources(new, held, kept)
    block = {key: value for key, value in held.internal.items() if key not in _INTERNAL}
    block |= _fields(
        _INTERNAL, internal, held.internal, held.written_internal, owned=held.owned, prefix="internal.", kept=kept
    )
    _stricter(dataset, new, held, kept)
    return Merged(dataset, block, kept)


def _fields(  # noqa: PLR0913 three versions of one thing, and where it is
    names: tuple[str, ...],
    new: Mapping[str, Any],
    current: Mapping[str, Any],
    written: Mapping[str, Any],
    *,
    owned: frozenset[str],
    prefix: str,
    kept: dict[str, Any],
) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for name in names:
        here, before, there = plain(current.get(name)), plain(written.get(name)), plain(new.get(name))
        if here != before or prefix + name in owned:
            kept[prefix + name] = new.get(name)
            value = current.get(name)
        else:
            value = new.get(name) if there is not None else None
        if value is not None:
            merged[name] = value
    return merged


def _resources(new: Mapping[str, Any], held: Held, kept: dict[str, Any]) -> list[dict[str, Any]]:
    """Resources by id: the source's with the steward's words, then those that the steward added."""
    current = {item["id"]: item for item in held.dataset.get("resources") or () if item.get("id")}
    written = {item["id"]: item for item in (held.written or {}).get("resources") or () if item.get("id")}
    merged = []
    for item in new.get("resources") or ():
        identifier = item.get("id")
        path = f"resources.{identifier}"
        if identifier in current and identifier in written:
            own = {key: value for key, value in item.items() if key not in _RESOURCE}
            before, here = written[identifier], current[identifier]
            values = _fields(_RESOURCE, item, here, before, owned=held.owned, prefix=f"{path}.", kept=kept)
            merged.append(own | values)
        elif identifier in written:
            kept[path] = item  # the steward took it away
        else:
            merged.append(dict(item))
    there = {item["id"] for item in merged if item.get("id")}
    added = [dict(item) for key, item in current.items() if key not in written and key not in there]
    return merged + added


def _stricter(dataset: dict[str, Any], new: Mapping[str, Any], held: Held, kept: dict[str, Any]) -> None:
    written = held.written or {}
    tightened = new.get("secrecy") != written.get("secrecy") and new.get("secrecy") not in (None, "javno")
    if tightened and "secrecy" in kept and dataset.get("secrecy") == "javno":
        dataset["secrecy"] = new["secrecy"]
        for name in ("protection_grounds", "license_id"):
            if new.get(name) is None:
                dataset.pop(name, None)
            else:
                dataset[name] = new[name]
    wanted = new.get("visibility") if new.get("visibility") != written.get("visibility") else None
    levels = [level for level in (wanted, "internal" if tightened else None) if level in _LEVELS]
    if "visibility" in kept and levels and dataset.get("visibility") in _LEVELS:
        dataset["visibility"] = max([dataset["visibility"], *levels], key=_LEVELS.index)


def plain(value: Any) -> Any:
    """A value without what makes no difference: empty parts, and the blanks around a text."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, Mapping):
        return {key: found for key, item in value.items() if (found := plain(item)) is not None} or None
    if isinstance(value, list | tuple):
        return [found for item in value if (found := plain(item)) is not None] or None
    return value
