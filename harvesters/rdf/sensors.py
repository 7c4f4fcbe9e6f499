"""Measuring points as a source describes them with SOSA: one observation collection each (docs/feed.md)."""

from __future__ import annotations

import json
from typing import Any

from rdflib import DCTERMS, SKOS, SOSA, Literal, Namespace, URIRef
from rdflib.term import Node

from harvesters.rdf.geometry import geojson
from harvesters.rdf.values import LOCN, Predicates, Read, Subject, code, day, text

DQV = Namespace("http://www.w3.org/ns/dqv#")
OA = Namespace("http://www.w3.org/ns/oa#")
KRANJ = Namespace("https://podatki.kranj.si/ns#")


def _signed(src: Subject, predicates: Predicates, path: str) -> float | int | None:
    """A number with its sign; a plausible minimum may be below zero."""
    for value in src.values(predicates):
        try:
            found = float(str(value).replace(",", "."))
        except ValueError:
            src.report(path, "not-a-number", value=str(value))
            continue
        return int(found) if found.is_integer() else found
    return None


FIELDS: tuple[tuple[str, URIRef, Read], ...] = (
    ("unit", KRANJ.unit, text),
    ("interval", KRANJ.interval, text),
    ("result_type", KRANJ.resultType, code("result_type")),
    ("accuracy_class", KRANJ.accuracyClass, code("accuracy_class")),
    ("method", SOSA.usedProcedure, text),
    ("device", SOSA.madeBySensor, text),
    ("device_state", KRANJ.deviceState, code("device_state")),
    ("plausible_min", KRANJ.plausibleMin, _signed),
    ("plausible_max", KRANJ.plausibleMax, _signed),
    ("calibrated_on", KRANJ.calibratedOn, day),
    ("network", KRANJ.network, code("network")),
    ("power", KRANJ.power, code("power")),
    ("operator", KRANJ.operator, text),
    ("device_owner", KRANJ.deviceOwner, text),
    ("data_owner", KRANJ.dataOwner, text),
    ("stored", KRANJ.stored, code("stored")),
    ("masking", KRANJ.masking, text),
    ("public_checked_on", KRANJ.publicCheckedOn, day),
    ("nearest_station", KRANJ.nearestStation, text),
    ("distance_km", KRANJ.distanceKm, _signed),
    ("station_decision", KRANJ.stationDecision, code("station_decision")),
)


def accuracy(src: Subject, predicates: Predicates, path: str) -> str | None:
    """How accurate data are: the words of a quality annotation, or a plain literal."""
    for value in src.values(predicates):
        words = text(src.at(value), (OA.bodyValue,), path)
        if words is None and isinstance(value, Literal):
            words = text(src, predicates, path)
        if words is not None:
            return words
    return None


def measurements(src: Subject, predicates: Predicates, path: str) -> list[dict[str, Any]] | None:
    """The measuring points; a node without an observed property and a place is passed over."""
    found = []
    for number, node in enumerate(src.values(predicates)):
        inner, at = src.at(node), f"{path}[{number}]"
        point: dict[str, Any] = {"observed_property": text(inner, (SOSA.observedProperty,), at)}
        point |= _place(inner, at)
        point["accuracy"] = accuracy(inner, (DQV.hasQualityAnnotation,), f"{at}.accuracy")
        point |= {name: reader(inner, (predicate,), f"{at}.{name}") for name, predicate, reader in FIELDS}
        point = {name: value for name, value in point.items() if value is not None}
        if point and point not in found:
            found.append(point)
    return sorted(found, key=lambda point: json.dumps(point, sort_keys=True)) or None


def _place(src: Subject, path: str) -> dict[str, Any]:
    for node in src.values((SOSA.hasFeatureOfInterest,)):
        if isinstance(node, Literal):
            return {"place_name": str(node)}
        return _at(src.at(node), node, path)
    return {}


def _at(src: Subject, node: Node, path: str) -> dict[str, Any]:
    place: dict[str, Any] = {"place_name": text(src, (SKOS.prefLabel, DCTERMS.title), path)}
    if place["place_name"] is None and isinstance(node, URIRef):
        place["place_name"] = str(node)
    for shape in src.values((LOCN.geometry,)):
        found = geojson(str(shape))
        if found is None:
            src.report(path, "not-geojson", value=str(shape))
            continue
        geometry = json.loads(found)
        if geometry.get("type") == "Point":
            place["lon"], place["lat"] = geometry["coordinates"][:2]
        else:
            place["place_geom"] = found
        break
    return place
