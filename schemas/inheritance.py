"""What a description leaves empty and may inherit is filled in here, before it is judged and stored.

Order: the description itself, then each layer of defaults in the order given (organisation, harvest source), then
the site's (``defaults.yaml``), then the default of the field, then what can be derived from the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import yaml

from schemas.fields import dataset_fields
from schemas.kinds import DEEPEST, is_empty
from schemas.rules import access_right_of
from schemas.vocabulary import vocabulary

HVD_REGULATION = "http://data.europa.eu/eli/reg_impl/2023/138/oj"


@dataclass(frozen=True)
class Completed:
    """A completed description and, for each field that was not typed, where its value comes from."""

    dataset: dict[str, Any]
    origins: dict[str, str]

    def __iter__(self) -> Any:
        """Unpack as ``dataset, origins``."""
        return iter((self.dataset, self.origins))


@lru_cache(maxsize=1)
def site_defaults() -> dict[str, Any]:
    """What every dataset of the city inherits when nobody nearer says otherwise."""
    loaded: dict[str, Any] = yaml.safe_load((files("schemas") / "defaults.yaml").read_text(encoding="utf-8"))
    return loaded


def without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values without those left empty; texts trimmed, empty rows of lists dropped."""
    kept = {}
    for key, value in values.items():
        if not is_empty(value):
            kept[key] = _trimmed(value)
    return kept


def _trimmed(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return value.strip()
    if depth > DEEPEST:
        return value
    if isinstance(value, list):
        return [_trimmed(item, depth + 1) for item in value if not is_empty(item)]
    if isinstance(value, dict):
        return {key: _trimmed(item, depth + 1) for key, item in value.items() if not is_empty(item)}
    return value


def complete(dataset: Mapping[str, Any], *layers: Mapping[str, Any], today: date | None = None) -> Completed:
    """Fill what may be inherited or derived.

    Args:
        dataset: a description in its JSON form; it is not changed.
        layers: defaults, nearest first (organisation's, then the source's).
        today: what ``issued`` defaults to; the present day when absent.

    Returns:
        The completed description and ``{field: "default" | "derived"}``.
    """
    day = today or datetime.now(tz=UTC).date()
    filled = without_empty(dataset)
    origins: dict[str, str] = {}
    for layer in (*layers, site_defaults()):
        for name, value in layer.items():
            if is_empty(filled.get(name)) and not is_empty(value) and _may_inherit(name, filled):
                filled[name] = _trimmed(value)
                origins[name] = "default"
    for field in dataset_fields():
        if field.default is not None and field.name not in filled:
            filled[field.name] = field.default
            origins[field.name] = "default"
    if "issued" not in filled:
        filled["issued"] = day.isoformat()
        origins["issued"] = "default"
    _derive(filled, origins)
    return Completed(filled, origins)


def _may_inherit(name: str, filled: Mapping[str, Any]) -> bool:
    # A licence is for open data only: fields.md forbids inheriting it otherwise.
    if name == "license_id":
        return filled.get("secrecy") == "javno"
    # A period makes sense only beside the kind it was inherited with.
    if name in {"retention_period", "retention_starts"}:
        return filled.get("retention_kind") in ("LETA", "T_MIN", None)  # a tuple: the value may be of any shape
    return True


def _derive(filled: dict[str, Any], origins: dict[str, str]) -> None:
    areas = filled.get("content_area")
    if "theme" not in filled and isinstance(areas, list):
        found = {theme for area in areas for theme in vocabulary("content_area").extra(str(area)).get("themes", ())}
        if found:
            # in the order of the list, so that a form which lists them sends back what it got
            filled["theme"] = [theme for theme in vocabulary("data_theme").codes if theme in found]
            origins["theme"] = "derived"
    secrecy = filled.get("secrecy")
    if "access_rights" not in filled and isinstance(secrecy, str):
        right = access_right_of(secrecy, filled.get("access_method"))
        if right:
            filled["access_rights"] = right
            origins["access_rights"] = "derived"
    if filled.get("hvd_category"):
        legislation = filled.get("applicable_legislation", [])
        if isinstance(legislation, list) and HVD_REGULATION not in legislation:
            filled["applicable_legislation"] = [*legislation, HVD_REGULATION]
            origins["applicable_legislation"] = "derived"
    resources = filled.get("resources")
    if isinstance(resources, list):
        filled["resources"] = [_resource(item, filled) if isinstance(item, Mapping) else item for item in resources]


def _resource(resource: Mapping[str, Any], dataset: Mapping[str, Any]) -> dict[str, Any]:
    filled = dict(resource)
    if is_empty(filled.get("format")):
        guessed = _format_of(filled)
        if guessed:
            filled["format"] = guessed
    media_type = vocabulary("file_type").extra(str(filled.get("format"))).get("iana_media_type")
    if is_empty(filled.get("mimetype")) and media_type:
        filled["mimetype"] = str(media_type).split("/media-types/")[-1]
    if is_empty(filled.get("license")) and dataset.get("secrecy") == "javno" and dataset.get("license_id"):
        filled["license"] = dataset["license_id"]
    return filled


def _format_of(resource: Mapping[str, Any]) -> str | None:
    """The format that the extension of an address tells (the content is looked at where a file is at hand)."""
    for name in ("download_url", "url"):
        address = resource.get(name)
        if isinstance(address, str):
            try:
                suffix = PurePosixPath(urlsplit(address).path).suffix
            except ValueError:
                continue
            code = vocabulary("file_type").code_of(suffix.removeprefix("."))
            if code:
                return code
    return None
