"""How CKAN takes and gives back a description: one subclass of scheming's dataset plugin, registered instead of it.

The checks are those of ``schemas`` (catalogue/describe.py); here a checked description is only turned into the texts
that CKAN stores, and back. Scheming keeps the form, its helpers and ``scheming_dataset_schema_show``.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any
from uuid import uuid4

import ckan.plugins.toolkit as tk

from ckanext.kranj.catalogue import describe, storage
from ckanext.kranj.catalogue.systems import entries
from ckanext.scheming.plugins import SchemingDatasetsPlugin

DESCRIBERS = {
    "dataset": lambda context, data: describe.describe(context, data).dataset,
    "system": entries.describe,
}
"""Who judges what is about to be stored."""

STORED = ["ignore_missing", "unicode_safe"]


class KranjDatasetForm(SchemingDatasetsPlugin):
    """IDatasetForm for the types ``dataset`` and ``system``."""

    def validate(
        self, context: dict[str, Any], data_dict: dict[str, Any], schema: dict[str, Any], action: str
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Validate and convert for package_create, package_update and package_show.

        Returns:
            The data as CKAN stores (or shows) them, and errors as ``{field: ["[code] text"]}``.
        """
        package = context.get("package")
        level = "system" if (data_dict.get("type") or (package.type if package else "")) == "system" else "dataset"
        if action.endswith("_show"):
            return self._show(context, data_dict, schema, level)
        if not context.get(describe.DESCRIBED):
            try:
                data_dict = DESCRIBERS[level](context, data_dict)
            except tk.ValidationError as error:
                return data_dict, error.error_dict
        is_new = action.endswith("_create")
        data = storage.encoded(data_dict, level)
        identifier = _identify(context, data, is_new=is_new)
        stored = [tk.get_validator(name) for name in STORED]
        into_extras = tk.get_converter("convert_to_extras")
        for name in _asked(storage.names(level), schema, data):
            if name == "owner_org":
                continue  # CKAN's own validator knows which organisations there are
            schema[name] = stored if name in schema else [*stored, into_extras]
        for name in _asked(storage.resource_names(), schema["resources"], *_rows(data)):
            schema["resources"][name] = stored
        validated, errors = tk.navl_validate(data, schema, context)
        if is_new and not errors:
            validated["id"] = identifier
        return validated, errors

    @staticmethod
    def _show(
        context: dict[str, Any], data_dict: dict[str, Any], schema: dict[str, Any], level: str
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        data = storage.out_of_extras(data_dict, level)
        as_it_is = [tk.get_validator("ignore_missing")]
        for name in _asked(storage.names(level), schema, data):
            schema[name] = as_it_is
        for name in _asked(storage.resource_names(), schema["resources"], *_rows(data)):
            schema["resources"][name] = as_it_is
        validated, errors = tk.navl_validate(data, schema, context)
        return storage.decoded(validated, level), errors


def _asked(names: Iterable[str], schema: Container[str], *rows: Container[str]) -> list[str]:
    """The fields that CKAN must know of: those that have a value, and those about which it has an opinion of its own.

    CKAN walks its whole schema once for the description and once for each resource; most of our fields are left empty
    in most descriptions, and naming them made up half the time of a save.
    """
    return [name for name in names if name in schema or any(name in row for row in rows)]


def _rows(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in data.get("resources") or () if isinstance(row, dict)]


def _identify(context: dict[str, Any], data: dict[str, Any], *, is_new: bool) -> str:
    """Give a new dataset its id and name; an existing one keeps its name for ever (DESIGN 5, identity)."""
    if not is_new:
        package = context["package"]
        data["name"] = package.name
        return package.id
    identifier = data.get("id") or str(uuid4())
    data["name"] = describe.name_of(data.get("title", ""), identifier)
    return identifier
