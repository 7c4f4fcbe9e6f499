"""What the templates of the form need to know: steps with their fields, inherited values, complaints."""

from __future__ import annotations

import json
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.kranj.catalogue import inherited, organizations, owners
from ckanext.kranj.catalogue.complaints import Complaint, complaints
from ckanext.kranj.catalogue.internal import InternalBlock
from ckanext.kranj.catalogue.steps import Step, conditions, steps
from ckanext.kranj.language import language, title_of

from schemas import Field, internal_fields

SNIPPETS = {
    "choice": "kranj_choice.html",
    "choices": "kranj_choices.html",
    "date": "kranj_date.html",
    "number": "kranj_number.html",
    "object": "kranj_object.html",
    "objects": "kranj_objects.html",
    "texts": "kranj_lines.html",
    "uris": "kranj_lines.html",
    "translated": "kranj_translated.html",
    "translated_list": "kranj_translated_lines.html",
}
"""Snippets of internal fields by kind; what is not here is asked as text."""
LONG = 1000
"""A text that may be longer gets an area of several lines."""


def kranj_complaints(errors: dict[str, Any]) -> list[Complaint]:
    """All problems of a refused form, with the step and the control that each is about."""
    return complaints(errors or {})


def kranj_form_steps(
    fields: list[dict[str, Any]], data: dict[str, Any], errors: dict[str, Any]
) -> list[dict[str, Any]]:
    """The steps of the form for its template.

    Args:
        fields: the dataset fields as scheming read them.
        data: what the form is filled with, in the JSON form of a description.
        errors: what CKAN says is wrong with it.

    Returns:
        ``{"name", "title", "hint", "main", "more", "open", "internal", "resources"}`` for each step; fields carry
        ``inherited`` (what an empty one gets, and from whom) and ``condition`` (when it is relevant).
    """
    by_name = {field["field_name"]: field for field in fields}
    data["owner_org"] = kranj_owner(data, errors)
    owner = organizations.find(data["owner_org"])
    for name in inherited.ALWAYS_ASKED:
        if not data.get(name) and (by_name.get(name) or {}).get("default"):
            data[name] = by_name[name]["default"]
    known = inherited.could_be_inherited(data, owner)
    wrong = {item.box for item in complaints(errors)}

    def asked(names: tuple[str, ...]) -> list[dict[str, Any]]:
        return [_with_context(by_name[name], known.get(name)) for name in names if name in by_name]

    return [
        {
            **_words(step),
            "main": asked(step.main),
            "more": asked(step.more),
            "open": bool(wrong.intersection(step.more)),
            "internal": _internal_step(data, owner) if step.internal else None,
            "resources": step.resources,
        }
        for step in steps()
    ]


def _words(step: Step) -> dict[str, Any]:
    lang = language()
    return {"name": step.name, "title": step.title[lang], "hint": step.hint.get(lang)}


def kranj_system_titles() -> list[str]:
    """Names of the registered systems that the visitor sees, to choose a location from."""
    found = tk.get_action("package_search")({}, {"fq": "dataset_type:system", "rows": 1000, "sort": "title_string asc"})
    return [tk.h.kranj_title(system) for system in found["results"]]


def kranj_owner(data: dict[str, Any], errors: dict[str, Any]) -> str:
    """The organisation that a form shows as owner: the stated one, the page it was opened from, or the likely one.

    Returns:
        Its id; empty when nobody said so and none stands out, and when a refused form left it open.
    """
    stated = data.get("owner_org") or tk.request.args.get("group")
    if not stated and errors:
        return ""
    owner = organizations.find(stated) or owners.proposed(tk.current_user)
    return owner.id if owner is not None else ""


def _with_context(field: dict[str, Any], entry: dict[str, Any] | None) -> dict[str, Any]:
    condition = conditions().get(field["field_name"])
    return {**field, "inherited": entry, "condition": json.dumps(condition) if condition else None}


def _internal_step(data: dict[str, Any], owner: Any) -> dict[str, Any]:
    """The internal block in the form: its fields, what they hold, what an empty location inherits."""
    block = data.get("internal")
    if not isinstance(block, dict):
        block = _stored_block(data.get("id"))
    defaults = organizations.inner_told(tk.current_user, owner)
    source = title_of(owner) if owner is not None else ""
    return {
        "fields": kranj_internal_field_definitions(),
        "values": {f"internal-{name}": value for name, value in block.items()},
        "inherited": (defaults.get("location") or {}).get("system") if not block.get("location") else None,
        "source": source,
    }


def _stored_block(package_id: str | None) -> dict[str, Any]:
    """The stored internal block, when the visitor may read it."""
    if not package_id or InternalBlock.of(package_id) is None:
        return {}
    try:
        return tk.get_action("kranj_internal_show")({}, {"id": package_id})["internal"]
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return {}


def kranj_internal_field_definitions() -> list[dict[str, Any]]:
    """The fields of the internal block, as scheming writes fields; their names carry the prefix of the form."""
    return [_definition(field, f"internal-{field.name}") for field in internal_fields() if field.rule != "D"]


def _definition(field: Field, name: str) -> dict[str, Any]:
    text = "kranj_long_text.html" if field.options.get("max_length", 0) > LONG else "kranj_text.html"
    definition = {
        **field.options,
        "field_name": name,
        "label": field.label,
        "help_text": field.help_text or None,
        "rule": field.rule,
        "inherit": field.inherit,
        "kind": field.kind,
        "form_snippet": SNIPPETS.get(field.kind, text),
    }
    if (name, field.name) == ("system", "system"):
        definition["suggestions"] = "kranj-systems"  # the register of systems, offered and not demanded
    if field.subfields:
        definition["repeating_subfields"] = [_definition(sub, sub.name) for sub in field.subfields]
    return definition
