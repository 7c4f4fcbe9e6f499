"""The interface of a high-value dataset, as Regulation (EU) 2023/138 wants one beside the files: rows, filtered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from demo.city import City, Item
from demo.files import NOTICE, rows

MOST = 1000
"""Rows in one answer."""
USUAL = 100


def query(city: City, item: Item, asked: Mapping[str, str]) -> tuple[bytes, int]:
    """The rows that are asked for.

    Args:
        city: places.
        item: a record with a table.
        asked: ``limit``, ``offset`` and columns with the value wanted.

    Returns:
        A JSON document and its status; 400 with a sentence when the question makes no sense.
    """
    wanted = {name: value for name, value in asked.items() if name not in ("limit", "offset")}
    unknown = sorted(set(wanted) - set(item["table"]))
    if unknown:
        return _refused(f"Ni takega stolpca / no such column: {', '.join(unknown)[:100]}")
    try:
        limit, offset = int(asked.get("limit", USUAL)), int(asked.get("offset", 0))
    except ValueError:
        limit = offset = -1
    if not (1 <= limit <= MOST and offset >= 0):
        return _refused(f"limit: 1-{MOST}, offset: 0-")
    found = [row for row in rows(city, item) if all(str(row[name]) == value for name, value in wanted.items())]
    return _json({"opozorilo": NOTICE, "skupaj": len(found), "podatki": found[offset : offset + limit]}), HTTPStatus.OK


def openapi(item: Item, address: str) -> bytes:
    """What the interface understands, as OpenAPI 3.1.

    Args:
        item: the record.
        address: of its interface.
    """
    number = {"type": "integer"}
    parameters = [
        {"name": "limit", "in": "query", "schema": {**number, "minimum": 1, "maximum": MOST, "default": USUAL}},
        {"name": "offset", "in": "query", "schema": {**number, "minimum": 0, "default": 0}},
        *({"name": name, "in": "query", "schema": {"type": "string"}} for name in item["table"]),
    ]
    answers = {"200": {"description": "Vrstice / rows"}, "400": {"description": "Napačno vprašanje / a wrong question"}}
    return _json(
        {
            "openapi": "3.1.0",
            "info": {"title": item["title"]["sl"], "version": "1.0.0", "description": NOTICE},
            "servers": [{"url": address.rpartition("/")[0]}],
            "paths": {f"/{item.id}": {"get": {"parameters": parameters, "responses": answers}}},
        }
    )


def _refused(reason: str) -> tuple[bytes, int]:
    return _json({"napaka": reason}), HTTPStatus.BAD_REQUEST


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
