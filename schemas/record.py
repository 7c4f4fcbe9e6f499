"""The description in the middle: what every connector yields and every way in is reduced to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

NAMESPACE = uuid5(NAMESPACE_URL, "https://podatki.kranj.si/")
"""All identifiers that we derive rather than draw live in this namespace (DESIGN, identity)."""


def dataset_id(slug: str, guid: str) -> str:
    """The id of a harvested dataset, from the slug of its source and its native identifier.

    It survives a lost history, a cleared job and a new installation, so a second harvest never duplicates.
    """
    return str(uuid5(NAMESPACE, f"{slug}:{guid}"))


def resource_id(dataset: str, key: str) -> str:
    """The id of a harvested resource, from the id of its dataset and a key that is stable in the source."""
    return str(uuid5(UUID(dataset), key))


@dataclass(frozen=True)
class Source:
    """Where a record comes from: slug of the harvest source, native identifier, SHA-256 of the raw payload (hex)."""

    slug: str
    guid: str
    raw_sha: str = ""


@dataclass(frozen=True)
class Record:
    """One description: ``dataset`` holds the names of dataset.yaml, ``internal`` those of internal.yaml."""

    source: Source
    dataset: dict[str, Any]
    internal: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Id of a resource -> its columns, as column.yaml describes them; they are kept beside the description."""

    def as_dict(self) -> dict[str, Any]:
        """The JSON form that ``validate`` and package_create take, plus ``source_record`` (``source`` is a field)."""
        return {
            **self.dataset,
            "internal": self.internal,
            "source_record": {
                "slug": self.source.slug,
                "guid": self.source.guid,
                "raw_sha": self.source.raw_sha,
            },
        }

    def content_hash(self) -> str:
        """SHA-256 (hex) of the canonical JSON of the content; equal content gives an equal hash."""
        content: dict[str, Any] = {"dataset": self.dataset, "internal": self.internal}
        if self.columns:
            content["columns"] = self.columns
        text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()
