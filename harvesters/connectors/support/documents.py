"""Small helps for documents that ``harvesters.parse`` has read: addresses with parameters, JSON and XML looked into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harvesters.connector import Context
from harvesters.errors import Unreadable

Element = Any
"""An element of lxml."""


def with_query(url: str, **parameters: Any) -> str:
    """An address with further parameters; those it has already stay unless named here (in any spelling)."""
    parts = urlsplit(url)
    named = {key.casefold() for key in parameters}
    kept = [(key, value) for key, value in parse_qsl(parts.query) if key.casefold() not in named]
    return urlunsplit(parts._replace(query=urlencode([*kept, *parameters.items()])))


def read_object(ctx: Context, url: str, kind: str, *keys: str) -> dict[str, Any]:
    """A JSON object that has at least one of these keys.

    Raises:
        Unreadable: it is something else.
    """
    found = ctx.json(url)
    if not isinstance(found, dict):
        raise Unreadable(url, kind, "not an object")
    if keys and not any(key in found for key in keys):
        raise Unreadable(url, kind, f"no {' or '.join(keys)}")
    return found


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; anything else is nothing."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def within(value: Any, *keys: str) -> dict[str, Any]:
    """The object at a path of keys; empty when there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def local(name: str) -> str:
    """A name of XML without its namespace."""
    return name.rpartition("}")[2].rpartition(":")[2]


def children(node: Element, name: str) -> Iterator[Element]:
    """Elements of that local name anywhere below, whatever their namespace."""
    return (item for item in node.iter() if local(item.tag) == name)


def below(node: Element, name: str) -> str:
    """The text of the first element of that local name below; empty when there is none."""
    return next(((item.text or "").strip() for item in children(node, name)), "")
