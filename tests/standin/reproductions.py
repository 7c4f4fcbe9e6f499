"""The smallest ways to see the faults of docs/upstream.md, on stock CKAN, ckanext-dcat and ckanext-harvest.

Run as ``reproductions.py`` with the addresses of a database, core and Redis number of its own in the environment; what
stands there is emptied. Prints JSON: name of the reproduction -> what it saw. What is a fault says docs/upstream.md.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

INI = Path(__file__).with_name("upstream.ini")


class Site:
    """A stock catalogue with an organisation, emptied before each reproduction."""

    def __init__(self, client: Any) -> None:
        from ckan.plugins import toolkit as tk

        self.client, self.tk = client, tk
        self.user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]

    def act(self, action: str, **data: Any) -> Any:
        return self.tk.get_action(action)({"ignore_auth": True, "user": self.user}, data)

    def empty(self) -> None:
        from ckan import model
        from ckan.lib import search

        model.Session.rollback()
        model.repo.delete_all()
        search.clear_all()
        self.user = self.tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        self.act("organization_create", name="mesto", title="Mesto")

    def dataset(self, name: str, **more: Any) -> dict[str, Any]:
        return self.act("package_create", **{"name": name, "title": name, "notes": name, "owner_org": "mesto", **more})

    def get(self, path: str, method: str = "GET") -> Any:
        return self.client.open(path, method=method)


def comes_back(site: Site) -> Any:
    """Which state has the dataset that the harvester takes for one of a source."""
    from ckan import model

    from ckanext.dcat.harvesters import DCATRDFHarvester

    made = site.dataset("umaknjena", extras=[{"key": "guid", "value": "https://vir.si/1"}])
    site.act("package_delete", id=made["id"])
    found = DCATRDFHarvester()._read_datasets_from_db("https://vir.si/1")
    return [model.Package.get(one.id).state for one in found]


def crawls_lose(site: Site) -> Any:
    """How many of three datasets a crawl in pages of two sees when one of page 2 is edited after page 1."""
    names = [f"zbirka-{number}" for number in range(3)]
    for name in names:
        site.dataset(name)
    body = site.get("/catalog.ttl?page=1").text
    edited = next(name for name in names if f'"{name}"' not in body)
    site.act("package_patch", id=edited, notes="popravljena")
    body += site.get("/catalog.ttl?page=2").text
    return sum(f'"{name}"' in body for name in names)


def quadratic(site: Site) -> Any:
    """How many times more statements about sizes the profile looks at for twice as many datasets."""
    from rdflib import DCAT

    from ckanext.dcat.processors import RDFSerializer

    def looked(count: int) -> int:
        serializer, seen = RDFSerializer(profiles=["euro_dcat_ap_3"]), 0
        triples = serializer.g.triples

        def counted(pattern: Any, **more: Any) -> Any:
            nonlocal seen
            for one in triples(pattern, **more):
                seen += pattern == (None, DCAT.byteSize, None)
                yield one

        serializer.g.triples = counted
        for number in range(count):
            own = {"id": f"{made['id'][:-3]}{number:03}"}
            serializer.graph_from_dataset({**made, **own, "resources": [{**made["resources"][0], **own}]})
        return seen

    made = site.dataset("velika", resources=[{"url": "https://vir.si/a.csv", "size": 5}])
    return looked(40) / looked(20)


def formats(site: Site) -> Any:
    """Answers of the catalogue in N-Triples and in a format that nobody knows."""
    return [site.get("/catalog.nt").status_code, site.get("/catalog.foo").status_code]


def pages(site: Site) -> Any:
    """Answers of page 0 and of a page past the end."""
    site.dataset("ena")
    return [site.get(f"/catalog.ttl?page={number}").status_code for number in (0, 99_999)]


def bad_text(site: Site) -> Any:
    """What a parser says of a page of the catalogue on which one text holds a vertical tab."""
    site.dataset("dobra")
    site.dataset("slaba", notes="a\x0bb")
    try:
        ET.fromstring(site.get("/catalog.rdf").text)  # noqa: S314 - our own stand-in
    except ET.ParseError as error:
        return f"ParseError: {error}"
    return "parsed"


def links(site: Site) -> Any:
    """The address of the next page of a search for ``a&b``."""
    from rdflib import Graph, Namespace

    for number in range(3):
        site.dataset(f"zbirka-{number}", notes="a&b")
    hydra = Namespace("http://www.w3.org/ns/hydra/core#")
    page = Graph().parse(data=site.get("/catalog.ttl?q=a%26b").text, format="turtle")
    found = next(one for name in ("next", "nextPage") for one in page.objects(None, hydra[name]))
    return [str(found), type(found).__name__]


def organisations(site: Site) -> Any:
    """What the catalogue calls an organisation before and after it is renamed."""
    site.dataset("ena")
    found = []
    for title in ("Mesto", "Občina"):
        site.act("organization_patch", id="mesto", title=title)
        body = site.get("/catalog.ttl").text
        found.append(next(one for one in ("Mesto", "Občina") if f'foaf:name "{one}"' in body))
    return found


def validators(site: Site) -> Any:
    """Which validators the catalogue gives."""
    headers = site.get("/catalog.ttl", "HEAD").headers
    return sorted({"ETag", "Last-Modified"} & set(headers))


def catalogue(site: Site) -> Any:
    """Whether the catalogue has a publisher, and what its language is."""
    from rdflib import DCAT, DCTERMS, RDF, Graph

    page = Graph().parse(data=site.get("/catalog.ttl").text, format="turtle")
    node = page.value(predicate=RDF.type, object=DCAT.Catalog)
    return [page.value(node, DCTERMS.publisher), type(page.value(node, DCTERMS.language)).__name__]


def source_forgets(site: Site) -> Any:
    """The type of a harvest source as the index holds it, before and after what ends every job."""
    made = site.act(
        "harvest_source_create", name="vir", title="Vir", url="https://vir.si/catalog.rdf", source_type="dcat_rdf",
        owner_org="mesto", frequency="MANUAL",
    )  # fmt: skip

    def indexed() -> Any:
        found = site.act("package_search", fq="dataset_type:harvest")["results"]
        return found[0].get("source_type")

    before = indexed()
    site.act("harvest_source_reindex", id=made["id"])
    return [before, indexed()]


def idle_consumer(site: Site) -> Any:
    """How a consumer of harvest jobs ends that has nothing to do for eight seconds."""
    code = "from ckanext.harvest import queue; next(queue.get_gather_consumer().consume('x'))"
    program = (
        f"from ckan.cli.cli import CtxObject; app = CtxObject({str(INI)!r}).app\n"
        f"with app._wsgi_app.test_request_context():\n    {code}"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, timeout=60, check=False
        )
    except subprocess.TimeoutExpired:
        return "waits"
    return done.stderr.strip().splitlines()[-1].partition(":")[0]


def namespaces(site: Site) -> Any:
    """How many times longer rdflib takes for eight times as many resources, each under an address of its own."""
    from rdflib import RDF, Graph, URIRef

    def taken(count: int) -> float:
        graph = Graph()
        for number in range(count):
            node = URIRef(f"https://mesto.si/dataset/{number}/resource/a{number}")
            graph.add((node, RDF.type, URIRef("http://www.w3.org/ns/dcat#Distribution")))
        started = time.process_time()
        graph.serialize(format="turtle")
        return time.process_time() - started

    return taken(8_000) / min(taken(1_000) for _ in range(3))


ALL: dict[str, Callable[[Site], Any]] = {
    one.__name__: one
    for one in (
        comes_back, crawls_lose, quadratic, formats, pages, bad_text, links, organisations, validators, catalogue,
        source_forgets, idle_consumer, namespaces,
    )
}  # fmt: skip


def main() -> None:
    """Run them all."""
    ckan = str(Path(sys.executable).with_name("ckan"))
    for command in (["db", "init"], ["db", "upgrade"]):
        subprocess.run([ckan, "-c", str(INI), *command], check=True, stdout=subprocess.DEVNULL)
    from werkzeug.test import Client

    from ckan.cli.cli import CtxObject

    app = CtxObject(str(INI)).app
    found = {}
    with app._wsgi_app.test_request_context():
        site = Site(Client(app))
        for name, reproduce in ALL.items():
            site.empty()
            try:
                found[name] = reproduce(site)
            except Exception as error:  # noqa: BLE001 - what it saw, too
                found[name] = f"{type(error).__name__}: {error}"
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
