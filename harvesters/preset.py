"""Source presets: what a source's protocol cannot say, one YAML file per source under ``harvesters/presets``."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import msgspec
import yaml

from harvesters.connector import Connector, connector_named
from harvesters.errors import UnknownPreset, WrongSetting
from harvesters.plan import Defaults
from schemas import dataset_fields, internal_fields

HarvestFrequency = Literal["MANUAL", "MONTHLY", "WEEKLY", "BIWEEKLY", "DAILY", "ALWAYS"]


@dataclass(frozen=True)
class Preset:
    """A source as the city knows it."""

    slug: str
    """Name of the harvest source; part of the identity of its datasets, so it never changes."""
    title: str
    connector: str
    """Which connector reads it."""
    url: str
    """Absolute, or for a demonstration source the path on the demonstration server."""
    owner_org: str
    """The organisation that looks after the source."""
    enabled: bool = False
    """Created by ``add-presets``; sources on the open internet are off until an operator turns them on."""
    demo: bool = False
    """Stands for a system of the city; its data are made up."""
    frequency: HarvestFrequency = "DAILY"
    """How often the worker reads it."""
    notes: str = ""
    allowed_hosts: list[str] = field(default_factory=list)
    """Hosts inside the network that this source may be read from."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Of the connector, without ``url``."""
    facts: dict[str, Any] = field(default_factory=dict)
    """Values that hold for every record of this source and go before what its organisation inherits."""
    defaults: dict[str, Any] = field(default_factory=dict)
    """Values for fields that the source's records leave empty."""
    internal: dict[str, Any] = field(default_factory=dict)
    """The same for the internal block."""

    def reader(self, url: str | None = None) -> Connector:
        """The connector, with the preset's settings.

        Args:
            url: where the source is, when not where the preset says.

        Raises:
            ConfigurationError: the connector does not exist or refuses the settings.
        """
        return connector_named(self.connector).of({**self.settings, "url": url or self.url})

    def fill(self) -> Defaults:
        """What fills the fields that the source leaves empty."""
        return Defaults({"owner_org": self.owner_org, **self.defaults}, self.internal, facts=self.facts)


def preset_of(data: Any, name: str) -> Preset:
    """Turn the content of a file into a preset.

    Raises:
        WrongSetting: a key is unknown, missing or wrong, or a default is not a field of the standard.
    """
    if not isinstance(data, dict):
        raise WrongSetting(name, "", "not a mapping")
    for key in data:
        if key not in Preset.__dataclass_fields__:
            raise WrongSetting(name, str(key), "unknown")
    try:
        made = msgspec.convert(data, Preset, strict=True)
    except msgspec.ValidationError as error:
        raise WrongSetting(name, "preset", str(error)) from error
    for where, fields in (
        ("facts", dataset_fields()),
        ("defaults", dataset_fields()),
        ("internal", internal_fields()),
    ):
        known = {item.name for item in fields}
        for key in getattr(made, where):
            if key not in known:
                raise WrongSetting(name, f"{where}.{key}", "not a field of the standard")
    return made


@lru_cache(maxsize=1)
def presets() -> dict[str, Preset]:
    """All presets that come with the product, by slug.

    Raises:
        WrongSetting: a file is wrong.
    """
    found = {}
    for item in sorted((files("harvesters") / "presets").iterdir(), key=lambda entry: entry.name):
        if item.name.endswith(".yaml"):
            made = preset_of(yaml.safe_load(item.read_text(encoding="utf-8")), item.name)
            found[made.slug] = made
    return found


def preset_named(slug: str) -> Preset:
    """The preset of that slug.

    Raises:
        UnknownPreset: there is none.
    """
    try:
        return presets()[slug]
    except KeyError:
        raise UnknownPreset(slug, list(presets())) from None
