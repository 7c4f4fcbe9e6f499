"""Answers, pages and their order over HTTP: what a harvester may rely on while the catalogue is being edited."""

from __future__ import annotations

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from rdflib import DCAT, DCTERMS, RDF, Graph

from ckan import model
from ckan.plugins import get_plugin

from ckanext.dcat.processors import RDFParser
from ckanext.kranj.cli import kranj
from ckanext.kranj.feed.cli import feed
from ckanext.kranj.feed.serialise import FORMATS

pytestmark = [
    # ckanext-dcat and rdflib's JSON-LD reader use what rdflib deprecates
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated:DeprecationWarning"),
]


class TestAnswers:
    @pytest.mark.parametrize("name", ["foo", "n3", "html", "TTL", "ttl.gz", "%00"])
    def test_unknown_format_is_404(self, portal: Any, name: str) -> None:
        assert portal.read(f"/catalog.{name}").status_code == 404
        assert portal.read(f"/dataset/x.{name}").status_code == 404

    @pytest.mark.parametrize("name", ["x", "%00", "a%00b", "%ed%a0%80", "x" * 3000, "..%2f", "'%22;--", "%F0%9F%98%80"])
    def test_odd_names_are_404(self, portal: Any, name: str) -> None:
        assert portal.read(f"/dataset/{name}.ttl").status_code == 404

    @pytest.mark.parametrize("page", ["0", "abc", "-1", "1.5", "", "01", "1 ", "١", "9" * 40, "1;drop", "%00"])
    def test_no_page_number_is_400(self, portal: Any, page: str) -> None:
        response = portal.read(f"/catalog.ttl?page={page}")
        assert response.status_code == 400
        assert "whole number" in response.get_data(as_text=True)

    def test_past_the_end_is_404(self, portal: Any, create: Any) -> None:
        assert portal.read("/catalog.ttl").status_code == 200  # an empty catalogue is a catalogue
        create("Ena sama")
        assert portal.read("/catalog.ttl?page=1").status_code == 200
        for page in (2, 3, 999_999_999):
            assert portal.read(f"/catalog.ttl?page={page}").status_code == 404

    @pytest.mark.usefixtures("mixed")
    def test_validators_and_codings(self, portal: Any) -> None:
        plain = portal.read("/catalog.ttl")
        packed = portal.read("/catalog.ttl", headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(packed.data) == plain.data
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.headers["ETag"] != plain.headers["ETag"]
        assert "Accept-Encoding" in plain.headers["Vary"]
        assert portal.read("/catalog.ttl", headers={"Accept-Encoding": "gzip"}).data == packed.data
        for response, accept in ((plain, "identity"), (packed, "gzip")):
            headers = {"If-None-Match": response.headers["ETag"], "Accept-Encoding": accept}
            again = portal.read("/catalog.ttl", headers=headers)
            assert (again.status_code, again.data) == (304, b"")
            assert again.headers["ETag"] == response.headers["ETag"]

    @pytest.mark.parametrize("name", list(FORMATS))
    @pytest.mark.usefixtures("mixed")
    def test_same_state_same_bytes(self, portal: Any, name: str) -> None:
        first = portal.read(f"/catalog.{name}")
        assert portal.read(f"/catalog.{name}").data == first.data

    def test_an_unreadable_store_is_503_never_short(self, portal: Any, create: Any) -> None:
        create("Ena sama")
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE kranj_feed_record RENAME TO kranj_feed_away"))
        try:
            response = portal.read("/catalog.ttl")
        finally:
            with model.meta.engine.begin() as connection:
                connection.execute(sa.text("ALTER TABLE kranj_feed_away RENAME TO kranj_feed_record"))
        assert response.status_code == 503
        assert response.headers["Retry-After"]
        assert "kranj_feed" not in response.get_data(as_text=True)


class TestOrder:
    @staticmethod
    def titles(portal: Any, page: int) -> list[str]:
        graph = Graph().parse(data=portal.read(f"/catalog.ttl?page={page}").data, format="turtle")
        return sorted(
            str(title)
            for one in graph.subjects(RDF.type, DCAT.Dataset)
            for title in graph.objects(one, DCTERMS.title)
            if title.language == "sl"
        )

    def test_edits_removals_and_additions_never_move_a_dataset(
        self, portal: Any, create: Any, act: Any, page_size: Any
    ) -> None:
        page_size(2)
        made = {title: create(title) for title in ("Zbirka a", "Zbirka b", "Zbirka c", "Zbirka d")}
        assert self.titles(portal, 1) == ["Zbirka a", "Zbirka b"]
        assert self.titles(portal, 2) == ["Zbirka c", "Zbirka d"]
        act("package_patch", id=made["Zbirka a"]["id"], title_translated={"sl": "Zbirka a2", "en": "x y z"})
        act("package_delete", id=made["Zbirka b"]["id"])
        create("Zbirka e")
        assert self.titles(portal, 1) == ["Zbirka a2"]
        assert self.titles(portal, 2) == ["Zbirka c", "Zbirka d"]
        assert self.titles(portal, 3) == ["Zbirka e"]
        # a level that changes acts at once, and a dataset that comes back returns to its place
        act("package_patch", id=made["Zbirka c"]["id"], visibility="internal")
        assert self.titles(portal, 2) == ["Zbirka d"]
        act("package_patch", id=made["Zbirka c"]["id"], visibility="public")
        assert self.titles(portal, 2) == ["Zbirka c", "Zbirka d"]

    def test_a_crawl_under_edits_misses_nothing_and_repeats_nothing(
        self, portal: Any, create: Any, act: Any, page_size: Any
    ) -> None:
        """Between any two pages: an edit of a dataset already read and of one still to come, a removal, an addition."""
        page_size(2)
        made = [create(f"Zbirka {number}") for number in range(9)]
        stays = {one["id"] for one in made[:1] + made[2:4] + made[5:]}
        removed = [made[1], made[4]]
        seen: list[str] = []
        address: str | None = "/catalog.nt"
        while address:
            parser = RDFParser(profiles=["euro_dcat_ap_3"])
            parser.parse(portal.read(address).data.decode(), _format="nt")
            seen += [str(portal.told(one, "identifier")) for one in parser.datasets()]
            address = parser.next_page()
            for one in (made[0], made[-1]):
                changed = {"id": one["id"], "notes_translated": {"sl": f"Spremenjen opis zbirke, {len(seen)}. " * 3}}
                act("package_patch", **changed)
            if removed:
                act("package_delete", id=removed.pop()["id"])
                create(f"Nova zbirka {len(seen)}")
        assert len(seen) == len(set(seen))
        assert stays <= set(seen)

    def test_readers_who_come_at_once_number_alike(self, portal: Any, create: Any) -> None:
        for number in range(6):
            create(f"Zbirka {number}")
        with ThreadPoolExecutor(8) as readers:
            answers = list(readers.map(lambda _: portal.app.flask_app.test_client().get("/catalog.nt"), range(8)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.data for answer in answers}) == 1
        with model.meta.engine.connect() as connection:
            ordinals = connection.execute(sa.text("SELECT ordinal FROM kranj_feed_record ORDER BY 1")).scalars().all()
        assert ordinals == [1, 2, 3, 4, 5, 6]

    def test_an_emptied_page_is_skipped_but_answers(self, portal: Any, create: Any, act: Any, page_size: Any) -> None:
        page_size(1)
        made = [create(f"Zbirka {number}") for number in range(3)]
        assert self.titles(portal, 3) == ["Zbirka 2"]
        for one in made[1:]:
            act("package_delete", id=one["id"])
        assert self.titles(portal, 1) == ["Zbirka 0"]
        assert self.titles(portal, 2) == []  # a crawl that was on its way must not break
        assert len(portal.crawl("ttl")) == 1


class TestCommands:
    @pytest.mark.usefixtures("portal")
    def test_dump_and_check(self, portal: Any, create: Any, tmp_path: Any) -> None:
        create("Ena sama")
        result = CliRunner().invoke(feed, ["dump", str(tmp_path), "--format", "nt"])
        assert result.exit_code == 0, result.output
        assert (tmp_path / "page-0001.nt").read_bytes() == portal.read("/catalog.nt").data
        result = CliRunner().invoke(feed, ["check", "--json"])
        assert result.exit_code == 0, result.output
        found = json.loads(result.output)
        assert (found["datasets"], found["findings"]) == (1, [])

    def test_the_group_hangs_on_ckan_kranj(self) -> None:
        assert get_plugin("kranj_feed").get_commands() == []
        assert kranj.commands["feed"] is feed
