"""From the errors that CKAN hands to a page to sentences with the place in the form that each is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ckanext.kranj.catalogue.describe import WHOLE
from ckanext.kranj.catalogue.places import place
from ckanext.kranj.catalogue.steps import step_of, steps

from schemas import internal_fields

_MESSAGE = re.compile(
    r"(?:\[(?P<code>[a-z-]+)\] )?(?:(?P<path>[a-z_]+(?:\[\d+\]|\.)[\w.\[\]]*): )?(?P<text>.*)", re.DOTALL
)


@dataclass(frozen=True)
class Complaint:
    """One problem: in which step and box, the id of the control it concerns, its words and its code."""

    step: str
    box: str
    target: str
    label: str
    text: str
    code: str


def parsed(message: str) -> tuple[str, str, str]:
    """The path, words and code of ``[code] path: words``; empty where the message names none."""
    match = _MESSAGE.fullmatch(message)
    return (match["path"] or "", match["text"], match["code"] or "") if match else ("", message, "")


def complaints(errors: dict[str, Any]) -> list[Complaint]:
    """All problems of a refused form, in the order of its steps."""
    found = [item for name, messages in errors.items() for item in _of(name, messages)]
    order = {name: position for position, name in enumerate(_order())}
    return sorted(found, key=lambda item: order.get(item.box, len(order)))


def _order() -> Iterator[str]:
    for step in steps():
        yield from (*step.main, *step.more)
        if step.internal:
            yield from (f"internal-{field.name}" for field in internal_fields())
        if step.resources:
            yield "resources"


def _of(name: str, messages: Any) -> Iterator[Complaint]:
    if name == "resources" and isinstance(messages, list) and any(isinstance(item, dict) for item in messages):
        for index, fields in enumerate(messages):
            for field, texts in (fields or {}).items():
                for text in texts:
                    path, words, code = parsed(text)
                    where = f"resources[{index}]" if field == WHOLE else f"resources[{index}].{field}"
                    label, target = place(where), _target(path or where)
                    yield Complaint("files", "resources", target, label, words, code)
        return
    for message in [messages] if isinstance(messages, str) else messages or ():
        if not isinstance(message, str):
            continue
        path, text, code = parsed(message)
        yield _placed(name, path or name, text, code)


def _placed(name: str, path: str, text: str, code: str) -> Complaint:
    if name == "internal":
        inner = path.removeprefix("internal").removeprefix(".") or "location"
        box = f"internal-{re.split(r'[.[]', inner)[0]}"
        return Complaint(step_of("internal"), box, _target(path), place(f"internal.{inner}"), text, code)
    return Complaint(step_of(name), name, _target(path), place(path), text, code)


def _target(path: str) -> str:
    """The id of the control of a path: ``contact[0].name`` → ``field-contact-0-name``."""
    return "field-" + re.sub(r"\[(\d+)\]\.?", r"-\1-", path).replace(".", "-").rstrip("-")
