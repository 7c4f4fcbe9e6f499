"""The standard as JSON Schema 2020-12, for suppliers, editors and other languages.

Made from dataset.yaml and internal.yaml.

``record.json`` is a whole description, ``internal.json`` the internal block. They judge a description from which
what is left empty was dropped (``without_empty``). Formats that start with ``kranj-`` are checked by ``checker()``; a
validator that does not know them passes them over.
Run ``python -m schemas.json_schema`` after a change; a test compares.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from schemas import kinds, rules
from schemas.fields import Field, dataset_fields, internal_fields, resource_fields
from schemas.json_rules import RULES
from schemas.problem import Problem
from schemas.validation import ACCEPTED_DATASET_KEYS, ACCEPTED_RESOURCE_KEYS
from schemas.vocabulary import vocabulary

Schema = dict[str, Any]
BASE = "https://podatki.kranj.si/standard/"


def _text(field: Field) -> Schema:
    return _string(field) | {"allOf": [{"$ref": "#/$defs/printable"}, {"$ref": "#/$defs/plain"}]}


def _string(field: Field, **more: Any) -> Schema:
    """A text with the field's bounds."""
    bounds = {"min_length": "minLength", "max_length": "maxLength"}
    limits = {bounds[key]: value for key, value in field.options.items() if key in bounds}
    if field.options.get("sentence"):
        limits["format"] = "kranj-sentence"
    return {"type": "string", **limits, **more}


def _printable(field: Field, **more: Any) -> Schema:
    return _string(field, allOf=[{"$ref": "#/$defs/printable"}], **more)


def _array(field: Field, items: Schema) -> Schema:
    return {"type": "array", "maxItems": field.options.get("max_items", 1000), "items": items}


def _languages(value: Schema) -> Schema:
    properties = dict.fromkeys(kinds.LANGUAGES, value)
    return {"type": "object", "properties": properties, "required": ["sl"], "additionalProperties": False}


def _choice(field: Field) -> Schema:
    return {"$ref": f"#/$defs/{field.options['vocabulary']}"}


def _number(field: Field) -> Schema:
    bounds = {"above": "exclusiveMinimum", "at_least": "minimum", "at_most": "maximum"}
    limits = {bounds[key]: value for key, value in field.options.items() if key in bounds}
    kind = "integer" if field.options.get("integer") else "number"
    return {"type": kind, "minimum": -1e18, "maximum": 1e18, **limits}


def _date(field: Field) -> Schema:
    return {"type": "string", "format": "kranj-partial-date" if field.options.get("partial") else "kranj-date"}


def _object(field: Field) -> Schema:
    return level(field.subfields, [sub.name for sub in field.subfields if sub.rule == "M"])


def _translated_list(field: Field) -> Schema:
    return _languages(_array(field, _text(field)))


_MAKERS: dict[str, Callable[[Field], Schema]] = {
    "text": _text,
    "texts": lambda field: _array(field, _text(field)),
    "translated": lambda field: _languages(_text(field)),
    "translated_list": _translated_list,
    "choice": _choice,
    "choices": lambda field: _array(field, _choice(field)),
    "date": _date,
    "duration": lambda field: _printable(field, pattern=kinds.DURATION.pattern),
    "number": _number,
    "uri": lambda field: _printable(field, format="kranj-iri", pattern="^[A-Za-z]+:"),
    "uris": lambda field: _array(field, _printable(field, format="kranj-iri", pattern="^[A-Za-z]+:")),
    "place": lambda field: _printable(field, format="kranj-address"),
    "email": lambda field: _printable(field, pattern=kinds.EMAIL.pattern),
    "pattern": lambda field: _printable(field, pattern=field.options["pattern"]),
    "geometry": lambda field: _printable(field, format="kranj-geojson", contentMediaType="application/geo+json"),
    "object": _object,
    "objects": lambda field: _array(field, _object(field)),
    "organization": _text,
    "json_object": lambda _field: {"type": "object"},
    "origins": lambda field: {"type": "object", "additionalProperties": _choice(field)},
}


def level(fields: Iterable[Field], required: Iterable[str], accepted: Iterable[str] = ()) -> Schema:
    """An object of fields, with their labels and help texts, that takes no other keys."""
    properties: Schema = {}
    for field in fields:
        words: Schema = {"title": field.label["sl"]}
        if field.help_text:
            words["description"] = field.help_text["sl"]
        properties[field.name] = words | _MAKERS[field.kind](field)
    properties |= {name: True for name in sorted(accepted) if name not in properties}
    return {"type": "object", "properties": properties, "required": sorted(required), "additionalProperties": False}


def _mandatory(fields: Iterable[Field], rule: str = "M") -> list[str]:
    return [field.name for field in fields if field.rule == rule]


def _vocabularies(fields: Iterable[Field]) -> Iterator[str]:
    for field in fields:
        if "vocabulary" in field.options:
            yield field.options["vocabulary"]
        yield from _vocabularies(field.subfields)


def _definitions(*groups: Iterable[Field]) -> Schema:
    names = sorted({name for fields in groups for name in _vocabularies(fields)})
    lists = {name: {"title": vocabulary(name).title["sl"], "enum": vocabulary(name).codes} for name in names}
    return {
        "printable": {"not": {"pattern": kinds.CONTROL.pattern}},
        "plain": {"not": {"pattern": kinds.HTML.pattern}},
        **lists,
    }


def internal_schema() -> Schema:
    """The schema of the internal block."""
    fields = internal_fields()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": BASE + "internal.json",
        "title": "Notranji del opisa zbirke (Mestna občina Kranj)",
        **level(fields, _mandatory(fields)),
        "$defs": _definitions(fields),
    }


def record_schema() -> Schema:
    """The schema of a whole description."""
    fields, internal = dataset_fields(), internal_fields()
    schema = level(fields, [*_mandatory(fields), "internal"], ACCEPTED_DATASET_KEYS - {"resources", "internal"})
    schema["properties"]["resources"] = {
        "type": "array",
        "items": level(resource_fields(), _mandatory(resource_fields()), ACCEPTED_RESOURCE_KEYS),
    }
    schema["properties"]["internal"] = level(internal, _mandatory(internal))
    for_public = {"$comment": "missing-for-public", "if": rules_public(), "then": {"required": _mandatory(fields, "P")}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": BASE + "record.json",
        "title": "Opis podatkovne zbirke (Mestna občina Kranj)",
        "$comment": "Drop what is left empty first. Periods, addresses and secrets: format kranj-consistent.",
        **schema,
        "format": "kranj-consistent",
        "allOf": [for_public, *RULES],
        "$defs": _definitions(fields, resource_fields(), internal),
    }


def rules_public() -> Schema:
    """The condition that a description is public."""
    return {"properties": {"visibility": {"const": "public"}}, "required": ["visibility"]}


@lru_cache(maxsize=1)
def checker() -> FormatChecker:
    """The formats of the standard."""
    found = FormatChecker(formats=())
    tests: dict[str, Callable[[str], Any]] = {
        "kranj-sentence": lambda value: not kinds.shouts(value),
        "kranj-date": kinds.parse_date,
        "kranj-partial-date": lambda value: kinds.parse_date(value) or kinds.PARTIAL_DATE.match(value),
        "kranj-iri": kinds.is_iri,
        "kranj-address": kinds.is_place,
        "kranj-geojson": kinds.is_geometry,
    }
    for name, test in tests.items():
        found.checks(name)(lambda value, test=test: not isinstance(value, str) or bool(test(value)))
    found.checks("kranj-consistent")(_consistent)
    return found


def _consistent(value: object) -> bool:
    """What JSON Schema has no words for: the order of dates, addresses inside the house, secrets."""
    if not isinstance(value, Mapping):
        return True
    out: list[Problem] = []
    rules.check_beyond(value, out)
    return not out


@lru_cache(maxsize=2)
def validator(name: str = "record") -> Draft202012Validator:
    """A validator for ``record`` or ``internal`` that fetches nothing."""
    schema = record_schema() if name == "record" else internal_schema()
    return Draft202012Validator(schema, format_checker=checker())


def files() -> dict[str, str]:
    """File name -> text of the generated schemas."""
    made = {"record.json": record_schema(), "internal.json": internal_schema()}
    return {name: json.dumps(schema, ensure_ascii=False, indent=1) + "\n" for name, schema in made.items()}


if __name__ == "__main__":
    for file, content in files().items():
        (Path(__file__).parent / file).write_text(content, encoding="utf-8")
