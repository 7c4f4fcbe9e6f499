"""The classification plan: imported from CSV, the source of default periods."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from ckan import model

from ckanext.kranj.retention.due import period
from ckanext.kranj.retention.model import PlanSign

from schemas import vocabulary

COLUMNS = ("sign", "title", "retention_kind", "retention_period", "retention_starts", "legal_basis")
FILLED = ("retention_kind", "retention_period", "retention_starts")


class PlanError(ValueError):
    """A row of the plan cannot be taken; nothing was."""


def read(lines: Iterable[str]) -> list[dict[str, str]]:
    """Rows of a plan: CSV with a heading, comma or semicolon.

    Raises:
        PlanError: the sentence names every wrong row.
    """
    text = list(lines)
    if not text:
        raise PlanError("the file is empty")
    delimiter = ";" if text[0].count(";") > text[0].count(",") else ","
    reader = csv.DictReader([text[0].lstrip("\ufeff"), *text[1:]], delimiter=delimiter)
    lacking = {"sign", "title", "retention_kind"} - set(reader.fieldnames or ())
    if lacking:
        raise PlanError(f"the heading lacks {', '.join(sorted(lacking))}; known columns: {', '.join(COLUMNS)}")
    rows, wrong, seen = [], [], set()
    for number, row in enumerate(reader, 2):
        taken = {name: (row.get(name) or "").strip() for name in COLUMNS}
        problem = _problem(taken) or (f"{taken['sign']} occurs twice" if taken["sign"] in seen else None)
        seen.add(taken["sign"])
        if problem:
            wrong.append(f"row {number}: {problem}")
        rows.append(taken)
    if wrong:
        raise PlanError("; ".join(wrong))
    return rows


def _problem(row: dict[str, str]) -> str | None:  # noqa: PLR0911 one sentence for each fault
    if not re.fullmatch(r"\d{1,5}", row["sign"]):
        return f"sign {row['sign']!r} is not one to five digits"
    if not row["title"]:
        return "the title is missing"
    if row["retention_kind"] not in vocabulary("retention_kind").codes:
        return f"retention_kind {row['retention_kind']!r} is unknown"
    if row["retention_period"] and period(row["retention_period"]) is None:
        return f"retention_period {row['retention_period']!r} is no ISO 8601 duration such as P5Y"
    if row["retention_starts"] and row["retention_starts"] not in vocabulary("retention_starts").codes:
        return f"retention_starts {row['retention_starts']!r} is unknown"
    if row["retention_kind"] in ("LETA", "T_MIN") and not (row["retention_period"] and row["retention_starts"]):
        return "LETA and T_MIN need a period and its start"
    return None


def store(rows: list[dict[str, str]], today: date) -> dict[str, int]:
    """Bring the plan up to date in the running transaction; signs that are gone stay, out of use."""
    known = {row.sign: row for row in model.Session.query(PlanSign)}
    counts = {"created": 0, "updated": 0, "out_of_use": 0}
    for row in rows:
        values = {name: value or None for name, value in row.items() if name != "sign"} | {"in_use": True}
        held = known.pop(row["sign"], None)
        if held is None:
            model.Session.add(PlanSign(sign=row["sign"], since=today, **values))
            counts["created"] += 1
        elif any(getattr(held, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(held, name, value)
            counts["updated"] += 1
    for gone in known.values():
        counts["out_of_use"] += gone.in_use
        gone.in_use = False
    model.Session.flush()
    return counts


def defaults(dataset: dict[str, Any]) -> dict[str, Any]:
    """What the plan says of a description with a sign and without a retention of its own."""
    sign = dataset.get("classification_sign")
    if not isinstance(sign, str) or any(dataset.get(name) for name in FILLED):
        return {}
    row = model.Session.get(PlanSign, sign)
    if row is None:
        return {}
    found = {name: getattr(row, name) for name in FILLED} | {"retention_legal_basis": row.legal_basis}
    return {name: value for name, value in found.items() if value and not dataset.get(name)}
