"""A description in the making: takes what a source says, leaves out what cannot be used, and says so.

A connector writes only what the source says. What no source of its kind can say (owner, secrecy, retention, often the
meaning) is left to the source's preset; nothing is made up here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from harvesters.connector import Context, Reading
from harvesters.errors import clean
from harvesters.rdf.values import day_of
from harvesters.text import plain
from schemas import Problem, vocabulary
from schemas.kinds import LANGUAGES, is_iri

WORLD = (-180.0, -90.0, 180.0, 90.0)


class Description:
    """One dataset, from the values of a source.

    Example::

        made = Description(ctx, "parcele", "sl")
        made.text("title_translated", "Parcele")
        made.resource("wfs", {"sl": "Storitev WFS", "en": "WFS service"}, "https://…", "WFS_SRVC")
        yield made.reading()
    """

    def __init__(self, ctx: Context, guid: str, language: str):
        """Begin a description.

        Args:
            ctx: of the run.
            guid: the source's own identifier of the dataset.
            language: of text whose language the source does not say.
        """
        self.guid = guid
        self.dataset: dict[str, Any] = {"resources": []}
        self.internal: dict[str, Any] = {}
        self.columns: dict[str, list[dict[str, Any]]] = {}
        """Id of a resource -> its columns (``tables.say_columns``)."""
        self.problems: list[Problem] = []
        self._ctx = ctx
        self._language = language

    def report(self, path: str, code: str, **params: Any) -> None:
        """Say that something was left out or changed."""
        self.problems.append(Problem(path, code, "warning", {key: _short(item) for key, item in params.items()}))

    def say(self, **values: Any) -> None:
        """Set fields as they are; what is empty is not said."""
        self.dataset |= {name: value for name, value in values.items() if value not in (None, "", [], {})}

    def text(self, field: str, value: Any, language: str = "") -> None:
        """A text in the language of the source."""
        self.texts(field, {language or self._language: value})

    def texts(self, field: str, values: Mapping[str, Any]) -> None:
        """A text in several languages."""
        self.say(**{field: self.translated(field, values)})

    def translated(self, path: str, values: Mapping[str, Any]) -> dict[str, str]:
        """A text in several languages; without a Slovene one, ``sl`` gets a copy and a warning says so."""
        found: dict[str, str] = {}
        for tag, value in values.items():
            bare, had_html = plain(str(value)) if isinstance(value, str | int | float) else ("", False)
            if had_html:
                self.report(path, "html", value=str(value))
            if bare:
                found.setdefault(tag.casefold().partition("-")[0], bare)
        if found and "sl" not in found:
            origin = next((tag for tag in (self._language, "en") if tag in found), min(found))
            found["sl"] = found[origin]
            self.report(f"{path}.sl", "not-translated", language=origin)
        return {tag: found[tag] for tag in LANGUAGES if tag in found}

    def keywords(self, values: Iterable[Any]) -> None:
        """Key words in the language of the source."""
        found = dict.fromkeys(plain(item)[0] for item in values if isinstance(item, str) and item.strip())
        if found:
            language = self._language if self._language in LANGUAGES else "sl"
            self.dataset["tags_translated"] = {"sl": list(found), language: list(found)}
            if language != "sl":
                self.report("tags_translated.sl", "not-translated", language=language)

    def code(self, field: str, list_name: str, value: Any) -> None:
        """A code of a code list; an unknown one is reported and left out."""
        if value in (None, ""):
            return
        code = vocabulary(list_name).code_of(str(value))
        if code:
            self.dataset[field] = code
        else:
            self.report(field, "unknown-code", value=str(value), vocabulary=list_name)

    def licence(self, value: Any) -> None:
        """The licence; what the standard does not know is kept among the conditions of use."""
        if not isinstance(value, str) or not value.strip():
            return
        self.code("license_id", "licence", value)
        if "license_id" not in self.dataset:
            bare = plain(value)[0]
            self.dataset["access_conditions_translated"] = {
                "sl": f"Licenca vira: {bare}",
                "en": f"Licence of the source: {bare}",
            }

    def day(self, field: str, value: Any) -> None:
        """A date, from any of the ways sources write one."""
        if value in (None, ""):
            return
        iso = day_of(str(value))
        if iso:
            self.dataset[field] = iso
        else:
            self.report(field, "not-a-date", value=str(value))

    def period(self, start: Any, end: Any) -> None:
        """The time that the data cover."""
        found = {"start": day_of(str(start or "")), "end": day_of(str(end or ""))}
        kept = {key: item for key, item in found.items() if item}
        if kept:
            self.dataset["temporal_coverage"] = [kept]

    def uri(self, field: str, value: Any) -> None:
        """One address."""
        if isinstance(value, str) and is_iri(value.strip()):
            self.dataset[field] = value.strip()
        elif value not in (None, ""):
            self.report(field, "not-a-uri", value=str(value))

    def person(self, field: str, **values: Any) -> None:
        """Somebody with a name; without a name there is nobody."""
        kept = {key: str(item).strip() for key, item in values.items() if item not in (None, "") and str(item).strip()}
        if kept.get("name"):
            self.dataset.setdefault(field, []).append(kept)

    def box(self, west: Any, south: Any, east: Any, north: Any, text: str = "") -> None:
        """The frame of the data in degrees; one outside the world is reported and left out."""
        try:
            w, s, e, n = (round(float(item), 6) for item in (west, south, east, north))
        except (TypeError, ValueError):
            return
        if not (WORLD[0] <= w <= e <= WORLD[2] and WORLD[1] <= s <= n <= WORLD[3]):
            self.report("spatial_coverage[0].bbox", "outside-the-world", value=f"{w} {s} {e} {n}")
            return
        ring = [[w, s], [e, s], [e, n], [w, n], [w, s]]
        shape = {"type": "Point", "coordinates": [w, s]} if (w, s) == (e, n) else _polygon(ring)
        key = "centroid" if shape["type"] == "Point" else "bbox"
        self.dataset["spatial_coverage"] = [{**({"text": text} if text else {}), key: json.dumps(shape)}]

    def resource(self, key: str, names: Mapping[str, str], url: str, file_type: str, **more: Any) -> dict[str, Any]:
        """Add a resource.

        Args:
            key: what the source knows it by.
            names: {sl, en}.
            url: where it is.
            file_type: a code of the list ``file_type``.
            **more: further fields; what is empty is not said.
        """
        given = {"name_translated": dict(names), "url": url, "format": file_type, **more}
        made = {name: value for name, value in given.items() if value not in (None, "", [], {})}
        made["id"] = self._ctx.resource_id(self.guid, key)
        self.dataset["resources"].append(made)
        return made

    def reading(self) -> Reading:
        """The finished reading."""
        return self._ctx.reading(
            self.guid, self.dataset, internal=self.internal, problems=self.problems, columns=self.columns
        )


def service(title: str, endpoint: str, conforms_to: str, **more: Any) -> list[dict[str, Any]]:
    """An access service as a resource holds it."""
    return [{"title": title, "endpoint_url": [endpoint], "conforms_to": [conforms_to], **more}]


def _polygon(ring: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring]}


def _short(value: Any) -> Any:
    return clean(value)[:200] if isinstance(value, str) else value
