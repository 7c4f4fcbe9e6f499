"""JSON-LD in pages and files, taken as the JSON it is: no context is ever loaded (risk R6)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from harvesters.errors import Unreadable
from harvesters.http import Fetched
from harvesters.parse import json_of


class _Scripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and ("type", "application/ld+json") in attrs
        self.found += [""] if self._inside else []

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = False


def documents(answer: Fetched) -> Iterator[Any]:
    """The JSON-LD of an answer: itself, or what stands in the scripts of a page.

    Raises:
        Unreadable: it is not JSON.
    """
    if answer.content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"<":
        yield json_of(answer)
        return
    scripts = _Scripts()
    scripts.feed(answer.text()[0])
    for text in scripts.found:
        try:
            yield json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Unreadable(answer.url, "JSON-LD", str(error)) from error


def nodes_of(documents: Iterator[Any]) -> Iterator[dict[str, Any]]:
    """Typed nodes at the top, in ``@graph``, or in the items of a list."""
    for found in documents:
        for node in found if isinstance(found, list) else [found]:
            if isinstance(node, dict):
                inner = node.get("@graph") or node.get("itemListElement") or node.get("dataset")
                yield from nodes_of(iter([inner])) if isinstance(inner, list) else ()
                inside = node.get("item")
                yield inside if isinstance(inside, dict) and inside.get("@type") else node


def types_of(node: dict[str, Any]) -> list[str]:
    """The types of a node without their namespace."""
    given = node.get("@type")
    return [
        str(item).rpartition("/")[2].rpartition(":")[2]
        for item in (given if isinstance(given, list) else [given])
        if item
    ]
