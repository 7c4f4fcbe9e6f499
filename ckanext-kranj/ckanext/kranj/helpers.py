"""Template helpers of the plugin ``kranj``."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from schemas import vocabulary


def _lang() -> str:
    return "en" if str(tk.h.lang()).startswith("en") else "sl"


def kranj_vocabulary_choices(field: dict[str, Any]) -> list[dict[str, str]]:
    """The codes of a field's list with labels in the language of the page, as scheming wants choices."""
    entries = vocabulary(field["vocabulary"])
    return [{"value": code, "label": entries.label(code, _lang())} for code in entries.codes]


def kranj_label(name: str, code: str) -> str:
    """The label of a code in the language of the page."""
    return vocabulary(name).label(code, _lang())


def kranj_translated(value: Any) -> str:
    """The text of a {sl, en} value in the language of the page, else in Slovene."""
    if not isinstance(value, dict):
        return str(value or "")
    return value.get(_lang()) or value.get("sl") or next(iter(value.values()), "")


def kranj_translated_list(value: Any) -> list[str]:
    """The texts of a {sl: […], en: […]} value in the language of the page, else in Slovene."""
    return (value.get(_lang()) or value.get("sl") or []) if isinstance(value, dict) else []


def kranj_title(dataset: dict[str, Any]) -> str:
    """The title of a dataset, organisation or content area in the language of the page."""
    return kranj_translated(dataset.get("title_translated") or {}) or dataset.get("title") or dataset.get("name") or ""


def kranj_internal(package_id: str) -> dict[str, Any] | None:
    """The internal block for the page of a dataset, or None when the visitor may not see it."""
    try:
        return tk.get_action("kranj_internal_show")({}, {"id": package_id})["internal"]
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return None
