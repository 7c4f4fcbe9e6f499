"""Documents as bytes: the same state gives the same bytes, all formats say the same, poison stays local."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from typing import Any

import pyoxigraph
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rdflib import DCAT, DCTERMS, FOAF, RDF, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from ckanext.kranj.feed import pages, terms
from ckanext.kranj.feed.catalogue import Paging
from ckanext.kranj.feed.pages import Content
from ckanext.kranj.feed.serialise import FORMATS

pytestmark = [
    pytest.mark.unit,
    # rdflib's own JSON-LD reader uses what rdflib deprecates
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
]

RDFLIB = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld", "nt": "nt"}
VTAB, SURROGATE, RTL = "\x0b", "\ud83d", "\u202e"


def paging(settings: Any, total: int, name: str = "ttl") -> Paging:
    return Paging(f"{settings.site_url}/catalog.{name}", 1, 1, total, 250, None, None)


def page(datasets: list[dict[str, Any]], organizations: dict[str, Any], settings: Any, name: str) -> bytes:
    # the address of the page is the same in every format here, so that the graphs can be compared
    return pages.catalogue_page(Content(datasets, organizations), settings, paging(settings, len(datasets)), name)


def graphs(datasets: list[dict[str, Any]], organizations: dict[str, Any], settings: Any) -> dict[str, Graph]:
    return {
        name: Graph().parse(data=page(datasets, organizations, settings, name), format=form)
        for name, form in RDFLIB.items()
    }


def test_all_formats_say_the_same(examples: list[dict[str, Any]], organizations: dict[str, Any], settings: Any) -> None:
    read = graphs(examples, organizations, settings)
    assert len(read["nt"]) > 300
    for name, graph in read.items():
        assert isomorphic(graph, read["nt"]), name


def test_xml_is_rdf(dataset: dict[str, Any], organizations: dict[str, Any], settings: Any) -> None:
    assert page([dataset], organizations, settings, "xml") == page([dataset], organizations, settings, "rdf")


@pytest.mark.parametrize("name", list(RDFLIB))
def test_an_empty_page_is_a_document(settings: Any, name: str) -> None:
    graph = Graph().parse(data=page([], {}, settings, name), format=RDFLIB[name])
    catalogue = URIRef(settings.catalog_uri)
    assert (catalogue, RDF.type, DCAT.Catalog) in graph
    assert graph.value(catalogue, DCTERMS.publisher) is not None
    assert not list(graph.subjects(RDF.type, DCAT.Dataset))


class TestSameBytes:
    @pytest.mark.parametrize("name", list(FORMATS))
    def test_order_of_keys_does_not_matter(
        self, dataset: dict[str, Any], organizations: dict[str, Any], settings: Any, name: str
    ) -> None:
        first = page([dataset], organizations, settings, name)
        assert (
            page([{key: dataset[key] for key in sorted(dataset, reverse=True)}], organizations, settings, name) == first
        )

    def test_another_process_writes_the_same(self) -> None:
        """Hash seeds differ between processes and workers; the bytes must not."""
        program = (
            "import sys, hashlib, importlib.util as u\n"
            "s = u.spec_from_file_location('examples', sys.argv[1]); m = u.module_from_spec(s)\n"
            "sys.modules['examples'] = m; s.loader.exec_module(m)\n"
            "from ckanext.kranj.feed import pages; from ckanext.kranj.feed.catalogue import Paging\n"
            "c = pages.Content([m.DATASET], m.ORGANIZATIONS)\n"
            "p = Paging('https://x.si/catalog', 1, 1, 1, 250, None, None)\n"
            "print([hashlib.sha256(pages.catalogue_page(c, m.Settings(), p, n)).hexdigest() for n in pages.FORMATS])\n"
        ).replace("pages.FORMATS", "('ttl', 'rdf', 'jsonld', 'nt')")
        examples = os.path.join(os.path.dirname(__file__), "conftest.py")
        outputs = {
            subprocess.run(
                [sys.executable, "-c", program, examples],
                env={**os.environ, "PYTHONHASHSEED": seed},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for seed in ("1", "2", "3")
        }
        assert len(outputs) == 1


POISON: dict[str, dict[str, Any]] = {
    "names of nothing": {
        "title_translated": {"sl": VTAB, "en": " "},
        "title": SURROGATE,
        "notes_translated": {"sl": "\x00"},
        "notes": None,
        "contact": [{"name": VTAB, "email": VTAB}],
        "creator": [{"name": VTAB, "email": SURROGATE}],
        "operator": [{"name": "\x01"}],
        "resources": [
            {
                "id": VTAB,
                "name_translated": {"sl": VTAB},
                "url": "https://example.si/",
                "access_services": [{"title": VTAB, "endpoint_url": ["https://example.si/api"]}],
            }
        ],
    },
    "vertical tab": {"notes_translated": {"sl": f"pred{VTAB}potem\x00\x1f"}},
    "lone surrogate": {"title_translated": {"sl": f"Naslov {SURROGATE}"}, "tags_translated": {"sl": [SURROGATE]}},
    "right-to-left marks": {"title_translated": {"sl": f"Naslov {RTL}obrnjen\u200f"}},
    "markup": {"notes_translated": {"sl": "</rdf:RDF> ]]> <!-- & \" ' \\ @prefix x: <y> .\n@prefix z: <w> ."}},
    "carriage return": {"notes_translated": {"sl": "prva\r\ndruga\rtretja"}},
    "bad addresses": {
        "url": "x y",
        "source": [
            'http://a b/<>"{}|\\^`',
            "javascript:alert(1)",
            "\\\\server\\share",
            "file:///etc/passwd",
            "http://[::1",
        ],
        "related_resource": ["http://example.si/%zz", "http://", "relative/path", ""],
        "conforms_to": [None, 5, {"a": 1}, ["b"]],
        "contact": [{"name": "N", "email": "ni naslov", "url": "//x", "uri": "x y", "phone": "brez"}],
        "creator": [{"name": SURROGATE, "uri": "://"}],
    },
    "bad language tag": {"title_translated": {"sl": "Naslov", "e n": "x", "": "y", "zz-": "z", "sl@x": "w"}},
    "bad codes": {
        "frequency": "VSAK DAN",
        "language": ["SL?"],
        "theme": ["X"],
        "hvd_category": ["c_x"],
        "license_id": "?",
    },
    "bad dates": {
        "issued": "2024-13-45",
        "modified": "včeraj",
        "temporal_coverage": [{"start": "0000", "end": "0000-00-00"}, {}, None, "x"],
        "temporal_resolution": "P1W2D",
        "retention_period": "pet let",
    },
    "bad geometry": {
        "spatial_coverage": [
            {"bbox": "POLYGON", "centroid": '{"type":"Point"}', "geom": '{"type":"Point","coordinates":["a",null]}'},
            {"text": "brez geometrije", "bbox": '{"type":"Circle","coordinates":[1,2]}'},
            {"geom": "[1,2,3]"},
        ]
    },
    "bad numbers": {"spatial_resolution_in_meters": "NaN"},
    "wrong shapes": {
        "title_translated": ["seznam"],
        "notes_translated": 5,
        "contact": "x",
        "spatial_coverage": {"uri": {"a": 1}},
        "tags_translated": "a, b",
        "language": {"SLV": 1},
        "operator": [[1]],
        "content_area": {"a": "b"},
        "theme": 7,
        "resources": "ni seznam",
        "protection_grounds": "x",
        "dataset_kind": ["a"],
        "lifecycle": {"x": 1},
        "access_method": ["download"],
        "crs": ["EPSG:3794"],
    },
    "poisoned resource": {
        "resources": [
            {"id": "x y<>", "url": "http://a b", "format": VTAB, "size": "-1", "hash": "zz", "hash_algorithm": "md5"},
            {"url": None, "format": None, "access_services": [{"title": VTAB, "endpoint_url": ["x y"]}, 5, None]},
            {"id": "r3", "access_services": "x", "mimetype": "a b/c;d", "modified": "x"},
            None,
            17,
        ]
    },
    "nothing at all": dict.fromkeys(
        (
            "name",
            "title",
            "notes",
            "title_translated",
            "notes_translated",
            "owner_org",
            "resources",
            "secrecy",
            "contact",
        )
    ),
}


class TestPoison:
    @pytest.mark.parametrize("case", list(POISON))
    def test_a_poisoned_dataset_harms_nobody(
        self, dataset: dict[str, Any], organizations: dict[str, Any], settings: Any, case: str
    ) -> None:
        sick = {**dataset, **POISON[case]}
        healthy = {**dataset, "id": "healthy"}
        datasets = [sick, healthy]
        read = graphs(datasets, organizations, settings)
        for name, graph in read.items():
            found = {str(one).rsplit("/", 1)[-1] for one in graph.subjects(RDF.type, DCAT.Dataset)}
            assert found == {one["id"] for one in datasets}, name
            for one in graph.subjects(RDF.type, DCAT.Dataset):
                assert graph.value(one, DCTERMS.title) is not None
                assert graph.value(one, DCTERMS.description) is not None
            for one in graph.subjects(RDF.type, DCAT.Distribution):
                assert isinstance(graph.value(one, DCAT.accessURL), URIRef)
            for one in graph.subjects(RDF.type, DCAT.DataService):
                assert graph.value(one, DCTERMS.title) is not None
            for one in graph.subjects(RDF.type, FOAF.Agent):
                assert graph.value(one, FOAF.name) is not None
            assert isomorphic(graph, read["nt"]), name
        body = page(datasets, organizations, settings, "nt").decode()
        for forbidden in ("javascript:", "file:///", "server\\share", "\\\\server"):
            assert forbidden not in body

    @pytest.mark.parametrize("name", list(RDFLIB))
    def test_ten_megabytes(
        self, dataset: dict[str, Any], organizations: dict[str, Any], settings: Any, name: str
    ) -> None:
        dataset["notes_translated"] = {"sl": "č<" * 3_300_000}
        body = page([dataset], organizations, settings, name)
        if name == "jsonld":  # oxigraph's reader of JSON stops at 16 MB of buffer
            assert dataset["notes_translated"]["sl"] in body.decode()
            assert json.loads(body)
        else:
            read = {triple.object.value for triple in pyoxigraph.parse(body, FORMATS[name].rdf)}
            assert dataset["notes_translated"]["sl"] in read

    @pytest.mark.parametrize("name", list(RDFLIB))
    def test_five_thousand_distributions(
        self, dataset: dict[str, Any], organizations: dict[str, Any], settings: Any, name: str
    ) -> None:
        first = dataset["resources"][0]
        dataset["resources"] = [{**first, "id": f"r{number}"} for number in range(5000)]
        body = page([dataset], organizations, settings, name)
        if name == "jsonld":  # oxigraph's reader of JSON stops at 16 MB of buffer
            kind = {"@id": str(DCAT.Distribution)}
            found = {node["@id"] for node in json.loads(body) if kind in node.get(str(RDF.type), ())}
        else:
            found = {
                triple.subject.value
                for triple in pyoxigraph.parse(body, FORMATS[name].rdf)
                if triple.object == pyoxigraph.NamedNode(str(DCAT.Distribution))
            }
        assert len(found) == 5000

    def test_a_value_that_fails_is_reported_and_costs_only_itself(
        self, dataset: dict[str, Any], organizations: dict[str, Any], settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        class Hostile(dict[str, Any]):
            """A value whose use fails: stands for what nobody foresaw."""

            def values(self) -> Any:
                raise ZeroDivisionError

        dataset["provenance"] = {"sl": "opis"}
        dataset["temporal_coverage"] = Hostile()
        content = Content([dataset], organizations)
        body = pages.dataset_document(content, settings, "nt").decode()
        assert "purl.org/dc/terms/title" in body
        faults = pages.faults(content, settings)
        assert [(fault.dataset, fault.field) for fault in faults] == [(dataset["id"], "temporal_coverage")]
        assert dataset["id"] in caplog.text


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_json_in_any_field_gives_a_readable_page(
    data: st.DataObject, dataset: dict[str, Any], organizations: dict[str, Any], settings: Any
) -> None:
    """Whatever a source wrote: the page parses in the strict XML reader, and nothing had to be caught."""
    dataset = copy.deepcopy(dataset)
    for key in data.draw(st.lists(st.sampled_from(sorted(set(dataset) - {"id", "organization"})), max_size=4)):
        dataset[key] = data.draw(ANY_JSON)
    for resource in dataset["resources"] if isinstance(dataset["resources"], list) else []:
        if isinstance(resource, dict) and resource:
            for key in data.draw(st.lists(st.sampled_from(sorted(resource)), max_size=3)):
                resource[key] = data.draw(ANY_JSON)
    content = Content([dataset], organizations)
    assert not pages.faults(content, settings)
    for name in ("rdf", "jsonld"):
        body = page([dataset], organizations, settings, name)
        graph = Graph().parse(data=body, format=RDFLIB[name])
        assert len(list(graph.subjects(RDF.type, DCAT.Dataset))) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024", Literal("2024", datatype=URIRef("http://www.w3.org/2001/XMLSchema#gYear"))),
        ("2024-02-30", None),
        ("", None),
    ],
)
def test_moments(value: str, expected: Literal | None) -> None:
    found = terms.moment(value)
    assert (str(found.value) if found else None) == (str(expected) if expected is not None else None)


def test_json_ld_is_one_array(dataset: dict[str, Any], organizations: dict[str, Any], settings: Any) -> None:
    assert isinstance(json.loads(page([dataset], organizations, settings, "jsonld")), list)
