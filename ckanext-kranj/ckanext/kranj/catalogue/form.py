"""How CKAN takes and gives back a description: one subclass of scheming's dataset plugin, registered instead of it.

The checks are those of ``schemas`` (catalogue/describe.py); here a checked description is only turned into the texts
that CKAN stores, and back. Scheming keeps the form, its helpers and ``scheming_dataset_schema_show``.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import uuid4

import ckan.plugins.toolkit as tk

from ckanext.kranj import config
from ckanext.kranj.catalogue import describe, storage
from ckanext.kranj.catalogue.systems import entries
from ckanext.scheming.plugins import SchemingDatasetsPlugin

DESCRIBERS = {
    "dataset": lambda context, data: describe.describe(context, data).dataset,
    "system": partial(entries.describe, level="system"),
    "dataset_series": partial(entries.describe, level="dataset_series"),
}
"""Who judges what is about to be stored."""

STORED = ["ignore_missing", "unicode_safe"]


class KranjDatasetForm(SchemingDatasetsPlugin):
    """IDatasetForm for the types ``dataset``, ``system`` and ``dataset_series``."""

    def validate(
        self, context: dict[str, Any], data_dict: dict[str, Any], schema: dict[str, Any], action: str
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Validate and convert for package_create, package_update and package_show.

        Returns:
            The data as CKAN stores (or shows) them, and errors as ``{field: ["[code] text"]}``.
        """
        package = context.get("package")
        kind = data_dict.get("type") or (package.type if package else "")
        level = kind if kind in DESCRIBERS else "dataset"
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
        # CKAN's own validator knows which organisations there are; for its other names ours are texts as they are.
        own = [name for name in storage.names(level) if name != "owner_org"]
        schema.update({name: stored for name in own if name in schema})
        schema["resources"].update({name: stored for name in storage.resource_names() if name in schema["resources"]})
        # What CKAN has no name for was judged and is text by now: navl would only walk over it, field by field.
        beside = storage.taken(data, [name for name in own if name not in schema])
        resources = data.get("resources") or []
        of_resources = [
            storage.taken(item, [name for name in storage.resource_names() if name not in schema["resources"]])
            for item in resources
        ]
        validated, errors = tk.navl_validate(data, schema, context)
        if errors:
            return validated, errors
        validated.update(beside)  # hooks read the values at the top, as scheming leaves them there too
        validated["extras"] = [*validated.get("extras", ()), *({"key": k, "value": v} for k, v in beside.items())]
        for resource, texts in zip(validated.get("resources", ()), of_resources, strict=True):
            resource.update(texts)
        if is_new:
            validated["id"] = identifier
        return validated, errors

    @staticmethod
    def _show(
        context: dict[str, Any], data_dict: dict[str, Any], schema: dict[str, Any], level: str
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        data = storage.out_of_extras(data_dict, level)
        data["resources"] = [dict(item) for item in data.get("resources", ())]
        ours = storage.taken(data, storage.names(level))
        of_resources = [storage.taken(item, storage.resource_names()) for item in data["resources"]]
        for name in storage.names(level):
            schema.pop(name, None)  # or navl would give what was taken out a value of nothing
        for name in storage.resource_names():
            schema["resources"].pop(name, None)
        validated, errors = tk.navl_validate(data, schema, context)
        validated.update(ours)
        for resource, values in zip(validated.get("resources", ()), of_resources, strict=True):
            resource.update(values)
        shown = storage.decoded(validated, level)
        if level == "dataset":
            # Derived from the id and never stored (fields.md 1): the same address is the subject of the feed.
            shown |= {"identifier": shown["id"], "uri": f"{config.base_uri()}/dataset/{shown['id']}"}
        return shown, errors


def _identify(context: dict[str, Any], data: dict[str, Any], *, is_new: bool) -> str:
    """Give a new dataset its id and name; an existing one keeps its name for ever (DESIGN 5, identity)."""
    if not is_new:
        package = context["package"]
        data["name"] = package.name
        return package.id
    identifier = data.get("id") or str(uuid4())
    data["name"] = describe.name_of(data.get("title", ""), identifier)
    return identifier
