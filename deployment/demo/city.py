"""The demonstration records: read from ``data/*.yaml``, completed, and refused with a clear sentence when wrong."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from schemas import vocabulary

DATA = Path(__file__).parent / "data"

AREAS = (
    "mestna-obcina", "izobrazevanje-raziskave", "okolje-prostor", "gospodarstvo", "kmetijstvo-samooskrba",
    "zdravstvo-sociala", "turizem-kultura", "promet", "novice",
)  # fmt: skip
LEVELS = ("public", "internal", "organization", "restricted")
FORMATS = {"CSV": "csv", "JSON": "json", "GEOJSON": "geojson", "XML": "xml"}
"""Formats the server can make, with their endings."""

_KEYS = {
    "id", "title", "notes", "keywords", "owner", "owner_status", "contact", "area", "kind", "frequency", "issued",
    "modified", "period", "place", "visibility", "secrecy", "grounds", "aggregation", "access", "licence",
    "retention", "classification", "legal", "role", "lifecycle", "priority", "usage", "system", "accuracy",
    "provenance", "formats", "table", "rows", "imperfect", "operator", "unit",
    "measures", "hvd",
}  # fmt: skip
_NEEDED = ("id", "title", "owner", "area", "frequency", "issued", "visibility", "secrecy", "retention", "access")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class DataError(Exception):
    """A data file says something that cannot be served; the message names file, record and key."""


@dataclass(frozen=True)
class Item:
    """One described dataset."""

    system: str
    """Which catalogue lists it: ``katalog`` or ``mlaka``."""
    id: str
    values: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        """A value of the record, None when it says nothing."""
        return self.values.get(key)

    @property
    def public(self) -> bool:
        """Whether everybody may see the description."""
        return bool(self["visibility"] == "public")

    @property
    def open(self) -> bool:
        """Whether there are files behind the description."""
        return self.public and self["secrecy"] == "javno"

    @property
    def files(self) -> list[tuple[str, str]]:
        """Format and file name of everything that may be fetched."""
        if not self.open:
            return []
        return [(code, f"{self.id}-{number}.{FORMATS[code]}") for number, code in enumerate(self["formats"], 1)]

    @property
    def modified(self) -> date:
        """The day of the last change."""
        return self["modified"] or self["issued"]  # type: ignore[no-any-return]


@dataclass(frozen=True)
class City:
    """Everything the server serves."""

    organizations: dict[str, dict[str, Any]]
    places: dict[str, tuple[float, float]]
    stations: list[dict[str, Any]]
    items: tuple[Item, ...]

    def of(self, system: str) -> tuple[Item, ...]:
        """The records of a catalogue, in a fixed order."""
        return tuple(item for item in self.items if item.system == system)

    def find(self, system: str, identifier: str) -> Item | None:
        """One record, or None."""
        return next((item for item in self.of(system) if item.id == identifier), None)


def load(folder: Path = DATA) -> City:
    """Read all data files.

    Args:
        folder: with ``city.yaml`` (organisations, places, bike stations) and one file per content area or pilot.

    Raises:
        DataError: a file is not YAML, a record lacks something or says something unknown.
    """
    base = _yaml(folder / "city.yaml")
    places = {name: (float(point[0]), float(point[1])) for name, point in base["places"].items()}
    items: list[Item] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name != "city.yaml":
            items += _records(path, base, places)
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise DataError(f"{item.system}: the id '{item.id}' is there twice")
        seen.add(item.id)
    return City(base["organizations"], places, base["stations"], tuple(items))


def _yaml(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise DataError(f"{path.name}: not YAML: {error}") from error
    if not isinstance(found, dict):
        raise DataError(f"{path.name}: the file must hold a mapping")
    return found


def _records(path: Path, base: dict[str, Any], places: dict[str, Any]) -> Iterator[Item]:
    page = _yaml(path)
    defaults = {**(base.get("defaults") or {}), **(page.get("defaults") or {})}
    organizations = base["organizations"]
    system = page.get("system_path", "katalog")
    for number, own in enumerate(page.get("records") or ()):
        if not isinstance(own, dict):
            raise DataError(f"{path.name}: record {number + 1} is not a mapping")
        where = f"{path.name}: {own.get('id', f'record {number + 1}')}"
        values = {**defaults, **own}
        _check(where, values, organizations, places)
        _complete(values, organizations)
        yield Item(system, values["id"], values)


def _check(where: str, values: dict[str, Any], organizations: dict[str, Any], places: dict[str, Any]) -> None:
    fault = next(_faults(values, organizations, places), None)
    if fault:
        raise DataError(f"{where}: {fault}")


def _faults(values: dict[str, Any], organizations: dict[str, Any], places: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a record, the most basic first."""
    yield from (f"unknown key '{key}'" for key in sorted(set(values) - _KEYS))
    # A record that is imperfect on purpose may lack its description, nothing else.
    needed = _NEEDED if "imperfect" in values else (*_NEEDED, "notes")
    yield from (f"'{key}' is missing" for key in needed if values.get(key) in (None, "", []))
    if not _ID.fullmatch(str(values["id"])):
        yield "the id may hold small letters, digits and hyphens only"
    known: tuple[tuple[str, Collection[str]], ...] = (
        ("owner", organizations), ("visibility", LEVELS), ("area", AREAS), ("formats", FORMATS), ("place", places),
        ("hvd", vocabulary("hvd_category").codes),
    )  # fmt: skip
    for key, allowed in known:
        yield from (f"{key}: '{value}' is unknown" for value in _list(values.get(key)) if value not in allowed)
    for key in ("issued", "modified"):
        if not isinstance(values.get(key, date.min), date):
            yield f"'{key}' is not a date"
    if values["secrecy"] != "javno" and not values.get("grounds"):
        yield "'grounds' are missing for data that are not public"
    if values["visibility"] == "public" and values["secrecy"] == "javno" and not values.get("table"):
        yield "'table' is missing: open data need files"
    if values.get("hvd") and (values["visibility"], values["secrecy"]) != ("public", "javno"):
        yield "'hvd' is set, but high-value data are open"


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _complete(values: dict[str, Any], organizations: dict[str, Any]) -> None:
    """Fill what follows from the owner, and put short forms into lists."""
    owner = organizations[values["owner"]]
    values.setdefault("contact", owner["contact"])
    values.setdefault("system", owner["system"])
    values["area"] = _list(values["area"])
    if values["secrecy"] == "javno":
        values.setdefault("licence", "CC_BY_4_0")
    else:
        values.pop("licence", None)
    values.setdefault("formats", ["CSV", "JSON"] if values.get("table") else [])
