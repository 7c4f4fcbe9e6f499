"""Statistical tables as PxWeb lists and describes them: version 1 (folders, ``variables``), 2 (pages, JSON-stat)."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harvesters.connector import Context
from harvesters.connectors.support.documents import objects, with_query, within
from harvesters.errors import EndlessPaging, Unreadable
from harvesters.paging import PageGuard

DEEPEST = 8
TIMES = frozenset({"tid", "time", "leto", "mesec", "četrtletje", "polletje", "obdobje", "datum"})
"""Codes of variables that mean time, where the answer does not say so."""
_PART = re.compile(r"^(\d{4})(?:([MQKH])(\d{1,2}))?$", re.IGNORECASE)
_MONTHS = {"Y": 12, "M": 1, "Q": 3, "K": 3, "H": 6}
"""Letter of a part of a year -> its months; K is a quarter in the north."""


@dataclass(frozen=True)
class Variable:
    """One variable of a table."""

    code: str
    text: str
    values: tuple[str, ...]
    time: bool


def tables_below(ctx: Context, url: str, depth: int = 0) -> Iterator[tuple[str, tuple[str, str]]]:
    """(identifier, (address, day of change)) of the tables below an address.

    Raises:
        Unreadable: it is no PxWeb.
        EndlessPaging: its folders or pages have no end.
    """
    found = ctx.json(url)
    if isinstance(found, dict) and isinstance(found.get("tables"), list):
        yield from _pages(ctx, url, found)
        return
    if not isinstance(found, list) or any(item.get("type") not in {"l", "t", "h"} for item in objects(found)):
        raise Unreadable(url, "PxWeb", "neither a list of folders and tables nor tables")
    if depth > DEEPEST:
        raise EndlessPaging(url, "folders without end")
    for item in objects(found):
        name = str(item.get("id") or "")
        if item["type"] == "l" and name:
            yield from tables_below(ctx, f"{url}/{name}", depth + 1)
        elif item["type"] == "t" and name:
            yield name, (f"{url}/{name}", str(item.get("updated") or ""))


def _pages(ctx: Context, url: str, first: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    guard, number, found = PageGuard(), 1, first
    while True:
        for item in objects(found.get("tables")):
            yield str(item.get("id")), (f"{url}/{item.get('id')}/metadata", str(item.get("updated") or ""))
        last = within(found, "page").get("totalPages")
        number += 1
        if not isinstance(last, int) or number > last:
            return
        page = with_query(url, pageNumber=number)
        guard.turn(page)
        found = ctx.json(page)
        if not isinstance(found, dict) or not isinstance(found.get("tables"), list):
            raise Unreadable(page, "PxWeb", "a page without tables")


def variables(found: Mapping[str, Any]) -> list[Variable]:
    """The variables of a table in either version."""
    made = [
        _variable(item.get("code"), item.get("text"), item.get("values"), item.get("time") is True)
        for item in objects(found.get("variables"))
    ]
    times = within(found, "role").get("time")
    for code, item in within(found, "dimension").items():
        index = within(item, "category").get("index") or {}
        ordered = sorted(index, key=index.__getitem__) if isinstance(index, dict) else index
        made.append(_variable(code, within(item).get("label"), ordered, isinstance(times, list) and code in times))
    return made


def _variable(code: Any, text: Any, values: Any, time: bool) -> Variable:
    said = tuple(str(value) for value in values or ())
    return Variable(str(code), str(text or ""), said, time or str(code).casefold() in TIMES)


def period(values: tuple[str, ...]) -> tuple[str, str]:
    """First and last day that the values of a variable of time cover: ``2024M03``, ``2024Q1``, ``2024``."""
    return (_days(values[0])[0], _days(values[-1])[1]) if values else ("", "")


def _days(value: str) -> tuple[str, str]:
    found = _PART.match(value)
    if found is None:
        return value, value
    year, months = int(found[1]), _MONTHS[(found[2] or "Y").upper()]
    part = int(found[3] or 1)
    first, last = (part - 1) * months + 1, part * months
    if not 1 <= last <= 12:
        return value, value
    return f"{year}-{first:02}-01", f"{year}-{last:02}-{monthrange(year, last)[1]}"
