"""What of a dataset enters the search index: an allow-list, so that nothing gets in by being new (DESIGN 5, index)."""

from __future__ import annotations

import json
from typing import Any

from ckanext.kranj.catalogue.dictionary import tables

from schemas import dataset_fields, vocabulary

CORE = frozenset({
    "id", "index_id", "site_id", "entity_type", "dataset_type", "type", "state", "name", "title", "title_string",
    "notes", "owner_org", "organization", "capacity", "private", "metadata_created", "metadata_modified",
    "license_id", "res_name", "res_description", "res_format", "num_resources", "creator_user_id",
    "data_dict", "validated_data_dict",
})  # fmt: skip
"""CKAN's own keys that searching, faceting and showing need."""

FACETS = (
    "dataset_kind", "frequency", "owner_status", "visibility", "secrecy", "access_rights", "access_method",
    "lifecycle", "record_role", "aggregation", "retention_kind",
)  # fmt: skip
"""Coded fields of one value that people filter by."""

FACETS_OF_MANY = {name: f"vocab_{name}" for name in ("theme", "priority_field", "language", "hvd_category")}
"""Coded fields of several values, and the field of CKAN's Solr schema that takes several."""

OPSI = ("podrocje", "all_podrocje", "vocab_all_podrocje", "open_data", "all_licence", "publisher")
"""The national portal's names of what is public anyway; the plugin ``kranj_opsi`` indexes them."""

SEARCHABLE = frozenset(
    {
        *CORE,
        *FACETS,
        *FACETS_OF_MANY.values(),
        *OPSI,
        "groups",
        "tags",
        "text",
        "source_type",
    }
) - {  # fmt: skip
    "data_dict",
    "validated_data_dict",
}
"""What a caller may name in ``fl``, ``facet.field`` and sorting; the pages of harvest sources ask for their type."""

LONGEST = 30_000
"""Bytes of one indexed text; Solr's string fields refuse 32,766 (traps A7)."""


def document(pkg_dict: dict[str, Any]) -> dict[str, Any]:
    """The document that goes to Solr.

    Args:
        pkg_dict: what CKAN would index. Datasets of other types (harvest sources) keep CKAN's document but for extras.
            The description itself is written anew without spaces, which each search would read twenty times.
    """
    dataset = _without_harvesting(pkg_dict)
    pkg_dict["validated_data_dict"] = json.dumps(dataset, separators=(",", ":"))
    if pkg_dict.get("dataset_type") != "dataset":
        return {key: value for key, value in pkg_dict.items() if not key.startswith("extras_")}
    kept = {key: value for key, value in pkg_dict.items() if key in CORE}
    kept.update({name: dataset[name] for name in FACETS if name in dataset})
    kept.update({index: dataset[name] for name, index in FACETS_OF_MANY.items() if name in dataset})
    kept["groups"] = dataset.get("content_area", [])
    kept["tags"] = (dataset.get("tags_translated") or {}).get("sl", [])
    kept["notes"] = _cut(kept.get("notes") or "")
    kept["extras_words"] = _cut(" ".join(_words(dataset)))
    kept["res_description"] = [_cut(text or "") for text in kept.get("res_description", ())]
    return kept


def _without_harvesting(pkg_dict: dict[str, Any]) -> dict[str, Any]:
    """Take off what ckanext-harvest adds at index time; it would return as public extras (traps A6).

    Returns:
        The dataset as it is shown.
    """
    dataset: dict[str, Any] = json.loads(pkg_dict["validated_data_dict"])
    if "extras" in dataset:
        dataset["extras"] = [item for item in dataset["extras"] if not item["key"].startswith("harvest_")]
    for key in [key for key in pkg_dict if key.startswith(("harvest_", "extras_harvest_"))]:
        del pkg_dict[key]
    return dataset


def _words(dataset: dict[str, Any]) -> list[str]:
    """Every text by which people look for a dataset: all languages, and the labels of its codes."""
    words: list[str] = []
    for field in dataset_fields():
        value = dataset.get(field.name)
        if not value:
            continue
        if field.kind == "translated":
            words.extend(value.values())
        elif field.kind == "translated_list":
            words.extend(text for texts in value.values() for text in texts)
        elif "vocabulary" in field.options:
            codes = value if isinstance(value, list) else [value]
            labels = vocabulary(field.options["vocabulary"])
            words.extend(labels.label(code, lang) for code in codes for lang in ("sl", "en"))
    words.extend(tables.words_of([resource["id"] for resource in dataset.get("resources", ()) if "id" in resource]))
    for resource in dataset.get("resources", ()):
        for name in ("name_translated", "description_translated"):
            words.extend((resource.get(name) or {}).values())
    return words


def _cut(text: str) -> str:
    return text.encode("utf-8")[:LONGEST].decode("utf-8", "ignore")
