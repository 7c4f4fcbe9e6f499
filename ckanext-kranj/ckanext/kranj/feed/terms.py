"""RDF terms that cannot be malformed: every text and address of a description passes through here.

A value that RDF/XML or a strict parser would choke on is repaired (text) or refused (addresses: ``None``), so that one
bad dataset never breaks the page it stands on. No CKAN import.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pyoxigraph import Literal, NamedNode

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "as": "https://www.w3.org/ns/activitystreams#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "eli": "http://data.europa.eu/eli/ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "gsp": "http://www.opengis.net/ont/geosparql#",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "kranj": "https://podatki.kranj.si/ns#",
    "ldes": "https://w3id.org/ldes#",
    "locn": "http://www.w3.org/ns/locn#",
    "oa": "http://www.w3.org/ns/oa#",
    "prov": "http://www.w3.org/ns/prov#",
    "pv8o": "https://piveau.eu/ns/voc#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "sosa": "http://www.w3.org/ns/sosa/",
    "spdx": "http://spdx.org/rdf/terms#",
    "tree": "https://w3id.org/tree#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"

# What XML 1.0 (production 2) does not allow in a document, lone surrogates included.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What RFC 3987 does not allow in an IRI and people paste nevertheless.
_UNSAFE = re.compile(r'[\x00-\x20<>"{}|\\^`\x7f]')
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_DURATION = re.compile(r"-?P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?")
_WEEKS = re.compile(r"P(\d+)W")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
_SCHEMES = ("http://", "https://", "ftp://", "ftps://", "urn:", "mailto:", "tel:", "mqtt://", "mqtts://")


class Namespace:
    """A vocabulary: ``DCT["title"]`` is the IRI of the term."""

    def __init__(self, prefix: str) -> None:
        self._base = PREFIXES[prefix]
        self._terms: dict[str, NamedNode] = {}

    def __getitem__(self, name: str) -> NamedNode:
        if name not in self._terms:
            self._terms[name] = NamedNode(self._base + name)
        return self._terms[name]

    __getattr__ = __getitem__


(
    ADMS, AS, DCAT, DCATAP, DCT, DQV, ELI, FOAF, GSP, HYDRA, KRANJ, LDES,
    LOCN, OA, PROV, PIVEAU, RDF, RDFS, SKOS, SOSA, SPDX, TREE, VCARD, XSD,
) = map(Namespace, PREFIXES)  # fmt: skip


def clean(value: Any) -> str:
    """A value as text that every RDF format can carry; empty when there is nothing to say."""
    if value is None or isinstance(value, bool | dict | list | tuple):
        return ""
    return _ILLEGAL.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n")).strip()


def iri(value: Any) -> NamedNode | None:
    """An address as an IRI.

    Returns:
        The IRI with forbidden characters percent-encoded; None for what is not an absolute address that the outside
        world may follow (``file:``, ``\\\\server\\share``, ``javascript:``, plain words).
    """
    text = clean(value)
    if not text.casefold().startswith(_SCHEMES):
        return None
    text = _LONE_PERCENT.sub("%25", _UNSAFE.sub(lambda found: f"%{ord(found.group()):02X}", text))
    try:
        return NamedNode(text)
    except ValueError:
        return None


def web(value: Any) -> NamedNode | None:
    """An address that a person or a harvester can open: http(s) or ftp(s)."""
    found = iri(value)
    return found if found and found.value.casefold().startswith(("http", "ftp")) else None


def text(value: Any, language: str = "") -> Literal | None:
    """A text literal, with a language tag when one is given and well-formed."""
    cleaned = clean(value)
    if not cleaned:
        return None
    if language and _LANGUAGE.fullmatch(language):
        return Literal(cleaned, language=language.lower())
    return Literal(cleaned)


def texts(value: Any, fallback: Any = None) -> list[Literal]:
    """The literals of a translated field, one per language, Slovene first.

    Args:
        value: ``{"sl": "…", "en": "…"}``; a value may be a list (keywords).
        fallback: plain text to use, as Slovene, when ``value`` holds nothing.
    """
    found: list[Literal] = []
    if isinstance(value, dict):
        for language in sorted(value, key=lambda code: (code != "sl", str(code))):
            several = value[language] if isinstance(value[language], list | tuple) else [value[language]]
            found += [literal for one in several if (literal := text(one, str(language)))]
    if not found and (literal := text(fallback, "sl")):
        found.append(literal)
    return found


def moment(value: Any) -> Literal | None:
    """A date literal of the type its precision deserves (year, month, day, instant with zone), or None."""
    raw = value.isoformat() if isinstance(value, date) else clean(value)
    for pattern, kind in ((r"\d{4}", "gYear"), (r"\d{4}-(0[1-9]|1[0-2])", "gYearMonth")):
        if re.fullmatch(pattern, raw):
            return Literal(raw, datatype=XSD[kind]) if raw[:4] != "0000" else None
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", raw):
            return Literal(date.fromisoformat(raw).isoformat(), datatype=XSD.date)
        parsed = datetime.fromisoformat(raw)
    except ValueError:
        return None
    zone = "" if parsed.tzinfo else "Z"  # CKAN stores naive UTC
    return Literal(parsed.isoformat() + zone, datatype=XSD.dateTime)


def duration(value: Any) -> Literal | None:
    """An ISO 8601 duration; weeks, which XML Schema lacks, become days."""
    raw = clean(value)
    weeks = _WEEKS.fullmatch(raw)
    if weeks:
        raw = f"P{int(weeks.group(1)) * 7}D"
    return Literal(raw, datatype=XSD.duration) if _DURATION.fullmatch(raw) else None


def decimal(value: Any) -> Literal | None:
    """A finite decimal number."""
    try:
        number = Decimal(clean(value))
    except InvalidOperation:
        return None
    return Literal(f"{number:f}", datatype=XSD.decimal) if number.is_finite() else None


def byte_size(value: Any) -> Literal | None:
    """A size in bytes, not negative."""
    raw = clean(value)
    return Literal(str(int(raw)), datatype=XSD.nonNegativeInteger) if re.fullmatch(r"\d{1,18}", raw) else None


def hexadecimal(value: Any) -> Literal | None:
    """A checksum in hexadecimal digits; other notations cannot be typed and are left out."""
    raw = clean(value)
    return Literal(raw, datatype=XSD.hexBinary) if re.fullmatch(r"([0-9a-fA-F]{2})+", raw) else None


def media_type(value: Any) -> NamedNode | None:
    """The IANA address of a media type given as ``text/csv`` or already as an IANA address."""
    raw = clean(value).split("/media-types/")[-1].split(";")[0].strip()
    return iri(MEDIA_TYPES + raw) if _MEDIA_TYPE.fullmatch(raw) else None
