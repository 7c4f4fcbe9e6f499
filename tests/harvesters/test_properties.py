"""Whatever a source sends, a run ends with an account, and what is stored keeps the standard."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, XSD

from harvesters import Context, Defaults, MemorySink, connector_named, run
from harvesters.conformance import Answering
from harvesters.errors import clean, shown
from harvesters.guard import is_public
from harvesters.rdf.geometry import geojson
from harvesters.rdf.mapping import DATASET, RESOURCE
from harvesters.rdf.values import DCAT, day_of
from harvesters.text import decode, is_web_page, plain
from schemas import validate

pytestmark = pytest.mark.unit

DEFAULTS = Defaults({"owner_org": "mestna-obcina-kranj", "secrecy": "javno"}, {"location": {"system": "S"}})

TEXT = st.text(max_size=40) | st.sampled_from(
    ["", "<b>x</b>", "\x00\x0b", "javno", "CSV", "2024-01-01", "https://x.si/", "-1"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)
PREDICATES = sorted({predicate for row in (*DATASET, *RESOURCE) for predicate in row[1]})
NODES = st.one_of(
    TEXT.map(Literal),
    st.tuples(TEXT, st.sampled_from(["sl", "en", "fr", "sl-SI"])).map(lambda pair: Literal(pair[0], lang=pair[1])),
    st.tuples(TEXT, st.sampled_from([XSD.date, XSD.decimal, XSD.duration, XSD.anyURI])).map(
        lambda pair: Literal(pair[0], datatype=pair[1], normalize=False)
    ),
    st.sampled_from([URIRef("https://x.si/a"), URIRef("urn:x"), URIRef("mailto:a@b.si"), BNode("one"), BNode("two")]),
)

slow = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(connector, answers):
    """Two runs: the first ends with an account and keeps the standard, the second writes nothing."""
    sink = MemorySink()
    report = run(connector, Context("vir", Answering(answers)), sink, DEFAULTS)
    assert report.reason_code != "connector-fault", report.reason
    assert report.complete or report.reason
    json.dumps(report.as_dict())
    for known, record in sink.records.values():
        found = [item for item in validate(record, draft=known.draft) if item.severity == "error"]
        assert found == []
    written = sink.writes
    run(connector, Context("vir", Answering(answers)), sink, DEFAULTS)
    assert sink.writes == written


@slow
@given(st.lists(st.tuples(st.sampled_from(["d", "r", "one", "two"]), st.sampled_from(PREDICATES), NODES), max_size=25))
def test_any_graph(triples):
    subjects = {"d": URIRef("https://x.si/d"), "r": URIRef("https://x.si/r"), "one": BNode("one"), "two": BNode("two")}
    graph = Graph(bind_namespaces="none")
    graph.add((subjects["d"], RDF.type, DCAT.Dataset))
    graph.add((subjects["d"], DCAT.distribution, subjects["r"]))
    for subject, predicate, node in triples:
        graph.add((subjects[subject], predicate, node))
    try:
        body = graph.serialize(format="nt", encoding="utf-8")
    except Exception:  # noqa: BLE001  some drawn graphs cannot be written down, so no source can send them
        return
    check(connector_named("dcat").of({"url": "https://x.si/"}), {"https://x.si/": ("application/n-triples", body)})


@slow
@given(
    st.dictionaries(st.sampled_from(["system_id", "name", "operator", "url", "email", "license_id", "language"]), JSON),
    JSON,
    JSON,
)
def test_any_gbfs(info, ttl, updated):
    base = "https://x.si/"
    root = {
        "ttl": ttl,
        "data": {"feeds": [{"name": "system_information", "url": base + "i"}, {"name": ttl, "url": updated}]},
    }
    information = {"last_updated": updated, "data": {"system_id": "krs", **info}}
    answers = {
        base: ("application/json", json.dumps(root).encode()),
        base + "i": ("application/json", json.dumps(information).encode()),
    }
    check(connector_named("gbfs").of({"url": base}), answers)


@slow
@given(JSON)
def test_any_json_instead_of_gbfs(data):
    answers = {"https://x.si/": ("application/json", json.dumps(data).encode())}
    check(connector_named("gbfs").of({"url": "https://x.si/"}), answers)


@slow
@given(
    st.dictionaries(
        TEXT | st.sampled_from(["title_translated", "resources", "contact", "secrecy", "url"]), JSON, max_size=6
    )
)
def test_any_record(dataset):
    source = connector_named("memory").of({"records": [{"guid": "a", "dataset": dataset}]})
    check(source, {})


@slow
@given(st.binary(max_size=300), st.sampled_from(["text/turtle", "application/rdf+xml", "application/ld+json", ""]))
def test_any_bytes_instead_of_rdf(content, kind):
    report = run(
        connector_named("dcat").of({"url": "https://x.si/"}),
        Context("vir", Answering({"https://x.si/": (kind, content)})),
        MemorySink(),
        DEFAULTS,
    )
    assert report.reason_code in {"", "unreadable"}


@given(st.text())
def test_readers_of_text_never_raise(text):
    day_of(text)
    geojson(text)
    bare, _ = plain(text)
    assert "\x00" not in bare
    assert len(clean(text)) <= 500
    shown(text)
    is_public(text)


@given(st.binary(), st.none() | st.text(max_size=10))
def test_any_bytes_are_text(content, declared):
    decode(content, declared)
    is_web_page(content)
