"""The points of the Metadata Quality Assessment of data.europa.eu, computed as it computes them. No CKAN import.

A table of metrics over what a dataset says in the feed, 405 points in all: the metrics of the dataset and those of its
best distribution. What cannot be known here (an address nobody has asked yet) counts nothing and is named as unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from schemas import vocabulary

from .terms import DCAT, DCT, DQV, MEDIA_TYPES, PIVEAU, RDF, XSD

EU = "http://publications.europa.eu/resource/authority/"
BANDS = (("excellent", 351), ("good", 221), ("sufficient", 121), ("bad", 0))

# The lists of data.europa.eu (as carried by its open implementations), by the codes of the EU table of file types.
NON_PROPRIETARY = frozenset({
    "CSV", "TSV", "JSON", "GEOJSON", "JSON_LD", "XML", "YAML", "ODS", "TXT", "HTML", "ZIP", "GZIP", "RDF_XML",
    "RDF_TURTLE", "GPKG", "GML", "KML", "GPX", "GEOTIFF", "PNG", "SVG", "NETCDF", "PARQUET", "GTFS", "ICS", "RSS",
    "ATOM", "ODT", "WFS_SRVC", "WMS_SRVC", "WMTS_SRVC", "WCS_SRVC",
})  # fmt: skip
MACHINE_READABLE = frozenset({
    "CSV", "TSV", "JSON", "GEOJSON", "JSON_LD", "XML", "YAML", "XLSX", "XLS", "ODS", "RDF_XML", "RDF_TURTLE", "SHP",
    "GPKG", "GML", "KML", "KMZ", "GPX", "NETCDF", "PARQUET", "GTFS", "ICS", "RSS", "ATOM", "REST", "MAP_SRVC",
    "WFS_SRVC", "WMS_SRVC", "WCS_SRVC", "SQL",
})  # fmt: skip

Node = NamedNode | BlankNode
Answer = Callable[[str], bool | None]
"""Whether an address answers HEAD with 2xx; None when it was not asked."""


class Facts:
    """What a graph says, by subject and predicate."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._said: dict[tuple[object, object], list[object]] = {}
        for one in triples:
            self._said.setdefault((one.subject, one.predicate), []).append(one.object)

    @classmethod
    def of(cls, fragment: bytes) -> Facts:
        """The facts of a fragment in N-Triples."""
        return cls(Triple(*one.triple) for one in parse(fragment, format=RdfFormat.N_TRIPLES))

    def values(self, node: object, predicate: NamedNode) -> list[object]:
        """Every value of a property."""
        return self._said.get((node, predicate), [])

    def addresses(self, node: object, predicate: NamedNode) -> list[str]:
        """The values that are IRIs."""
        return [one.value for one in self.values(node, predicate) if isinstance(one, NamedNode)]


@dataclass(frozen=True)
class Metric:
    """One line of the assessment.

    ``test`` gets the facts, the node and the way to ask whether an address answers; None means unknown.
    """

    name: str
    dimension: str
    points: int
    test: Callable[[Facts, object, Answer], bool | None]
    fix: dict[str, str]
    """What a steward can do, in Slovene and English."""


def _has(predicate: NamedNode) -> Callable[[Facts, object, Answer], bool]:
    return lambda facts, node, _: bool(facts.values(node, predicate))


def _within(predicate: NamedNode, start: str) -> Callable[[Facts, object, Answer], bool]:
    return lambda facts, node, _: any(one.startswith(start) for one in facts.addresses(node, predicate))


def _answers(predicate: NamedNode) -> Callable[[Facts, object, Answer], bool | None]:
    def test(facts: Facts, node: object, answer: Answer) -> bool | None:
        found = [answer(one) for one in facts.addresses(node, predicate)]
        return True if True in found else (None if None in found else False)

    return test


def _format_in(codes: frozenset[str]) -> Callable[[Facts, object, Answer], bool]:
    return lambda facts, node, _: any(
        one.removeprefix(f"{EU}file-type/") in codes for one in facts.addresses(node, DCT["format"])
    )


def _aligned(facts: Facts, node: object, _: Answer) -> bool:
    formats = facts.addresses(node, DCT["format"])
    types = facts.addresses(node, DCAT.mediaType)
    return any(one.startswith(f"{EU}file-type/") for one in formats) and any(
        one.startswith(MEDIA_TYPES) for one in types
    )


def _known_licence(facts: Facts, node: object, _: Answer) -> bool:
    known = vocabulary("licence")
    return any(one in {known.uri(code) for code in known.codes} for one in facts.addresses(node, DCT.license))


DATASET = (
    Metric(
        "keywordAvailability", "findability", 30, _has(DCAT.keyword),
        {"sl": "Dodajte ključne besede.", "en": "Add keywords."},
    ),
    Metric(
        "categoryAvailability", "findability", 30, _has(DCAT.theme),
        {"sl": "Izberite vsebinsko področje.", "en": "Choose a content area."},
    ),
    Metric(
        "spatialAvailability", "findability", 20, _has(DCT.spatial),
        {"sl": "Navedite območje.", "en": "Name the area."},
    ),
    Metric(
        "temporalAvailability", "findability", 20, _has(DCT.temporal),
        {"sl": "Navedite obdobje, na katero se podatki nanašajo.", "en": "Name the period that the data cover."},
    ),
    Metric(
        "accessRightsAvailability", "reusability", 10, _has(DCT.accessRights),
        {"sl": "Določite stopnjo javnosti.", "en": "Set how public the data are."},
    ),
    Metric(
        "accessRightsVocabularyAlignment", "reusability", 5, _within(DCT.accessRights, f"{EU}access-right/"),
        {"sl": "Določite stopnjo javnosti iz šifranta.", "en": "Set how public the data are, from the code list."},
    ),
    Metric(
        "contactPointAvailability", "reusability", 20, _has(DCAT.contactPoint),
        {"sl": "Dodajte kontakt.", "en": "Add a contact."},
    ),
    Metric(
        "publisherAvailability", "reusability", 10, _has(DCT.publisher),
        {"sl": "Določite lastnika.", "en": "Name the owner."},
    ),
)  # fmt: skip
"""Metrics of the dataset itself; conformity with DCAT-AP is added by ``score``, it takes a validator."""

DISTRIBUTION = (
    Metric(
        "accessUrlStatusCode", "accessibility", 50, _answers(DCAT.accessURL),
        {"sl": "Naslov za dostop ne odgovarja: popravite ga.", "en": "The access address does not answer: mend it."},
    ),
    Metric(
        "downloadUrlAvailability", "accessibility", 20, _has(DCAT.downloadURL),
        {"sl": "Dodajte naslov datoteke za prenos.", "en": "Add the address of a file to download."},
    ),
    Metric(
        "downloadUrlStatusCode", "accessibility", 30, _answers(DCAT.downloadURL),
        {"sl": "Naslov za prenos ne odgovarja: popravite ga.", "en": "The download address does not answer: mend it."},
    ),
    Metric(
        "formatAvailability", "interoperability", 20, _has(DCT["format"]),
        {"sl": "Navedite obliko zapisa.", "en": "Name the format."},
    ),
    Metric(
        "mediaTypeAvailability", "interoperability", 10, _has(DCAT.mediaType),
        {"sl": "Navedite vrsto medija (MIME).", "en": "Name the media type."},
    ),
    Metric(
        "formatMediaTypeVocabularyAlignment", "interoperability", 10, _aligned,
        {"sl": "Izberite obliko iz šifranta EU.", "en": "Choose the format from the EU list."},
    ),
    Metric(
        "formatMediaTypeNonProprietary", "interoperability", 20, _format_in(NON_PROPRIETARY),
        {"sl": "Dodajte odprt zapis (CSV, JSON, GPKG …).", "en": "Add an open format (CSV, JSON, GPKG …)."},
    ),
    Metric(
        "formatMediaTypeMachineInterpretable", "interoperability", 20, _format_in(MACHINE_READABLE),
        {"sl": "Dodajte strojno berljiv zapis (CSV, JSON …).", "en": "Add a machine-readable format (CSV, JSON …)."},
    ),
    Metric(
        "licenceAvailability", "reusability", 20, _has(DCT.license),
        {"sl": "Določite licenco.", "en": "Set a licence."},
    ),
    Metric(
        "knownLicence", "reusability", 10, _known_licence,
        {"sl": "Izberite licenco iz šifranta EU (CC BY 4.0).", "en": "Choose a licence from the EU list (CC BY 4.0)."},
    ),
    Metric(
        "rightsAvailability", "contextuality", 5, _has(DCT.rights),
        {"sl": "Navedite pogoje uporabe.", "en": "State the conditions of use."},
    ),
    Metric(
        "byteSizeAvailability", "contextuality", 5, _has(DCAT.byteSize),
        {"sl": "Navedite velikost datoteke.", "en": "State the size of the file."},
    ),
)  # fmt: skip
COMPLIANCE = Metric(
    "dcatApCompliance", "interoperability", 30, lambda *_: None,
    {"sl": "Opis ne ustreza DCAT-AP: odpravite ugotovitve.", "en": "It breaks DCAT-AP: mend the findings."},
)  # fmt: skip
DATES = (
    Metric(
        "dateIssuedAvailability", "contextuality", 5, _has(DCT.issued),
        {"sl": "Navedite datum nastanka.", "en": "State when it was issued."},
    ),
    Metric(
        "dateModifiedAvailability", "contextuality", 5, _has(DCT.modified),
        {"sl": "Navedite datum zadnje spremembe.", "en": "State when it last changed."},
    ),
)  # fmt: skip
TOTAL = sum(one.points for one in (*DATASET, *DISTRIBUTION, *DATES, COMPLIANCE))


@dataclass(frozen=True)
class Result:
    """One metric of one dataset."""

    metric: Metric
    passed: bool | None

    @property
    def points(self) -> int:
        """What it brings."""
        return self.metric.points if self.passed else 0


@dataclass
class Score:
    """The assessment of a dataset."""

    dataset: str
    results: list[Result] = field(default_factory=list)

    @property
    def points(self) -> int:
        """Of 405."""
        return sum(one.points for one in self.results)

    @property
    def band(self) -> str:
        """What data.europa.eu calls it."""
        return next(name for name, least in BANDS if self.points >= least)

    @property
    def fixes(self) -> list[Metric]:
        """What is missing, the fix that gains most first."""
        missing = [one.metric for one in self.results if one.passed is False]
        return sorted(missing, key=lambda one: (-one.points, one.name))

    @property
    def unknown(self) -> list[Metric]:
        """What could not be judged."""
        return [one.metric for one in self.results if one.passed is None]


def score(dataset: str, facts: Facts, answer: Answer, compliant: bool | None) -> Score:
    """Assess one dataset.

    Args:
        dataset: its IRI.
        facts: what the feed says of it.
        answer: whether an address answers.
        compliant: whether it conforms to DCAT-AP; None when that was not judged.
    """
    node = NamedNode(dataset)
    own = [Result(one, one.test(facts, node, answer)) for one in DATASET]
    own.append(Result(COMPLIANCE, compliant))
    best: list[Result] = []
    for distribution in facts.values(node, DCAT.distribution):
        found = [Result(one, one.test(facts, distribution, answer)) for one in (*DISTRIBUTION, *DATES)]
        if not best or sum(one.points for one in found) > sum(one.points for one in best):
            best = found
    best = best or [Result(one, False) for one in (*DISTRIBUTION, *DATES)]
    # dates count from the best distribution, else from the dataset
    best = [
        Result(one.metric, bool(one.passed) or bool(one.metric.test(facts, node, answer)))
        if one.metric in DATES else one
        for one in best
    ]  # fmt: skip
    return Score(dataset, [*own, *best])


def gains(scores: Iterable[Score]) -> list[tuple[Metric, int, int]]:
    """What the catalogue would gain: metric, datasets that miss it, points in all; the greatest gain first."""
    missing: dict[str, tuple[Metric, int]] = {}
    for one in scores:
        for metric in one.fixes:
            missing[metric.name] = (metric, missing.get(metric.name, (metric, 0))[1] + 1)
    found = [(metric, count, metric.points * count) for metric, count in missing.values()]
    return sorted(found, key=lambda one: (-one[2], one[0].name))


def dqv(scores: Iterable[Score], base: str) -> Iterable[Triple]:
    """The assessment as W3C Data Quality Vocabulary, one measurement per metric and dataset.

    Args:
        scores: of the datasets.
        base: start of the identifiers of measurements.
    """
    for one in scores:
        node, stem = NamedNode(one.dataset), one.dataset.rsplit("/", 1)[-1]
        for result in (*one.results, None):
            if result is not None and result.passed is None:
                continue
            name = result.metric.name if result else "scoring"
            value = (
                Literal("true" if result.passed else "false", datatype=XSD.boolean)
                if result
                else Literal(str(one.points), datatype=XSD.integer)
            )
            measurement = NamedNode(f"{base}/catalog-quality#{stem}-{name}")
            yield Triple(node, DQV.hasQualityMeasurement, measurement)
            yield Triple(measurement, RDF.type, DQV.QualityMeasurement)
            yield Triple(measurement, DQV.computedOn, node)
            yield Triple(measurement, DQV.isMeasurementOf, PIVEAU[name])
            yield Triple(measurement, DQV.value, value)
