"""Who did what to a dataset, in words: entries of one transaction are one step, with what it changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.kranj.access import references
from ckanext.kranj.audit import words
from ckanext.kranj.helpers import kranj_date, kranj_translated, language
from ckanext.kranj.language import in_language

from schemas import Field, dataset_fields, resource_fields, vocabulary

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LONGEST = 300
"""Characters of one value on the page."""

_ENTRIES = sa.text(
    "SELECT a.*, r.fields AS content FROM kranj_audit a LEFT JOIN kranj_revision r ON r.audit_id = a.id"
    " WHERE a.package_id = :package_id AND (:before = 0 OR a.id < :before)"
    " AND (:reads OR a.kind <> 'read') ORDER BY a.id DESC LIMIT :most"
)

ORDER = (
    "package", "kranj_approval", "kranj_access_request", "kranj_retention_decision", "kranj_retention_hold",
    "kranj_retention_event", "kranj_internal", "resource", "package_member", "internal",
)  # fmt: skip
"""Of several entries of one transaction the first of these names the step."""


def steps(
    context: dict[str, Any], package_id: str, *, before: int = 0, most: int = 200, reads: bool = True
) -> list[dict[str, Any]]:
    """The steps of a dataset's history, newest first.

    Args:
        context: of CKAN; what the dataset names and its caller may not see is left out.
        package_id: id of the dataset, also of a purged one.
        before: only entries older than this one.
        most: how many entries are read.
        reads: whether reading counts as a step.

    Returns:
        ``{"id", "at", "who", "via", "what", "changes": [{"field", "label", "before", "after"}]}`` for each step.
    """
    asked = {"package_id": package_id, "before": before, "most": most, "reads": reads}
    found = [dict(row) for row in model.Session.execute(_ENTRIES, asked).mappings()]
    return [_step(context, list(group)) for _, group in groupby(found, key=lambda row: (row["xid"], row["actor"]))]


def _step(context: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    def rank(row: dict[str, Any]) -> tuple[int, bool]:
        known = row["object_type"] in ORDER
        return (ORDER.index(row["object_type"]) if known else len(ORDER), row["operation"] != "insert")

    first = min(rows, key=rank)
    created = first["operation"] == "insert" and first["object_type"] == "package"
    return {
        "id": rows[-1]["id"],
        "at": rows[0]["at"].isoformat(),
        "who": words.actor(first["actor"]),
        "via": first["via"],
        "what": words.sentence(first["object_type"], first["operation"]),
        "changes": [] if created else list(_changes(context, rows)),
    }


def _changes(context: dict[str, Any], rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in reversed(rows):
        described = row["object_type"] in ("package", "resource")
        content = row["content"] or row["fields"]
        if isinstance(content, str):
            content = json.loads(content)
        fields = {
            field.name: field for field in (resource_fields() if row["object_type"] == "resource" else dataset_fields())
        }
        for name, pair in sorted(content.items()):
            if not isinstance(pair, list) or name in DERIVED:
                continue
            if name in references.FIELDS:
                pair = [_seen(context, value) for value in pair]  # noqa: PLW2901
                if pair[0] == pair[1]:
                    continue
            field = fields.get(name) if described else None
            said = field.label[language()] if field else words.label(name)
            if said is None and not described:
                continue  # of proposals, holds and the like only what says something to people
            before, after = (words.code(name, value) if value else None for value in pair)
            yield {
                "field": name,
                "label": said or name,
                "before": before or _shown(field, pair[0]),
                "after": after or _shown(field, pair[1]),
            }


DERIVED = frozenset({"title", "notes", "private", "theme", "name", "description", "id", "package_id", "plugin_data",
                     "creator_user_id"})  # fmt: skip
"""What follows from other fields or never changes: it would say the same twice."""


def _seen(context: dict[str, Any], value: Any) -> Any:
    """What a dataset named, without what the caller may not see."""
    try:
        named = references.many(json.loads(value) if str(value)[:1] == "[" else value)
    except ValueError:
        return value
    unseen = references.hidden(context, named)
    return value if not unseen else json.dumps([one for one in named if one not in unseen])


def _shown(field: Field | None, value: Any) -> str:
    """A stored value as people read it."""
    if value in (None, ""):
        return ""
    if isinstance(value, str) and value[:1] in "{[":
        try:
            value = json.loads(value)
        except ValueError:
            return _cut(value)
    if isinstance(value, str) and (said := _said(value)):
        return said
    listed = field.options.get("vocabulary") if field else None
    if listed:
        codes = value if isinstance(value, list) else [value]
        labels = vocabulary(listed)
        return ", ".join(labels.label(code, language()) if code in labels.codes else str(code) for code in codes)
    if isinstance(value, dict) and set(value) <= {"sl", "en"}:
        texts = kranj_translated(value)
        return _cut(", ".join(texts) if isinstance(texts, list) else str(texts))
    return _cut(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _said(text: str) -> str | None:
    """What stands for a text that is no word: a day as people write it, and that something was changed."""
    if DAY.fullmatch(text):
        return kranj_date(text)
    return in_language("spremenjeno", "changed") if text.startswith("sha256:") else None


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
