"""How a value of each kind of field is checked: one function a kind, compiled once per field.

A checker takes the value and its path and appends Problems; it never raises on any JSON-like value.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from schemas.fields import Field
from schemas.problem import Problem
from schemas.vocabulary import vocabulary

Check = Callable[[Any, str, list[Problem]], None]

LANGUAGES = ("sl", "en", "it", "hu", "de", "hr")
"""Languages a text may be in; ``sl`` is the one that must be there."""

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
HTML = re.compile(r"<(?:/?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]*)?/?|!--)>?")
DURATION = re.compile(
    r"^P(?=.)(?:\d+(?:\.\d+)?Y)?(?:\d+(?:\.\d+)?M)?(?:\d+(?:\.\d+)?W)?(?:\d+(?:\.\d+)?D)?"
    r"(?:T(?=.)(?:\d+(?:\.\d+)?H)?(?:\d+(?:\.\d+)?M)?(?:\d+(?:\.\d+)?S)?)?$"
)
_LONG_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]|$)")
PARTIAL_DATE = re.compile(r"^\d{4}(?:-(?:0[1-9]|1[0-2]))?$")
EMAIL = re.compile(r"^[^@\s<>\"',;:\\]+@[^@\s<>\"',;:\\]+\.[^@\s<>\"',;:\\.]{2,}$")
_IRI_BAD = re.compile(r"[\s<>\"{}|\\^`\x00-\x20]")
_IRI_PLAIN = re.compile(r"(?:https?|ftps?)://[\w.-]+(?::\d+)?(?:[/?#][^\s<>\"{}|\\^`\x00-\x20]*)?")
"""What nearly every address looks like: told by one look, the others are taken apart."""

DEEPEST = 12
"""How deep a value may nest; no field of the standard comes near it (a multipolygon has five levels)."""


def is_empty(value: Any, depth: int = 0) -> bool:
    """Whether a value counts as left empty: nothing, blanks, or a container of nothing else."""
    # Told by its type, the commonest first: this is asked of every value of every description, often more than once.
    kind = type(value)
    if kind is str:
        return not value or bool(value.isspace())
    if value is None:
        return True
    if kind is dict or kind is list or isinstance(value, dict | list):
        if depth >= DEEPEST:
            return False
        for item in value.values() if isinstance(value, dict) else value:  # noqa: SIM110
            if not is_empty(item, depth + 1):
                return False
        return True
    return isinstance(value, str) and (not value or value.isspace())


WEB = {"http", "https", "ftp", "ftps"}
STREAMS = {"mqtt", "mqtts", "ws", "wss", "kafka", "amqp", "amqps"}
"""Schemes of access services that push (AsyncAPI's protocols)."""


def is_iri(value: str) -> bool:
    """Whether a text is an absolute http(s), stream, urn or ELI-like IRI that may be written into RDF."""
    if _IRI_PLAIN.fullmatch(value):
        return True
    if _IRI_BAD.search(value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    if parts.scheme in WEB | STREAMS:
        return bool(parts.hostname)
    return parts.scheme == "urn" and len(parts.path) > 2


def parse_date(value: str) -> date | None:
    """The day of an ISO 8601 date or date-time in its long form, or None when it is neither."""
    if not _LONG_DATE.match(value):
        return None
    try:
        return date.fromisoformat(value) if len(value) <= 10 else datetime.fromisoformat(value).date()
    except ValueError:
        return None


def _plain(field: Field) -> Callable[[str, str, list[Problem]], bool]:
    """Bounds and characters of a text; whether it is fit to be looked at further."""
    most, least = field.options.get("max_length", math.inf), field.options.get("min_length", 0)

    def plain(value: str, path: str, out: list[Problem]) -> bool:
        if not value.isprintable() and CONTROL.search(value):  # the first question is quick, and mostly answers both
            out.append(Problem.of(path, "control-characters"))
            return False
        if len(value) > most:
            out.append(Problem.of(path, "too-long", limit=most, length=len(value)))
        if least and len(value.strip()) < least:
            out.append(Problem.of(path, "too-short", limit=least, length=len(value.strip())))
        return True

    return plain


def _wrong(path: str, expected: str, value: Any) -> Problem:
    return Problem.of(path, "shape", expected=expected, got=_shape(value))


def _shape(value: Any) -> str:
    names = {dict: "object", list: "list", str: "text", bool: "true/false", int: "number", float: "number"}
    return "nothing" if value is None else names.get(type(value), type(value).__name__)


def _text(field: Field) -> Check:
    plain = _plain(field)

    def check(value: Any, path: str, out: list[Problem]) -> None:
        if not isinstance(value, str):
            out.append(_wrong(path, "text", value))
        elif plain(value, path, out) and "<" in value and HTML.search(value):
            out.append(Problem.of(path, "html"))

    return check


def _each(field: Field, one: Check) -> Check:
    most = field.options.get("max_items", 1000)

    def check(value: Any, path: str, out: list[Problem]) -> None:
        if not isinstance(value, list):
            out.append(_wrong(path, "list", value))
            return
        if len(value) > most:
            out.append(Problem.of(path, "too-many", limit=most, length=len(value)))
            return
        for index, item in enumerate(value):
            if (item and not item.isspace()) if type(item) is str else not is_empty(item):  # is_empty, without the call
                one(item, f"{path}[{index}]", out)

    return check


def _translated(field: Field) -> Check:
    one, sentence = _text(field), field.options.get("sentence", False)

    def check(value: Any, path: str, out: list[Problem]) -> None:
        if not isinstance(value, dict):
            out.append(_wrong(path, "object {sl, en}", value))
            return
        for lang, text in value.items():
            if lang not in LANGUAGES:
                out.append(Problem.of(f"{path}.{lang}", "unknown-language", language=str(lang)[:20]))
            elif not is_empty(text):
                one(text, f"{path}.{lang}", out)
                if sentence and isinstance(text, str) and shouts(text):
                    out.append(Problem.of(f"{path}.{lang}", "only-capitals"))
        if is_empty(value.get("sl")):
            out.append(Problem.of(f"{path}.sl", "slovene-missing"))

    return check


def shouts(text: str) -> bool:
    """Whether a text of several words is written in capitals only."""
    return len(text) > 6 and text.upper() == text and text.lower() != text and " " in text.strip()


def _translated_list(field: Field) -> Check:
    one = _each(field, _text(field))

    def check(value: Any, path: str, out: list[Problem]) -> None:
        if not isinstance(value, dict):
            out.append(_wrong(path, "object {sl: [...], en: [...]}", value))
            return
        for lang, items in value.items():
            if lang not in LANGUAGES:
                out.append(Problem.of(f"{path}.{lang}", "unknown-language", language=str(lang)[:20]))
            elif items is not None:
                one(items, f"{path}.{lang}", out)
        if is_empty(value.get("sl")):
            out.append(Problem.of(f"{path}.sl", "slovene-missing"))

    return check


def _choice(field: Field) -> Check:
    name = field.options["vocabulary"]
    known = vocabulary(name).entries
    refused = {"tajno", "strogo-tajno"} if name == "secrecy" else set()

    def check(value: Any, path: str, out: list[Problem]) -> None:
        if not isinstance(value, str):
            out.append(_wrong(path, "text", value))
        elif value in known:
            return
        elif "-".join(value.casefold().replace("_", " ").split()).removeprefix("ztp-") in refused:
            out.append(Problem.of(path, "classified-refused", value=value))
        else:
            out.append(Problem.of(path, "unknown-code", value=value[:200], vocabulary=name))

    return check


def _date(field: Field) -> Check:
    partial = field.options.get("partial", False)

    def check(value: Any, path: str, out: list[Problem]) -> None:
        if not isinstance(value, str):
            out.append(_wrong(path, "text", value))
        elif not (parse_date(value) or (partial and PARTIAL_DATE.match(value))):
            out.append(Problem.of(path, "not-a-date", value=value[:100]))

    return check


def _number(field: Field) -> Check:
    options = field.options

    def check(value: Any, path: str, out: list[Problem]) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124 NaN
            out.append(_wrong(path, "number", value))
        elif (
            ("above" in options and value <= options["above"])
            or ("at_least" in options and value < options["at_least"])
            or ("at_most" in options and value > options["at_most"])
            or abs(value) > 1e18
            or (options.get("integer") and value != int(value))
        ):
            out.append(Problem.of(path, "out-of-range", value=value))

    return check


def _matching(code: str, matches: Callable[[str], Any], **params: Any) -> Callable[[Field], Check]:
    """A kind whose values are texts that a predicate accepts."""

    def make(field: Field) -> Check:
        plain = _plain(field)

        def check(value: Any, path: str, out: list[Problem]) -> None:
            if not isinstance(value, str):
                out.append(_wrong(path, "text", value))
            elif plain(value, path, out) and not matches(value):
                out.append(Problem.of(path, code, value=value[:200], **params))

        return check

    return make


def _pattern(field: Field) -> Check:
    pattern = re.compile(field.options["pattern"])
    return _matching("wrong-form", pattern.fullmatch, example=field.options["example"])(field)


def _geometry(field: Field) -> Check:
    plain = _plain(field)

    def check(value: Any, path: str, out: list[Problem]) -> None:
        if not isinstance(value, str):
            out.append(_wrong(path, "text with GeoJSON", value))
            return
        if not plain(value, path, out):
            return
        geometry = _geojson(value)
        if geometry is None:
            out.append(Problem.of(path, "not-geojson"))
        elif not _inside_the_world(geometry["coordinates"]):
            out.append(Problem.of(path, "outside-the-world"))

    return check


def _geojson(value: str) -> dict[str, Any] | None:
    try:
        geometry = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return geometry if isinstance(geometry, dict) and isinstance(geometry.get("coordinates"), list) else None


def is_geometry(value: str) -> bool:
    """Whether a text is GeoJSON with coordinates on the globe."""
    geometry = _geojson(value)
    return geometry is not None and _inside_the_world(geometry["coordinates"])


def is_point(value: Any) -> bool:
    """Whether a value is GeoJSON text of one or more points."""
    geometry = _geojson(value) if isinstance(value, str) else None
    return geometry is not None and geometry.get("type") in ("Point", "MultiPoint")


def _inside_the_world(coordinates: Any, depth: int = 0) -> bool:
    if not isinstance(coordinates, list) or not coordinates or depth > 5:
        return False
    if not isinstance(coordinates[0], list):
        if any(type(number) not in (int, float) for number in coordinates):
            return False
        return len(coordinates) >= 2 and abs(coordinates[0]) <= 180 and abs(coordinates[1]) <= 90
    return all(_inside_the_world(item, depth + 1) for item in coordinates)


def _object(field: Field) -> Check:
    checks = {sub.name: compiled(sub) for sub in field.subfields}
    mandatory = [sub.name for sub in field.subfields if sub.rule == "M"]

    def check(value: Any, path: str, out: list[Problem]) -> None:
        if not isinstance(value, dict):
            out.append(_wrong(path, "object", value))
            return
        for key, item in value.items():
            one = checks.get(key)
            if one is None:
                out.append(Problem.of(f"{path}.{str(key)[:100]}", "unknown-key", key=str(key)[:100]))
            elif (item and not item.isspace()) if type(item) is str else not is_empty(item):
                one(item, f"{path}.{key}", out)
        for name in mandatory:
            if is_empty(value.get(name)):
                out.append(Problem.of(f"{path}.{name}", "missing"))  # noqa: PERF401 nearly never is there one

    return check


def _json_object(_field: Field) -> Check:
    def check(value: Any, path: str, out: list[Problem]) -> None:
        if not isinstance(value, dict):
            out.append(_wrong(path, "object", value))

    return check


def _origins(field: Field) -> Check:
    """``{name of a field: where its value comes from}``."""
    one = _choice(field)

    def check(value: Any, path: str, out: list[Problem]) -> None:
        if not isinstance(value, dict):
            out.append(_wrong(path, "object", value))
            return
        for key, item in value.items():
            one(item, f"{path}.{str(key)[:100]}", out)

    return check


def is_place(value: str) -> bool:
    """A web address, or for what never leaves the house a network share or file address."""
    return is_iri(value) or value.startswith(("\\\\", "file:")) or bool(re.match(r"^[A-Za-z]:\\", value))


_KINDS: dict[str, Callable[[Field], Check]] = {
    "text": _text,
    "texts": lambda field: _each(field, _text(field)),
    "translated": _translated,
    "translated_list": _translated_list,
    "choice": _choice,
    "choices": lambda field: _each(field, _choice(field)),
    "date": _date,
    "duration": _matching("not-a-duration", DURATION.match),
    "number": _number,
    "uri": _matching("not-a-uri", is_iri),
    "uris": lambda field: _each(field, _matching("not-a-uri", is_iri)(field)),
    "place": _matching("not-an-address", is_place),
    "email": _matching("not-an-email", EMAIL.match),
    "pattern": _pattern,
    "geometry": _geometry,
    "object": _object,
    "objects": lambda field: _each(field, _object(field)),
    "organization": _text,
    "json_object": _json_object,
    "origins": _origins,
}

TEXT_KINDS = frozenset({
    "text", "choice", "date", "duration", "uri", "place", "email", "pattern", "geometry", "organization",
})  # fmt: skip
"""Kinds whose values are plain texts; all others are stored as JSON."""


def compiled(field: Field) -> Check:
    """The checker of one field.

    Raises:
        KeyError: the field names a kind that does not exist.
    """
    return _KINDS[field.kind](field)
