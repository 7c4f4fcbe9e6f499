"""From the flat names of an HTML form to the JSON form of a description.

Forms say who they are with the hidden field ``kranj_form``; what comes over the API is never reinterpreted.
"""

from __future__ import annotations

import re
from typing import Any

from ckanext.kranj.catalogue import rectangle

from schemas import Field, dataset_fields, internal_fields, resource_fields
from schemas.exchange.columns import number_of
from schemas.systems import ENTRIES

MARK = "kranj_form"
LANGUAGES = ("sl", "en")
FORM_KEYS = frozenset(
    {MARK, "save", "pkg_name", "_ckan_phase", "_csrf_token", "return_to", "log_message", "tag_string"}
)
"""What CKAN's pages add to a form besides fields."""


def folded(data: dict[str, Any], level: str = "dataset") -> dict[str, Any]:
    """The same data with ``title_translated-sl``, ``contact-0-name`` and one-per-line lists folded into values.

    Args:
        data: a dataset or resource as posted; returned as it is when it does not come from a form.
        level: ``dataset``, ``resource``, ``system`` or ``dataset_series``.
    """
    if MARK not in data:
        return data
    # Browsers end every line of a text area with CR LF; a text that nobody changed must come back as it was.
    copy = {
        key: value.replace("\r\n", "\n") if isinstance(value, str) else value
        for key, value in data.items()
        if key not in FORM_KEYS
    }
    for field in {"dataset": dataset_fields, "resource": resource_fields, **ENTRIES}[level]():
        _fold(field, copy, field.name)
    if level == "dataset":
        asked: dict[str, Any] = {
            key.removeprefix("internal-"): copy.pop(key) for key in list(copy) if key.startswith("internal-")
        }
        # What is asked and left empty is sent empty: the rest of the stored block stays (catalogue/origins.py).
        internal = {field.name: "" for field in internal_fields() if _asks_for(field.name, asked)}
        for field in internal_fields():
            _fold(field, asked, field.name)
        internal.update(asked)
        if internal:
            copy["internal"] = internal
    return copy


def _asks_for(name: str, posted: dict[str, Any]) -> bool:
    return any(key == name or key.startswith(f"{name}-") for key in posted)


def fold_in_place(data: dict[str, Any]) -> None:
    """Fold a dataset and its resources where they stand.

    A refused form is filled again from the very dict that CKAN's page sent, so that dict must hold the values; a field
    left empty is in it too, or the page would show the stored value again.
    """
    resources, from_form = data.get("resources"), MARK in data
    if from_form:
        new = folded(data)
        data.clear()
        data.update({field.name: "" for field in dataset_fields()}, **new)
    if isinstance(resources, list):
        for item in [item for item in resources if isinstance(item, dict) and MARK in item]:
            new = folded(item, "resource")
            item.clear()
            item.update(new)
            if not new:
                resources.remove(item)  # a row that was left blank
        if from_form and not resources:
            del data["resources"]  # nothing was said about files


def _fold(field: Field, data: dict[str, Any], prefix: str) -> None:
    """Collect the parts of one field from ``data`` and put the value in their place; blanks are left out."""
    kind = field.kind
    if kind in {"translated", "translated_list"}:
        parts = {lang: data.pop(f"{prefix}-{lang}") for lang in LANGUAGES if f"{prefix}-{lang}" in data}
        values = {lang: _lines(text) if kind == "translated_list" else text for lang, text in parts.items()}
        values = {lang: value for lang, value in values.items() if value and value != [] and str(value).strip()}
        if values:
            data[prefix] = values
    elif kind in {"objects", "object"}:
        rows = _rows(field, data, prefix)
        if rows:
            data[prefix] = rows if kind == "objects" else rows[0]
    elif kind == "geometry":
        value = rectangle.folded(data, prefix)
        if value:
            data[prefix] = value
    elif prefix in data:
        value = _scalar(kind, data.pop(prefix))
        if value not in (None, "", []):
            data[prefix] = value


def _rows(field: Field, data: dict[str, Any], prefix: str) -> list[dict[str, Any]]:
    pattern = re.compile(
        rf"{re.escape(prefix)}-(\d+)-(.+)" if field.kind == "objects" else rf"{re.escape(prefix)}(-)(.+)"
    )
    found: dict[int, dict[str, Any]] = {}
    for key in list(data):
        match = pattern.fullmatch(key)
        if match:
            number = int(match[1]) if match[1] != "-" else 0
            found.setdefault(number, {})[match[2]] = data.pop(key)
        elif key.startswith(f"{prefix}-REPEATING-"):
            del data[key]  # the template row that a browser without JavaScript posts
    rows = []
    for number in sorted(found):
        row = found[number]
        for sub in field.subfields:
            _fold(sub, row, sub.name)
        row = {key: value for key, value in row.items() if value not in (None, "", [], {})}
        if row:
            rows.append(row)
    return rows


def _scalar(kind: str, value: Any) -> Any:
    if kind in {"texts", "uris"}:
        return _lines(value)
    if kind == "choices":
        return [item for item in ([value] if isinstance(value, str) else value) if item]
    if kind == "number":
        return number_of(str(value))
    return value.strip() if isinstance(value, str) else value


def _lines(value: Any) -> list[str]:
    given = value if isinstance(value, list) else [value]  # boxes that are ticked, and lines that are written
    texts = [text.strip() for item in given for text in str(item).splitlines()]
    return [text for text in texts if text]
