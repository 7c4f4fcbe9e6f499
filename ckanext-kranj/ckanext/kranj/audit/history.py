"""Who did what to a dataset, in words: entries of one transaction are one step, with what it changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access import references
from ckanext.kranj.helpers import kranj_translated, language

from schemas import Field, dataset_fields, resource_fields, vocabulary

LONGEST = 300
"""Characters of one value on the page."""

_ENTRIES = sa.text(
    "SELECT a.*, r.fields AS content FROM kranj_audit a LEFT JOIN kranj_revision r ON r.audit_id = a.id"
    " WHERE a.package_id = :package_id AND (:before = 0 OR a.id < :before) ORDER BY a.id DESC LIMIT :most"
)

SENTENCES = {
    ("package", "insert"): ("je ustvaril/a opis", "created the description"),
    ("package", "update"): ("je spremenil/a opis", "changed the description"),
    ("package", "delete"): ("je dokončno odstranil/a opis", "purged the description"),
    ("resource", "insert"): ("je dodal/a vir", "added a resource"),
    ("resource", "update"): ("je spremenil/a vir", "changed a resource"),
    ("resource", "delete"): ("je odstranil/a vir", "removed a resource"),
    ("kranj_internal", "insert"): ("je zapisal/a notranji del", "wrote the internal block"),
    ("kranj_internal", "update"): ("je spremenil/a notranji del", "changed the internal block"),
    ("kranj_internal", "delete"): ("je odstranil/a notranji del", "removed the internal block"),
    ("package_member", "insert"): ("je povabil/a sodelavca", "invited a collaborator"),
    ("package_member", "update"): ("je spremenil/a vlogo sodelavca", "changed the role of a collaborator"),
    ("package_member", "delete"): ("je odstranil/a sodelavca", "removed a collaborator"),
    ("kranj_approval", "insert"): ("je predlagal/a spremembo vidnosti", "proposed a change of visibility"),
    ("kranj_approval", "update"): ("je odločil/a o vidnosti", "decided about the visibility"),
    ("package", "show"): ("je bral/a opis", "read the description"),
    ("internal", "show"): ("je bral/a notranji del", "read the internal block"),
}
"""What happened: kind of object and operation -> Slovene, English."""

ORDER = ("package", "kranj_approval", "kranj_retention", "kranj_internal", "resource", "package_member", "internal")
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
    rows = model.Session.execute(_ENTRIES, {"package_id": package_id, "before": before, "most": most}).mappings()
    found = [dict(row) for row in rows if reads or row["kind"] != "read"]
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
        "who": _name(first["actor"]),
        "via": first["via"],
        "what": _sentence(first),
        "changes": [] if created else list(_changes(context, rows)),
    }


def _sentence(row: dict[str, Any]) -> str:
    sl, en = SENTENCES.get(
        (row["object_type"], row["operation"]), (f"{row['object_type']} {row['operation']}",) * 2
    )  # fmt: skip
    return en if language() == "en" else sl


def _name(actor: str) -> str:
    user = model.User.get(actor)
    return user.display_name if user is not None else actor


def _changes(context: dict[str, Any], rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in reversed(rows):
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
            field = fields.get(name)
            yield {
                "field": name,
                "label": field.label[language()] if field else name,
                "before": _shown(field, pair[0]),
                "after": _shown(field, pair[1]),
            }


DERIVED = frozenset({"title", "notes", "private", "theme", "name", "description", "id", "package_id", "plugin_data"})
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
    if isinstance(value, str) and value.startswith("sha256:"):
        return tk._("changed")
    listed = field.options.get("vocabulary") if field else None
    if listed:
        codes = value if isinstance(value, list) else [value]
        labels = vocabulary(listed)
        return ", ".join(labels.label(code, language()) if code in labels.codes else str(code) for code in codes)
    if isinstance(value, dict) and set(value) <= {"sl", "en"}:
        texts = kranj_translated(value)
        return _cut(", ".join(texts) if isinstance(texts, list) else str(texts))
    return _cut(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
