"""Many datasets into the search index with one request: CKAN 2.12 knows only one request for each (search/index.py).

The documents are CKAN's own, made of the same two forms, with the same hooks and labels; a test compares them field by
field with what CKAN itself sends. What CKAN treats in a way of its own (deleted ones, relationships, tags of a
vocabulary, harvest sources) is left to it.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from typing import Any

import pysolr

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import logic, model
from ckan.lib import plugins, search
from ckan.lib.navl.dictization_functions import MissingNullEncoder
from ckan.lib.search import index
from ckan.logic import schema

log = logging.getLogger(__name__)

TOGETHER = 50
"""Documents of one request."""

_OF_RESOURCES = (
    ("name", "res_name"),
    ("description", "res_description"),
    ("format", "res_format"),
    ("url", "res_url"),
    ("resource_type", "res_type"),
)


def send(package_ids: Sequence[str], user: str) -> int:
    """Send datasets to the index as they stand in the database; the caller commits the index.

    Args:
        package_ids: ids of datasets; those that do not exist are left out.
        user: the name under which they are shown.

    Returns:
        How many were sent.

    Raises:
        search.SearchIndexError, OSError: the index does not answer, or refuses a document.
    """
    count, stock = 0, schema.default_show_package_schema()
    for start in range(0, len(package_ids), TOGETHER):
        part = package_ids[start : start + TOGETHER]
        # Held by name, so that the session finds them again instead of asking for each several times.
        asked = model.Session.query(model.Package).populate_existing()
        packages = asked.filter(model.Package.id.in_(part)).all()
        documents = []
        for package in packages:
            forms = _forms({"ignore_auth": True, "user": user}, package.id, stock)
            if _is_plain(forms[0]):
                documents.append(document(forms, package))
            else:
                logic.index_update_package_dicts(forms, defer_commit=True)
        if documents and not _added(documents):
            # One of them is refused, or nothing answers: each by itself, so that the one is known and the rest is in.
            for package in packages:
                logic.index_update_package({"ignore_auth": True, "user": user}, package.id, defer_commit=True)
        count += len(packages)
    return count


def _forms(context: dict[str, Any], package_id: str, stock: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A dataset in CKAN's form and in ours, as ``package_show_default_and_custom_schemas`` gives them.

    Extras are texts under their names, checked when they were stored: CKAN's form would walk through all of them and
    leave them as they are.
    """
    asked = logic.fresh_context(context, ignore_auth=True, use_cache=False, validate=False)
    stored = tk.get_action("package_show")(asked, {"id": package_id})
    by_ckan, _ = plugins.plugin_validate(object(), asked, {**stored, "extras": []}, stock, "package_show")
    by_ckan["extras"] = [{"key": extra["key"], "value": extra["value"]} for extra in stored.get("extras") or ()]
    form = plugins.lookup_package_plugin(stored["type"])
    ours, _ = plugins.plugin_validate(form, asked, stored, form.show_package_schema(), "package_show")
    logic.apply_after_dataset_show_plugins(asked, ours)
    return by_ckan, ours


def _added(documents: list[dict[str, Any]]) -> bool:
    try:
        search.make_connection().add(docs=documents, commit=False)
    except pysolr.SolrError as error:
        log.info("%s documents were not taken together: %s", len(documents), str(error)[:200])
        return False
    return True


def _is_plain(shown: dict[str, Any]) -> bool:
    return (
        shown.get("type") == "dataset"
        and shown.get("state") in {"active", "draft"}
        and not shown.get("relationships_as_subject")
        and not shown.get("relationships_as_object")
        and not any(tag.get("vocabulary_id") for tag in shown.get("tags") or ())
        and not any(str(key).endswith("_date") for key in shown)
        and not any(extra["key"].endswith("_date") for extra in shown.get("extras") or ())
    )


def document(forms: tuple[dict[str, Any], dict[str, Any]], package: Any) -> dict[str, Any]:
    """The document of a dataset.

    Args:
        forms: the dataset in CKAN's form and in ours (``package_show_default_and_custom_schemas``).
        package: its row.
    """
    shown = dict(forms[0])
    made = dict(shown)
    made["data_dict"] = json.dumps(shown)
    made["validated_data_dict"] = json.dumps(forms[1], cls=MissingNullEncoder)
    if made.get("title"):
        made["title_string"] = made["title"]
    _extras(made, {*index.RESERVED_FIELDS, *made})
    made["tags"] = [tag["name"] for tag in made.get("tags") or ()]
    made["groups"] = [group["name"] for group in made.get("groups") or ()]
    made["capacity"] = "private" if made["private"] else "public"
    made["organization"] = made["organization"]["name"] if made.get("organization") else None
    resources = made.pop("resources", None) or []
    more = [(name, f"res_extras_{name}") for name in model.Resource.get_extra_columns()]
    for name, field in (*_OF_RESOURCES, *more) if resources else ():
        made[field] = [*made.get(field, ()), *(resource.get(name, "") for resource in resources)]
    for name in ("relationships_as_subject", "relationships_as_object"):
        made.pop(name, None)
    made |= {index.TYPE_FIELD: index.PACKAGE_TYPE, "dataset_type": made["type"], "site_id": tk.config["ckan.site_id"]}
    for name in ("title", "notes", "title_string"):
        if made.get(name):
            made[name] = index.escape_xml_illegal_chars(made[name])
    for name in ("metadata_created", "metadata_modified"):
        made[name] += "Z"
    if made.get("title"):
        made["title"] = made["title"].lstrip()
    made["index_id"] = hashlib.md5(f"{made['id']}{made['site_id']}".encode()).hexdigest()  # noqa: S324 CKAN's own key
    for item in p.PluginImplementations(p.IPackageController):
        made = item.before_dataset_index(made)
    made["permission_labels"] = plugins.get_permission_labels().get_dataset_labels(package)
    return made


def _extras(made: dict[str, Any], taken: set[str]) -> None:
    for extra in made.pop("extras", None) or ():
        key = "".join(char for char in extra["key"] if char in index.KEY_CHARS)
        made[f"extras_{key}"] = extra["value"]
        if key not in taken:
            made[key] = extra["value"]
