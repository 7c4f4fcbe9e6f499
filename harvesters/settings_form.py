"""The settings of a connector as questions of a form: from its dataclass, with the words of settings.yaml.

What people type is text; ``read`` makes settings of it, ``written`` makes text of settings. Both are exact: what was
written and read again is the same.
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from harvesters.connector import connector_named
from harvesters.errors import WrongSetting

Widget = Literal["text", "number", "switch", "choice", "lines", "pairs", "lists", "tree", "groups"]
Words = Mapping[str, str]
Answers = Callable[[str], str | None]
"""Name of an input -> what was typed; None: the input was not sent."""

PAIR = " = "
MOST_GROUPS = 200
_LITERAL = re.compile(r"^(-?\d+(\.\d+)?|true|false|null|\".*\")$", re.S)
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


class Mistyped(WrongSetting):
    """What was typed into a form cannot be read; the words are for whoever typed it."""

    def __init__(self, connector: str, question: Question, typed: str, said: tuple[str, str]):
        """Build the sentence.

        Args:
            connector: its name.
            question: what was asked.
            typed: the line.
            said: what to do, Slovene and English.
        """
        sl, en = said
        super().__init__(connector, question.name, f"{typed[:60]!r}: {en}")
        self.words = {
            "sl": f"{question.label['sl']}, »{typed[:60]}«: {sl}",
            "en": f'{question.label["en"]}, "{typed[:60]}": {en}',
        }


@dataclass(frozen=True)
class Question:
    """One setting, as a form asks for it."""

    name: str
    widget: Widget
    label: Words
    help: Words
    required: bool = False
    rare: bool = False
    default: Any = None
    choices: tuple[tuple[str, Words], ...] = ()
    parts: tuple[Question, ...] = ()
    """Of each group, when the setting is a list of things."""


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, dict[str, Any]]]:
    loaded: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(
        (files("harvesters") / "settings.yaml").read_text(encoding="utf-8")
    )
    return loaded


def questions(connector: str) -> tuple[Question, ...]:
    """The settings of a connector, the address first.

    A connector of somebody else's package has no words here: its settings are asked for by name.

    Raises:
        UnknownConnector: there is none of that name.
    """
    return _questions(connector, connector_named(connector).settings_class, "")


def _questions(connector: str, kind: type[Any], above: str) -> tuple[Question, ...]:
    hints = typing.get_type_hints(kind)
    made = []
    for item in dataclasses.fields(kind):
        path = f"{above}{item.name}"
        words = _words().get(connector, {}).get(path) or _words()["*"].get(path) or {}
        name = {"sl": item.name, "en": item.name}
        widget, choices, inner = _kind_of(hints[item.name])
        given = words.get("choices") or {}
        made.append(
            Question(
                item.name,
                "choice" if given else widget,
                words.get("label", name),
                words.get("help", {"sl": "", "en": ""}),
                item.default is MISSING and item.default_factory is MISSING,
                bool(words.get("rare")),
                _default(item),
                tuple((code, given.get(code, {"sl": code, "en": code})) for code in (choices or given)),
                _questions(connector, inner, f"{path}.") if inner else (),
            )
        )
    return tuple(made)


def _default(item: dataclasses.Field[Any]) -> Any:
    if item.default_factory is not MISSING:
        return item.default_factory()
    return None if item.default is MISSING else item.default


def _kind_of(hint: Any) -> tuple[Widget, tuple[str, ...], type[Any] | None]:
    """The widget of a type, its choices, and the dataclass that it is a list of."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return _kind_of(next(item for item in arguments if item is not type(None)))
    if origin is Literal:
        return "choice", tuple(str(item) for item in arguments), None
    if origin is list and dataclasses.is_dataclass(arguments[0]):
        return "groups", (), typing.cast("type[Any]", arguments[0])
    return _WIDGETS.get(hint, "tree"), (), None


_WIDGETS: dict[Any, Widget] = {
    str: "text",
    int: "number",
    bool: "switch",
    list[str]: "lines",
    dict[str, str]: "pairs",
    dict[str, list[str]]: "lists",
}


# From settings to what stands in the form


def written(question: Question, value: Any) -> str:
    """A value as it stands in its input; a group is written part by part."""
    if value is None or value == {}:
        return ""
    return _WRITERS.get(question.widget, str)(value)


_WRITERS: dict[str, Callable[[Any], str]] = {
    "switch": lambda value: "1" if value else "",
    "lines": "\n".join,
    "pairs": lambda value: "\n".join(f"{key}{PAIR}{text}" for key, text in value.items()),
    "lists": lambda value: "\n".join(f"{key}{PAIR}{', '.join(items)}" for key, items in value.items()),
    "tree": lambda value: "\n".join(f"{path}{PAIR}{text}" for path, text in _flat(value, "")),
}


def _flat(value: Any, path: str) -> list[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        return [line for key, item in value.items() for line in _flat(item, f"{path}.{key}" if path else str(key))]
    if isinstance(value, list) and value:
        return [line for number, item in enumerate(value) for line in _flat(item, f"{path}[{number}]")]
    if isinstance(value, str) and not _LITERAL.match(value) and "\n" not in value and value == value.strip() != "":
        return [(path, value)]
    return [(path, json.dumps(value, ensure_ascii=False))]


# From what was typed to settings


def read(connector: str, answers: Answers) -> dict[str, Any]:
    """The settings that a form holds; what was left empty has its default.

    Args:
        connector: its name.
        answers: name of an input -> what was typed. Inputs are called ``settings-NAME``, those of groups
            ``settings-NAME-NUMBER-PART``.

    Raises:
        WrongSetting: a line is not of the form asked for, or a number is none; which values are allowed the
            connector says (``harvesters.settings_of``).
    """
    return _read(questions(connector), answers, "settings-", connector)


def _read(asked: tuple[Question, ...], answers: Answers, prefix: str, connector: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for question in asked:
        if question.name == "url" and prefix == "settings-":
            continue  # the address belongs to the source itself
        name = prefix + question.name
        if question.widget == "groups":
            value: Any = _groups(question, answers, name, connector)
        else:
            typed = (answers(name) or "").replace("\r\n", "\n").strip()
            value = _value(question, typed, connector)
        if value != question.default and not (value in (None, "", [], {}) and question.default in (None, "", [], {})):
            found[question.name] = value
    return found


def _groups(question: Question, answers: Answers, name: str, connector: str) -> list[dict[str, Any]]:
    """The groups that have anything in them; a form offers empty ones for more."""
    kept = []
    for number in range(MOST_GROUPS):
        prefix = f"{name}-{number}-"
        if answers(prefix + question.parts[0].name) is None:
            break
        group = _read(question.parts, answers, prefix, connector)
        if group:
            kept.append(group)
    return kept


def _value(question: Question, typed: str, connector: str) -> Any:
    if question.widget == "switch":
        return bool(typed)
    if not typed:
        return {"lines": [], "pairs": {}, "lists": {}, "tree": {}}.get(question.widget, question.default)
    if question.widget == "number":
        if not re.fullmatch(r"-?\d{1,9}", typed):
            raise Mistyped(connector, question, typed, ("vpišite celo število.", "enter a whole number."))
        return int(typed)
    if question.widget in {"pairs", "lists", "tree"}:
        return _pairs(question, typed, connector)
    if question.widget == "lines":
        return [line.strip() for line in typed.split("\n") if line.strip()]
    return typed


def _pairs(question: Question, typed: str, connector: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in filter(None, (line.strip() for line in typed.split("\n"))):
        key, mark, value = line.partition(PAIR)
        if not mark or not key.strip():
            raise Mistyped(
                connector, question, line, ("vrstico napišite kot ime = vrednost.", "write the line as name = value.")
            )
        if question.widget == "tree":
            try:
                _put(found, key.strip(), _literal(value.strip()))
            except (ValueError, TypeError, IndexError, AttributeError) as error:
                said = "se ne ujema z vrsticami nad njo.", "does not fit the lines above it."
                raise Mistyped(connector, question, line, said) from error
        elif question.widget == "lists":
            found[key.strip()] = [item.strip() for item in value.split(",") if item.strip()]
        else:
            found[key.strip()] = value.strip()
    return found


def _literal(text: str) -> Any:
    if text in {"[]", "{}"} or _LITERAL.match(text):
        return json.loads(text)
    return text


def _put(found: dict[str, Any], path: str, value: Any) -> None:
    steps: list[str | int] = [name or int(number) for name, number in _STEP.findall(path)]
    holder: Any = found
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        empty: Any = value if following is None else [] if isinstance(following, int) else {}
        if isinstance(holder, list):
            if not isinstance(step, int) or step > len(holder):
                raise ValueError(path)
            if step == len(holder):
                holder.append(empty)
        elif not isinstance(step, str):
            raise TypeError(path)
        elif following is None or step not in holder:
            holder[step] = empty
        holder = holder[step]
