"""The pilot settlement Mlaka (strategy, section 7) from its systems to a foreign consumer, in one road.

Harvested by the presets that come with the product from the demonstration city over the network; one description is
approved by a steward; the feed is read by a consumer that knows RDF and DCAT and nothing of ours.
"""

import json
import re
from dataclasses import replace

import pytest
import rdflib
from rdflib.namespace import DCAT, DCTERMS, RDF

from ckan import model

SOURCES = ("demo-mlaka", "demo-pregled-porabe", "demo-iot-omrezje", "demo-oskrba", "demo-obiskovalci")
PUBLIC = {
    "Poraba pitne vode v naselju Mlaka",
    "Poraba zemeljskega plina v naselju Mlaka",
    "Poraba električne energije v naselju Mlaka",
    "Omrežje LoRaWAN v naselju Mlaka",
    "Omrežje NB-IoT v naselju Mlaka",
    "Evidenca privolitev v pilotu Pametna Mlaka",
    "Število obiskovalcev po omrežju WiFi v središču Mlake",
    "Tok dogodkov omrežja LoRaWAN",
    "Poraba pitne vode po naseljih",
    "Pretok obiskovalcev",
}
HIDDEN = {
    "Portal porabe gospodinjstev v Mlaki",
    "Surovi odčitki vodomerov v Mlaki",
    "Kontakti za opozarjanje ob odstopanjih porabe",
}
SERVICE = "Pregled porabe energentov in vode za gospodinjstvo"
PERSONAL = re.compile(r"(?<!\d)\d{13}(?!\d)|SI56\s?\d{4}|\+386|(?<![\d.])0[1-7]\d[ /-]?\d{3}[ -]?\d{3}(?!\d)")


class Consumer:
    """Somebody else's harvester: follows the pages of a catalogue and reads datasets, distributions and services."""

    def __init__(self, fetch):
        self.text, self.graph = "", rdflib.Graph()
        address = "/catalog.ttl"
        while address:
            page = fetch(address)
            self.text += page
            here = rdflib.Graph().parse(data=page, format="turtle")
            self.graph += here
            hydra = rdflib.Namespace("http://www.w3.org/ns/hydra/core#")
            found = next(iter([*here.objects(None, hydra.next), *here.objects(None, hydra.nextPage)]), None)
            address = str(found).partition("://")[2].partition("/")[2] if found else ""
            address = f"/{address}" if address else ""
        self.datasets = {
            str(title): node
            for node in self.graph.subjects(RDF.type, DCAT.Dataset)
            for title in self.graph.objects(node, DCTERMS.title)
            if title.language == "sl"
        }

    def said(self, title, *path):
        nodes = [self.datasets[title]]
        for step in path:
            nodes = [item for node in nodes for item in self.graph.objects(node, step)]
        return [str(node) for node in nodes]


@pytest.fixture
def run_all(harvest_tables, demo_server, monkeypatch):
    """A function that harvests the sources of the pilot; {slug: report}."""
    import ckan.plugins.toolkit as tk

    from ckanext.kranj.harvest import sources
    from ckanext.kranj.harvest.runner import harvest

    # The real systems have public names; their stand-ins are on this machine.
    monkeypatch.setitem(tk.config, "kranj.reachable_hosts", ["127.0.0.1"])
    sources.add_presets(demo_server, SOURCES)

    def run():
        found = {slug: sources.find(slug) for slug in SOURCES}
        waiting = found["demo-pregled-porabe"]
        held = replace(waiting.defaults, dataset={**waiting.defaults.dataset, "visibility": "internal"})
        found["demo-pregled-porabe"] = replace(waiting, defaults=held)
        return {slug: harvest(spec) for slug, spec in found.items()}

    return run


def test_the_pilot_from_its_systems_to_a_foreign_consumer(run_all, harvest_tables):
    import ckan.plugins.toolkit as tk

    from ckanext.kranj.harvest import sources

    def read():
        return Consumer(lambda address: harvest_tables.get(address).body)

    reports = run_all()
    assert {slug: report.reason for slug, report in reports.items() if not report.complete} == {}
    assert sum(report.counts["create"] for report in reports.values()) == 19
    drafts = [
        (line.title, [p.as_dict() for p in line.problems]) for r in reports.values() for line in r.lines if line.draft
    ]
    assert drafts == []

    before = read()
    assert before.datasets.keys() >= PUBLIC
    assert not before.datasets.keys() & (HIDDEN | {SERVICE})

    # A steward approves the household's service: a public description of protected data.
    (package,) = [
        item for item in model.Session.query(model.Package).filter_by(title=SERVICE) if item.state == "active"
    ]
    tk.get_action("package_patch")(sources.context(), {"id": package.id, "visibility": "public"})
    after = read()
    assert after.datasets.keys() == before.datasets.keys() | {SERVICE}

    # Totals: open, licensed, downloadable, and said to be totals.
    for title in ("Poraba pitne vode v naselju Mlaka", "Poraba zemeljskega plina v naselju Mlaka"):
        assert after.said(title, DCAT.distribution, DCAT.accessURL)
        assert after.said(title, DCAT.distribution, DCTERMS.license)
        assert after.said(title, DCTERMS.accessRights)[0].endswith("/PUBLIC")
    # Networks with their terms of use.
    assert any("Pogoji uporabe" in text for text in after.said("Omrežje LoRaWAN v naselju Mlaka", DCTERMS.description))
    assert any("Pogoji uporabe" in text for text in after.said("Omrežje NB-IoT v naselju Mlaka", DCTERMS.description))
    streams = after.said("Tok dogodkov omrežja LoRaWAN", DCAT.distribution, DCAT.accessService, DCAT.endpointURL)
    assert "mqtts://iot.komunala-kranj.example:8883" in streams
    # The household's own view: a protected service, its data not public, the document's address not given away.
    assert after.said(SERVICE, DCTERMS.accessRights)[0].endswith("/NON_PUBLIC")
    assert "openapi.yaml" not in after.text
    services = after.said(SERVICE, DCAT.distribution, DCAT.accessService, DCAT.endpointURL)
    assert all(address.startswith("https://poraba.komunala-kranj.example/") for address in services)
    # The consent stands in the record of processing, for those who may see it.
    internal = tk.get_action("kranj_internal_show")(sources.context(), {"id": package.id})
    assert internal["internal"]["processing"]["consent_level"] == "odjemno mesto"

    # Nothing personal anywhere the public can look.
    assert PERSONAL.findall(after.text) == []
    for word in (
        "Surovi odčitki",
        "Kontakti za opozarjanje",
        "gospodinjstev v Mlaki",
        "aggregation_proof",
        "consent_level",
    ):
        assert word not in after.text
    answer = json.loads(harvest_tables.get("/api/action/package_search?q=odčitki&rows=100").body)
    assert not {item["title"] for item in answer["result"]["results"]} & HIDDEN

    # What the steward decided stays, and the sources have nothing new to say.
    again = run_all()
    assert {slug: report.writes for slug, report in again.items()} == dict.fromkeys(SOURCES, 0)
    assert read().datasets.keys() == after.datasets.keys()
