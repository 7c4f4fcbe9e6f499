"""Harvest sources over a served catalogue, and counters of what a run writes."""

import json
from contextlib import contextmanager

import pytest

HEAD = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix kranj: <https://podatki.kranj.si/ns#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
"""

DEFAULTS = {
    "secrecy": "javno",
    "visibility": "internal",
    "owner_status": "potrjen",
    "access_method": "download",
    "frequency": "ANNUAL",
    "retention_kind": "T",
    "content_area": ["promet"],
    "contact": [{"name": "Podatkovna pisarna", "email": "podatki@kranj.si"}],
    "issued": "2020-01-01",
}


def _dataset(number, *, title=None, extra="", fmt='dct:format "CSV" ;'):
    """One dataset in Turtle that is complete together with DEFAULTS."""
    title = title or f"Zbirka številka {number}"
    return f"""
<https://vir.example/dataset/{number}> a dcat:Dataset ;
    dct:title "{title}"@sl ;
    dct:description "Opis zbirke podatkov številka {number}, ki je dovolj dolg za standard mesta."@sl ;
    dcat:keyword "promet"@sl ; {extra}
    dcat:distribution <https://vir.example/dataset/{number}/csv> .
<https://vir.example/dataset/{number}/csv> a dcat:Distribution ;
    dct:title "Podatki"@sl ; {fmt}
    dcat:accessURL <https://vir.example/podatki/{number}> .
"""


@pytest.fixture(scope="session")
def dataset():
    """A function that writes one dataset in Turtle."""
    return _dataset


@pytest.fixture
def defaults():
    """What a source says of all its records."""
    return dict(DEFAULTS)


@pytest.fixture(scope="session")
def turtle():
    """A function that writes a catalogue of datasets in Turtle."""
    return lambda *datasets: HEAD + "".join(datasets)


@pytest.fixture
def harvest_tables(catalogue):
    """The test application, with nothing remembered of sources."""
    import sqlalchemy as sa

    from ckan import model

    from ckanext.kranj.harvest import model as harvest

    for name in ("Record", "Run", "State", "Alias", "Finding", "Decision", "Event"):
        model.Session.query(getattr(harvest, f"Harvest{name}")).delete()
    model.Session.execute(sa.text("DELETE FROM kranj_harvest_digest"))
    model.Session.commit()
    return catalogue


@pytest.fixture
def served(httpserver):
    """A function that serves a body at /catalog.ttl (or elsewhere) and gives its address."""

    def serve(body, path="/catalog.ttl", content_type="text/turtle", status=200):
        httpserver.clear()
        data = body.encode() if isinstance(body, str) else body
        httpserver.expect_request(path).respond_with_data(data, status=status, content_type=content_type)
        return httpserver.url_for(path)

    return serve


@pytest.fixture
def source(harvest_tables, httpserver):
    """A function that makes a harvest source and gives its Spec."""
    import ckan.plugins.toolkit as tk

    from ckanext.kranj.harvest import sources

    def make(url, name="vir", kind="dcat", defaults=DEFAULTS, settings=None, **config):
        given = {
            "allowed_hosts": ["localhost", "127.0.0.1"],
            "defaults": defaults,
            "internal": {"location": {"system": "Sistem vira"}},
            "settings": settings or {},
            **config,
        }
        tk.get_action("harvest_source_create")(
            sources.context(),
            {
                "name": name,
                "title": name,
                "url": url,
                "source_type": f"kranj-{kind}",
                "owner_org": "mestna-obcina-kranj",
                "frequency": "DAILY",
                "config": json.dumps(given),
            },
        )
        return sources.find(name)

    return make


class Writes:
    def __init__(self):
        self.packages = 0
        self.index = 0
        self.requests = 0


@pytest.fixture
def counted():
    """Counts rows written to CKAN's package tables and documents sent to the index."""
    import pysolr
    import sqlalchemy as sa

    from ckan import model

    @contextmanager
    def count():
        writes = Writes()

        def saw(_connection, _cursor, statement, *_):
            words = statement.split()
            if words[0] in {"INSERT", "UPDATE", "DELETE"} and any(
                table in words[:4] for table in ("package", "resource", "package_tag", "member", "kranj_internal")
            ):
                writes.packages += 1

        added, deleted = pysolr.Solr.add, pysolr.Solr.delete

        def adding(self, docs, *args, **kwargs):
            writes.index += len(docs)
            writes.requests += 1
            return added(self, docs, *args, **kwargs)

        def deleting(self, *args, **kwargs):
            writes.index += 1
            return deleted(self, *args, **kwargs)

        sa.event.listen(model.meta.engine, "before_cursor_execute", saw)
        pysolr.Solr.add, pysolr.Solr.delete = adding, deleting
        try:
            yield writes
        finally:
            sa.event.remove(model.meta.engine, "before_cursor_execute", saw)
            pysolr.Solr.add, pysolr.Solr.delete = added, deleted

    return count
