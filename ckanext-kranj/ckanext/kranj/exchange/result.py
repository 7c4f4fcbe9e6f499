"""What became of a table, as a file: one line for each change and each problem, so that a sheet can be filtered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ckanext.kranj.language import in_language, language

ACTIONS = {
    "new": ("nova", "new"),
    "changed": ("spremenjena", "changed"),
    "unchanged": ("brez sprememb", "unchanged"),
    "refused": ("zavrnjena", "refused"),
}
STATES = {
    "planned": ("načrtovano", "planned"),
    "running": ("v delu", "being stored"),
    "done": ("shranjeno", "stored"),
    "failed": ("ni shranjeno", "not stored"),
    "undone": ("razveljavljeno", "undone"),
}


def word(words: dict[str, tuple[str, str]], code: str) -> str:
    """A code of a batch in the language of the page."""
    return in_language(*words.get(code, (code, code)))


def lines(rows: list[dict[str, Any]]) -> Iterator[list[str]]:
    """The result of a batch as a table; a row that neither changes nor lacks anything has one line."""
    yield [
        in_language(sl, en)
        for sl, en in (
            ("vrstica", "row"), ("id", "id"), ("naziv", "title"), ("dejanje", "action"), ("stanje", "state"),
            ("stolpec", "column"), ("prej", "before"), ("potem", "after"), ("oznaka", "code"),
            ("pripomba", "remark"), ("kaj storiti", "remedy"),
        )
    ]  # fmt: skip
    lang = language()
    for row in rows:
        state = "" if row["action"] in ("unchanged", "refused") else word(STATES, row["state"])
        head = [str(row["row"]), row["id"] or "", row["title"], word(ACTIONS, row["action"]), state]
        changes = [
            [*head, item["column"], item["before"] or "", item["after"] or "", "", "", ""] for item in row["changes"]
        ]
        problems = [
            [*head, item["path"], "", "", item["code"], item["text"][lang], item["remedy"][lang]]
            for item in row["problems"]
        ]
        yield from changes + problems or [[*head, "", "", "", "", "", ""]]
