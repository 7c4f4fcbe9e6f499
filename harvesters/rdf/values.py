"""What stands behind a property: one reader per kind of value.

A reader takes a ``Subject``, the properties to look at (the first that has values wins) and the path of the field, and
returns the value or None. What it cannot use it reports on the subject and leaves out: nothing is lost in silence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

from rdflib import DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SDO, SKOS, TIME, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from harvesters.errors import clean
from harvesters.rdf.geometry import geojson
from harvesters.text import plain
from schemas import Problem, vocabulary
from schemas.kinds import LANGUAGES, is_iri

LOCN = Namespace("http://www.w3.org/ns/locn#")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
SCHEMA_HTTP = Namespace("http://schema.org/")

LABELS = (
    RDFS.label,
    SKOS.prefLabel,
    FOAF.name,
    VCARD.fn,
    DCTERMS.title,
    LOCN.geographicName,
    SDO.name,
    SCHEMA_HTTP.name,
)
_CODES = (RDF.value, SKOS.notation, DCTERMS.identifier, RDFS.label, SKOS.prefLabel, OWL.sameAs, SKOS.exactMatch)
_DAY_FIRST = re.compile(r"^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})$")
_PARTIAL = re.compile(r"^(\d{4})(?:-(\d{2}))?(?:Z|[+-]\d{2}:\d{2})?$")
_NUMBER = re.compile(r"^\s*([0-9]+(?:[.,][0-9]+)?)\s*$")

Predicates = tuple[URIRef, ...]


def order_of(graph: Graph, node: Node) -> tuple[bool, str]:
    """A key to sort nodes by that is the same in every run and format.

    Blank nodes come last: they have no name that survives, so their content is what they are known by.
    """
    if isinstance(node, BNode):
        said = sorted(f"{p} {o}" for p, o in graph.predicate_objects(node) if not isinstance(o, BNode))
        return True, json.dumps(said)
    return False, f"{node} {getattr(node, 'language', None) or ''}"


@dataclass(frozen=True)
class Subject:
    """A node of a graph that is being read, and the list that takes its problems."""

    graph: Graph
    node: Node
    language: str
    """Of text without a tag."""
    problems: list[Problem] = field(default_factory=list)

    def values(self, predicates: Predicates) -> list[Node]:
        """The values of the first property that has any, in an order that does not depend on the document."""
        for predicate in predicates:
            found = list(self.graph.objects(self.node, predicate))
            if found:
                return sorted(found, key=lambda node: order_of(self.graph, node))
        return []

    def at(self, node: Node) -> Subject:
        """The same reading, at another node."""
        return replace(self, node=node)

    def report(self, path: str, code: str, severity: str = "warning", **params: Any) -> None:
        """Say that something was left out or changed."""
        level: Any = severity
        self.problems.append(Problem(path, code, level, {key: _short(value) for key, value in params.items()}))

    def label(self) -> str:
        """What the node is called, in Slovene if it can be; empty when nobody says."""
        named = [item for item in self.values(LABELS) if isinstance(item, Literal)]
        order = {"sl": 0, self.language: 1, None: 2, "en": 3}
        named.sort(key=lambda item: (order.get(item.language, 4), str(item)))
        return plain(str(named[0]))[0] if named else ""


Read = Callable[[Subject, Predicates, str], Any]


def _short(value: Any) -> Any:
    return clean(value)[:200] if isinstance(value, str) else value


# Texts


def _by_language(src: Subject, predicates: Predicates, path: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in src.values(predicates):
        value = node if isinstance(node, Literal) else Literal(src.at(node).label())
        if not value:
            if node != value:
                src.report(path, "shape", expected="text", got=str(node))
            continue
        bare, had_html = plain(str(value))
        if had_html:
            src.report(path, "html", value=str(value))
        language = (value.language or src.language).casefold().partition("-")[0]
        if bare and bare not in found.setdefault(language, []):
            found[language].append(bare)
    return {language: texts for language, texts in found.items() if texts}


def _slovene_first(src: Subject, path: str, found: dict[str, Any]) -> dict[str, Any] | None:
    """Texts under the languages we hold; without a Slovene one, ``sl`` gets a copy and a warning says so."""
    if not found:
        return None
    if "sl" not in found:
        origin = next((lang for lang in (src.language, "en") if lang in found), min(found))
        found["sl"] = found[origin]
        src.report(f"{path}.sl", "not-translated", language=origin)
    return {language: found[language] for language in LANGUAGES if language in found}


def translated(src: Subject, predicates: Predicates, path: str) -> dict[str, str] | None:
    """{language: text}; of several texts in one language the longest."""
    found = _by_language(src, predicates, path)
    return _slovene_first(
        src, path, {lang: max(texts, key=lambda item: (len(item), item)) for lang, texts in found.items()}
    )


def translated_list(src: Subject, predicates: Predicates, path: str) -> dict[str, list[str]] | None:
    """{language: [texts]}."""
    return _slovene_first(src, path, dict(_by_language(src, predicates, path)))


def text(src: Subject, predicates: Predicates, path: str) -> str | None:
    """One text: of a literal, of what a node is called, or the node's address."""
    for value in src.values(predicates):
        written = str(value) if isinstance(value, Literal) else src.at(value).label()
        if not written and isinstance(value, URIRef):
            written = str(value)
        bare, had_html = plain(written)
        if had_html:
            src.report(path, "html", value=written)
        if bare:
            return bare
    return None


def texts(src: Subject, predicates: Predicates, path: str) -> list[str] | None:
    """Several texts."""
    found = [
        plain(str(value) if not isinstance(value, BNode) else src.at(value).label())[0]
        for value in src.values(predicates)
    ]
    return list(dict.fromkeys(item for item in found if item)) or None


# Addresses


def uris(src: Subject, predicates: Predicates, path: str) -> list[str] | None:
    """Addresses, written as IRIs or as literals."""
    found: list[str] = []
    for value in src.values(predicates):
        if isinstance(value, BNode):
            src.report(path, "not-a-uri", value=src.at(value).label() or "blank node")
            continue
        address = str(value).strip()
        if is_iri(address):
            found.append(address)
        else:
            src.report(path, "not-a-uri", value=address)
    return list(dict.fromkeys(found)) or None


def uri(src: Subject, predicates: Predicates, path: str) -> str | None:
    """One address."""
    found = uris(src, predicates, path)
    return found[0] if found else None


# Dates, numbers


def day_of(value: str) -> str | None:
    """The ISO date of a date or date-time as sources write them; also 31.12.2024, 2024-12 and 2024."""
    value = value.strip()
    slovene = _DAY_FIRST.match(value)
    if slovene:
        number, month, year = (int(part) for part in slovene.groups())
        value = f"{year:04}-{month:02}-{number:02}"
    partial = _PARTIAL.match(value)
    if partial:
        value = f"{partial.group(1)}-{partial.group(2) or '01'}-01"
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        pass
    try:
        # A date with a zone (xsd:date allows it) or with rubbish behind it is still a date.
        return (
            date.fromisoformat(value[:10]).isoformat() if re.match(r"^\d{4}-\d{2}-\d{2}(?:$|[TZ+ -])", value) else None
        )
    except ValueError:
        return None


def day(src: Subject, predicates: Predicates, path: str) -> str | None:
    """The latest of the dates."""
    found: list[str] = []
    for value in src.values(predicates):
        iso = day_of(str(value))
        if iso:
            found.append(iso)
        else:
            src.report(path, "not-a-date", value=str(value))
    return max(found) if found else None


def number(src: Subject, predicates: Predicates, path: str) -> float | None:
    """A decimal number."""
    for value in src.values(predicates):
        match = _NUMBER.match(str(value))
        if match:
            return float(match.group(1).replace(",", "."))
        src.report(path, "not-a-number", value=str(value))
    return None


def whole(src: Subject, predicates: Predicates, path: str) -> int | None:
    """A whole number; many catalogues write byteSize as the decimal 6776.0."""
    found = number(src, predicates, path)
    if found is not None and found != int(found):
        src.report(path, "not-a-number", value=str(found))
        return None
    return None if found is None else int(found)


# Codes


def codes(name: str) -> Read:
    """A reader of codes of one vocabulary."""

    def read(src: Subject, predicates: Predicates, path: str) -> list[str] | None:
        found: list[str] = []
        for value in src.values(predicates):
            code = code_of(src, name, value)
            if code:
                found.append(code)
            else:
                shown = str(value) if not isinstance(value, BNode) else src.at(value).label()
                src.report(path, "unknown-code", value=shown, vocabulary=name)
        return list(dict.fromkeys(found)) or None

    return read


def code(name: str) -> Read:
    """A reader of one code of one vocabulary."""
    several = codes(name)

    def read(src: Subject, predicates: Predicates, path: str) -> str | None:
        found = several(src, predicates, path)
        return found[0] if found else None

    return read


def code_of(src: Subject, name: str, node: Node) -> str | None:
    """The code a node stands for: by itself, by the end of its address, or by what is said about it."""
    known = vocabulary(name)
    for candidate in _candidates(src, node, 0):
        code_ = known.code_of(candidate)
        if code_:
            return code_
    return None


def _candidates(src: Subject, node: Node, depth: int) -> Iterable[str]:
    if not isinstance(node, BNode):
        written = unquote(str(node)).strip()
        yield written
        if isinstance(node, URIRef) or "://" in written:
            parts = written.rstrip("/#").replace("#", "/").split("/")
            yield parts[-1]
            yield "/".join(parts[-2:])
            yield "-".join(parts[-2:])
    if depth < 3 and not isinstance(node, Literal):
        yield from _duration(src, node)
        for predicate in _CODES:
            for value in sorted(src.graph.objects(node, predicate), key=str):
                yield from _candidates(src, value, depth + 1)


_PERIODS = {
    (TIME.years, 1): "ANNUAL", (TIME.years, 2): "BIENNIAL", (TIME.years, 3): "TRIENNIAL",
    (TIME.months, 6): "ANNUAL_2", (TIME.months, 3): "QUARTERLY", (TIME.months, 2): "BIMONTHLY",
    (TIME.months, 1): "MONTHLY",
    (TIME.weeks, 2): "BIWEEKLY", (TIME.weeks, 1): "WEEKLY", (TIME.days, 7): "WEEKLY", (TIME.days, 1): "DAILY",
    (TIME.hours, 1): "HOURLY",
}  # fmt: skip


def _duration(src: Subject, node: Node) -> Iterable[str]:
    """A frequency described as a length of time (time:DurationDescription)."""
    for (predicate, count), code_ in _PERIODS.items():
        value = src.graph.value(node, predicate)
        try:
            if value is not None and float(str(value)) == count:
                yield code_
        except ValueError:
            continue


# Structures


def periods(src: Subject, predicates: Predicates, path: str) -> list[dict[str, str]] | None:
    """Periods of time, in DCAT, schema.org or OWL-Time, or as ``start/end``."""
    start = (DCAT.startDate, SDO.startDate, SCHEMA_HTTP.startDate, TIME.hasBeginning)
    end = (DCAT.endDate, SDO.endDate, SCHEMA_HTTP.endDate, TIME.hasEnd)
    found = []
    for value in src.values(predicates):
        if isinstance(value, Literal):
            first, _, last = str(value).partition("/")
            period = {"start": day_of(first), "end": day_of(last)}
        else:
            inner = src.at(value)
            period = {"start": _instant(inner, start, f"{path}.start"), "end": _instant(inner, end, f"{path}.end")}
        kept = {key: item for key, item in period.items() if item}
        if kept:
            found.append(kept)
        else:
            src.report(path, "not-a-date", value=str(value))
    return found or None


def _instant(src: Subject, predicates: Predicates, path: str) -> str | None:
    for value in src.values(predicates):
        if isinstance(value, Literal):
            return day(src, predicates, path)
        inside = (TIME.inXSDDate, TIME.inXSDDateTime, TIME.inXSDDateTimeStamp, TIME.inDateTime)
        return day(src.at(value), inside, path)
    return None


def places(src: Subject, predicates: Predicates, path: str) -> list[dict[str, str]] | None:
    """Places: an address, a name, a frame, a centre, a geometry."""
    found = []
    for value in src.values(predicates):
        place: dict[str, str] = {}
        if isinstance(value, Literal):
            shape = geojson(str(value))
            place = {"geom": shape} if shape else {"text": plain(str(value))[0]}
        else:
            if isinstance(value, URIRef) and is_iri(str(value)):
                place["uri"] = str(value)
            inner = src.at(value)
            place["text"] = inner.label()
            for key, predicate in (("bbox", DCAT.bbox), ("centroid", DCAT.centroid), ("geom", LOCN.geometry)):
                place[key] = _geometry(inner, predicate, f"{path}.{key}")
            unit = inner.graph.value(value, LOCN.adminUnitL2) or inner.graph.value(value, LOCN.adminUnitL1)
            if "uri" not in place and isinstance(unit, URIRef) and is_iri(str(unit)):
                place["uri"] = str(unit)
        place = {key: item for key, item in place.items() if item}
        if place and place not in found:
            found.append(place)
    return found or None


def _geometry(src: Subject, predicate: URIRef, path: str) -> str:
    shapes = src.values((predicate,))
    for shape in shapes:
        found = geojson(str(shape))
        if found:
            return found
    for shape in shapes[:1]:
        src.report(path, "not-geojson", value=str(shape))
    return ""


def agents(src: Subject, predicates: Predicates, path: str) -> list[dict[str, str]] | None:
    """People and organisations (foaf:Agent, vcard:Kind, org:Organization) with a name and ways to reach them."""
    found = []
    for value in src.values(predicates):
        agent = agent_of(src, value, path)
        if agent and agent not in found:
            found.append(agent)
    return found or None


def operators(src: Subject, predicates: Predicates, path: str) -> list[dict[str, str]] | None:
    """Who runs a system: agents, or attributions that name one (of those with a role, the custodians)."""
    found = []
    for predicate in predicates:
        for value in src.values((predicate,)):
            role = src.graph.value(value, DCAT.hadRole)
            attributed = src.graph.value(value, PROV.agent)
            if role is not None and not str(role).rstrip("/").endswith("/custodian"):
                continue
            agent = agent_of(src, value if attributed is None else attributed, path)
            if agent and agent not in found:
                found.append(agent)
        if found:
            break
    return found or None


def agent_of(src: Subject, value: Node, path: str) -> dict[str, str]:
    """One agent: {name, email, phone, url, uri} as far as known."""
    if isinstance(value, Literal):
        return {"name": plain(str(value))[0]}
    inner = src.at(value)
    agent = {
        "name": inner.label() or text(inner, (VCARD["organization-name"], ORG.identifier), path) or "",
        "email": _reach(inner, (VCARD.hasEmail, FOAF.mbox, VCARD.email, SDO.email), "mailto:"),
        "phone": _reach(inner, (VCARD.hasTelephone, FOAF.phone, VCARD.tel), "tel:"),
        "url": _reach(inner, (VCARD.hasURL, FOAF.homepage, VCARD.url, FOAF.page), ""),
        "uri": str(value) if isinstance(value, URIRef) and is_iri(str(value)) else "",
    }
    return {key: item for key, item in agent.items() if item}


def _reach(src: Subject, predicates: Predicates, prefix: str) -> str:
    for value in src.values(predicates):
        # vcard puts the number on a node of its own: [] vcard:hasValue <tel:...>
        inner = src.graph.value(value, VCARD.hasValue) if not isinstance(value, Literal) else None
        written = str(inner if inner is not None else value).strip()
        if written.casefold().startswith(prefix):
            written = unquote(written[len(prefix) :]) if prefix else written
        if written:
            return written
    return ""
