"""Measuring points as SOSA: what is observed, where, with what (https://www.w3.org/TR/vocab-ssn/). No CKAN import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyoxigraph import BlankNode, NamedNode

from .parts import geometry
from .terms import DCT, DQV, KRANJ, LOCN, OA, RDF, RDFS, SKOS, SOSA, decimal, duration, iri, moment, text
from .writer import Writer, rows

PLAIN = (
    ("unit", KRANJ.unit, text),
    ("interval", KRANJ.interval, duration),
    ("result_type", KRANJ.resultType, text),
    ("accuracy_class", KRANJ.accuracyClass, text),
    ("device_state", KRANJ.deviceState, text),
    ("plausible_min", KRANJ.plausibleMin, decimal),
    ("plausible_max", KRANJ.plausibleMax, decimal),
    ("calibrated_on", KRANJ.calibratedOn, moment),
    ("network", KRANJ.network, text),
    ("power", KRANJ.power, text),
    ("operator", KRANJ.operator, text),
    ("device_owner", KRANJ.deviceOwner, text),
    ("data_owner", KRANJ.dataOwner, text),
    ("stored", KRANJ.stored, text),
    ("masking", KRANJ.masking, text),
    ("public_checked_on", KRANJ.publicCheckedOn, moment),
    ("nearest_station", KRANJ.nearestStation, text),
    ("distance_km", KRANJ.distanceKm, decimal),
    ("station_decision", KRANJ.stationDecision, text),
)
"""What SOSA has no word for: sub-field, property of the city's vocabulary, how its value is written."""


def measurements(writer: Writer, value: Any) -> Iterator[BlankNode]:
    """One collection of observations per measuring point, each with its place, sensor, procedure and accuracy."""
    for row in rows(value):
        node = writer.blank(SOSA.ObservationCollection)
        given = iri(row.get("observed_property"))
        writer.add(
            node, SOSA.observedProperty, given or _named(writer, SOSA.ObservableProperty, row, "observed_property")
        )
        if given is not None:
            writer.add(given, RDF.type, SOSA.ObservableProperty)
        writer.add(node, SOSA.hasFeatureOfInterest, _place(writer, row))
        writer.add(node, SOSA.madeBySensor, _named(writer, SOSA.Sensor, row, "device"))
        writer.add(node, SOSA.usedProcedure, _named(writer, SOSA.Procedure, row, "method"))
        words = text(row.get("accuracy"), "sl")
        if words is not None:
            quality = writer.blank(DQV.QualityAnnotation)
            writer.add(quality, OA.bodyValue, words)
            writer.add(node, DQV.hasQualityAnnotation, quality)
        for name, predicate, make in PLAIN:
            writer.add(node, predicate, make(row.get(name)))
        yield node


def _named(writer: Writer, kind: NamedNode, row: dict[str, Any], name: str) -> BlankNode | None:
    label = text(row.get(name), "sl")
    if label is None:
        return None
    node = writer.blank(kind)
    writer.add(node, RDFS.label, label)
    return node


def _place(writer: Writer, row: dict[str, Any]) -> BlankNode | None:
    """A point only where one is given (never for a household: the standard refuses it), else the area."""
    shape = row.get("place_geom")
    if row.get("lon") is not None and row.get("lat") is not None:
        shape = {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
    label, found = text(row.get("place_name"), "sl"), geometry(shape)
    if label is None and found is None:
        return None
    node = writer.blank(DCT.Location)
    writer.add(node, RDF.type, SOSA.FeatureOfInterest)
    writer.add(node, SKOS.prefLabel, label)
    writer.add(node, LOCN.geometry, found)
    return node
