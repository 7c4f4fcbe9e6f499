"""Fragments, the log of changes, the guard and the tombstones: what stands between a save and a reader."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from rdflib import DCAT, RDF, Graph

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.feed import background, render, store
from ckanext.kranj.feed import fragments as fragments_module
from ckanext.kranj.feed.cli import feed
from ckanext.kranj.feed.config import feed_config
from ckanext.kranj.feed.serialise import FORMATS


def sql(statement: str, **values: Any) -> list[Any]:
    with model.meta.engine.begin() as connection:
        found = connection.execute(sa.text(statement), values)
        return list(found) if found.returns_rows else []


def ids(portal: Any, address: str = "/catalog.nt") -> set[str]:
    response = portal.read(address)
    assert response.status_code == 200, response.data
    graph = Graph().parse(data=response.data, format="nt")
    return {str(one).rsplit("/", 1)[-1] for one in graph.subjects(RDF.type, DCAT.Dataset)}


class TestRendering:
    def test_saving_only_appends_and_reading_renders(self, portal: Any, create: Any) -> None:
        made = create("Ena sama")
        assert sql("SELECT 1 FROM kranj_feed_dirty WHERE package_id = :id", id=made["id"])
        assert not sql("SELECT 1 FROM kranj_feed_record")
        assert ids(portal) == {made["id"]}
        assert not sql("SELECT 1 FROM kranj_feed_dirty")
        assert len(sql("SELECT 1 FROM kranj_feed_record WHERE live")) == 1

    def test_every_way_to_change_a_row_is_seen(self, portal: Any, create: Any, act: Any) -> None:
        """Also those that call no hook of CKAN: SQL, purge, a resource that goes."""
        made = create("Ena sama")
        portal.read("/catalog.nt")
        for change in (
            lambda: act("package_patch", id=made["id"], version="2"),
            lambda: act("resource_patch", id=made["resources"][0]["id"], size=77),
            lambda: sql(
                'UPDATE package SET extras = extras || \'{"owner_unit": "Urad"}\' WHERE id = :id', id=made["id"]
            ),
            lambda: sql("UPDATE resource SET state = 'deleted' WHERE package_id = :id", id=made["id"]),
            lambda: act("organization_patch", id="mestna-obcina-kranj", url="https://www.kranj.si/novo"),
        ):
            before = portal.read("/catalog.nt")
            change()
            after = portal.read("/catalog.nt")
            assert after.headers["ETag"] != before.headers["ETag"]
            assert after.data != before.data
        act("dataset_purge", id=made["id"])
        assert ids(portal) == set()

    def test_a_save_without_a_change_is_no_change(self, portal: Any, create: Any, act: Any) -> None:
        made = create("Ena sama")
        before = portal.read("/catalog-changes.trig").data
        sql("UPDATE package SET metadata_modified = metadata_modified, extras = extras WHERE id = :id", id=made["id"])
        assert sql("SELECT 1 FROM kranj_feed_dirty")
        assert portal.read("/catalog-changes.trig").data == before

    def test_what_is_not_committed_is_not_shown_and_not_missed(self, portal: Any, create: Any) -> None:
        """A transaction that began before the reader and commits after it."""
        made = create("Ena sama")
        assert ids(portal) == {made["id"]}
        with model.meta.engine.connect() as slow:
            slow.execute(sa.text("UPDATE package SET private = true WHERE id = :id"), {"id": made["id"]})
            assert ids(portal) == {made["id"]}
            slow.commit()
        assert ids(portal) == set()

    def test_a_broken_dataset_keeps_its_last_fragment(
        self, portal: Any, create: Any, act: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sick, healthy = create("Bolna zbirka"), create("Zdrava zbirka")
        before = portal.read(f"/dataset/{sick['id']}.nt").data
        real = fragments_module.describe

        def describe(dataset: dict[str, Any], *more: Any) -> Any:
            if dataset["id"] == sick["id"]:
                raise ZeroDivisionError("nobody foresaw this")
            return real(dataset, *more)

        monkeypatch.setattr(fragments_module, "describe", describe)
        for one in (sick, healthy):
            act("package_patch", id=one["id"], version="7")
        assert ids(portal) == {sick["id"], healthy["id"]}
        assert portal.read(f"/dataset/{sick['id']}.nt").data == before
        assert b'"7"' in portal.read(f"/dataset/{healthy['id']}.nt").data
        never = create("Nikoli zapisana")
        sick["id"] = never["id"]
        assert never["id"] not in ids(portal)  # it never had a fragment
        result = CliRunner().invoke(feed, ["status", "--json"])
        assert (result.exit_code, json.loads(result.output)["broken"]) == (1, 2)
        monkeypatch.undo()
        assert CliRunner().invoke(feed, ["rebuild", "--all"]).exit_code == 0
        assert len(ids(portal)) == 3
        assert CliRunner().invoke(feed, ["status"]).exit_code == 0

    def test_a_rebuild_changes_neither_numbers_nor_dates_nor_bytes(self, portal: Any, create: Any) -> None:
        for number in range(3):
            create(f"Zbirka {number}")
        before = {name: portal.read(f"/catalog.{name}").data for name in FORMATS}
        records = sql("SELECT package_id, ordinal, changed_at, seq FROM kranj_feed_record ORDER BY 1")
        assert CliRunner().invoke(feed, ["rebuild", "--all"]).output == "3 changes rendered\n"
        sql("DELETE FROM kranj_feed_page")
        assert {name: portal.read(f"/catalog.{name}").data for name in FORMATS} == before
        assert sql("SELECT package_id, ordinal, changed_at, seq FROM kranj_feed_record ORDER BY 1") == records

    def test_rows_written_past_the_triggers_are_reconciled_not_served_short(self, portal: Any, create: Any) -> None:
        made = [create(f"Zbirka {number}") for number in range(2)]
        assert len(ids(portal)) == 2
        sql("ALTER TABLE package DISABLE TRIGGER kranj_feed_mark")
        try:
            sql("UPDATE package SET private = true WHERE id = :id", id=made[0]["id"])
        finally:
            sql("ALTER TABLE package ENABLE TRIGGER kranj_feed_mark")
        first = portal.read("/catalog.nt")
        assert first.status_code == 503
        assert made[0]["id"].encode() not in first.data
        assert ids(portal) == {made[1]["id"]}

    def test_a_new_address_is_rendered_before_it_is_answered(
        self, portal: Any, create: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        create("Ena sama")
        portal.read("/catalog.nt")
        monkeypatch.setitem(tk.config, "ckanext.dcat.base_uri", "https://drugje.example.si")
        body = portal.read("/catalog.nt").data
        assert b"<https://drugje.example.si/dataset/" in body
        assert b"<http://test.ckan.net/dataset/" not in body.replace(b"http://test.ckan.net/dataset/ena-sama", b"")

    def test_a_feed_that_takes_too_long_to_prepare_says_so(
        self, portal: Any, create: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        create("Ena sama")
        monkeypatch.setattr(render, "BATCH", 1)
        monkeypatch.setattr(store, "PATIENCE", -1.0)
        monkeypatch.setattr(render, "render", lambda settings: 1)
        response = portal.read("/catalog.nt")
        assert (response.status_code, response.headers["Retry-After"]) == (503, "60")
        assert "prepared" in response.get_data(as_text=True)

    def test_the_thread_renders_after_a_commit(self, portal: Any, create: Any) -> None:
        """Seen in the tables alone, without a reader, within a second."""
        thread = background.Background()
        sa.event.listen(model.Session, "after_commit", thread.nudge)
        try:
            started = time.monotonic()
            made = create("Ena sama")
            while time.monotonic() < started + 10:
                if sql("SELECT 1 FROM kranj_feed_record WHERE live AND package_id = :id", id=made["id"]):
                    break
                time.sleep(0.02)
            else:
                pytest.fail("nothing was rendered")
        finally:
            sa.event.remove(model.Session, "after_commit", thread.nudge)

    def test_saves_never_wait_for_each_other_or_deadlock(self, portal: Any, create: Any) -> None:
        """Two transactions that touch the same datasets in opposite order of tables, with a renderer beside them."""
        made = [create(f"Zbirka {number}") for number in range(2)]
        portal.read("/catalog.nt")
        failures: list[BaseException] = []
        stop = threading.Event()

        def write(first: str, second: str) -> None:
            try:
                for _ in range(40):
                    with model.meta.engine.begin() as connection:
                        connection.execute(
                            sa.text("UPDATE resource SET size = coalesce(size, 0) + 1 WHERE package_id = :id"),
                            {"id": first},
                        )
                        connection.execute(
                            sa.text("INSERT INTO kranj_feed_dirty (package_id) VALUES (:id)"), {"id": second}
                        )
            except BaseException as error:  # noqa: BLE001
                failures.append(error)

        def renders() -> None:
            while not stop.is_set():
                render.render(feed_config())

        renderer = threading.Thread(target=renders)
        writers = [
            threading.Thread(target=write, args=pair)
            for pair in ((made[0]["id"], made[1]["id"]), (made[1]["id"], made[0]["id"]))
        ]
        renderer.start()
        for one in writers:
            one.start()
        for one in writers:
            one.join()
        stop.set()
        renderer.join()
        assert failures == []
        render.render(feed_config())
        size = sql("SELECT DISTINCT size FROM resource WHERE package_id = :id", id=made[0]["id"])[0][0]
        assert f'"{size}"'.encode() in portal.read(f"/dataset/{made[0]['id']}.nt").data


class TestGuard:
    @pytest.fixture
    def ten(self, portal: Any, create: Any) -> list[dict[str, Any]]:
        made = [create(f"Zbirka {number}") for number in range(10)]
        assert len(ids(portal)) == 10
        return made

    def test_an_accident_closes_the_feed_until_it_is_confirmed(self, portal: Any, ten: list[dict[str, Any]]) -> None:
        gone = [one["id"] for one in ten[:6]]
        sql("UPDATE package SET state = 'deleted' WHERE id = ANY(:ids)", ids=gone)
        for address in ("/catalog.ttl", "/catalog.nt", "/catalog-full.nt", "/catalog-changes.trig"):
            response = portal.read(address)
            assert (response.status_code, response.headers["Retry-After"]) == (503, "60"), address
            assert "feed confirm" in response.get_data(as_text=True)
        result = CliRunner().invoke(feed, ["status"])
        assert result.exit_code == 1
        assert "6 datasets disappeared" in result.output
        assert CliRunner().invoke(feed, ["confirm"]).output == "6 losses confirmed\n"
        assert len(ids(portal)) == 4

    def test_what_comes_back_opens_it_again(self, portal: Any, ten: list[dict[str, Any]]) -> None:
        gone = [one["id"] for one in ten[:6]]
        sql("UPDATE package SET state = 'deleted' WHERE id = ANY(:ids)", ids=gone)
        assert portal.read("/catalog.ttl").status_code == 503
        sql("UPDATE package SET state = 'active' WHERE id = ANY(:ids)", ids=gone)
        assert len(ids(portal)) == 10

    def test_our_own_actions_explain_themselves(self, portal: Any, ten: list[dict[str, Any]], act: Any) -> None:
        for one in ten[:4]:
            act("package_patch", id=one["id"], visibility="internal")
        for one in ten[4:8]:
            act("package_delete", id=one["name"])
        assert len(ids(portal)) == 2

    def test_a_few_losses_are_tolerated(self, portal: Any, ten: list[dict[str, Any]]) -> None:
        sql("UPDATE package SET state = 'deleted' WHERE id = ANY(:ids)", ids=[one["id"] for one in ten[:5]])
        assert len(ids(portal)) == 5


class TestConditions:
    @pytest.mark.usefixtures("mixed")
    def test_ready_pages_and_rows_say_the_same(self, portal: Any) -> None:
        first = portal.read("/catalog.ttl")
        second = portal.read("/catalog.ttl")
        assert (first.headers["X-Feed"], second.headers["X-Feed"]) == ("rows", "ready")
        assert first.data == second.data

    def test_last_modified(self, portal: Any, create: Any, act: Any) -> None:
        made = create("Ena sama")
        portal.read("/catalog.ttl")
        sql("UPDATE kranj_feed_state SET modified = modified - interval '1 hour'")
        since = portal.read("/catalog.ttl").headers["Last-Modified"]
        again = portal.read("/catalog.ttl", headers={"If-Modified-Since": since})
        assert again.status_code == 304
        act("package_patch", id=made["id"], version="8")
        changed = portal.read("/catalog.ttl", headers={"If-Modified-Since": since})
        assert changed.status_code == 200
        assert "Last-Modified" not in changed.headers  # within a second a date tells nothing apart

    @pytest.mark.parametrize(
        "address",
        ["/catalog.ttl", "/catalog-full.nt", "/catalog-changes.trig", "/organization/mestna-obcina-kranj/catalog.rdf"],
    )
    @pytest.mark.usefixtures("mixed")
    def test_head_is_get_without_the_body(self, portal: Any, address: str) -> None:
        get = portal.read(address)
        head = portal.app.flask_app.test_client().head(address)
        assert (get.status_code, head.status_code, head.data) == (200, 200, b"")
        for header in ("Content-Type", "ETag", "Content-Length"):
            if header != "Content-Length" or "full" not in address:
                assert head.headers.get(header) == get.headers.get(header), header
        again = portal.read(address, headers={"If-None-Match": get.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")

    def test_a_deleted_dataset_changes_every_page(self, portal: Any, create: Any, act: Any, page_size: Any) -> None:
        """Its total is on every page: an old page must not pass for a current one."""
        page_size(1)
        made = [create(f"Zbirka {number}") for number in range(3)]
        etag = portal.read("/catalog.ttl").headers["ETag"]
        act("package_delete", id=made[2]["id"])
        assert portal.read("/catalog.ttl", headers={"If-None-Match": etag}).status_code == 200


HANGS = (
    "SELECT tgrelid::regclass::text AS place, pg_get_triggerdef(oid) AS said FROM pg_trigger"
    " WHERE tgname = 'kranj_feed_mark' UNION ALL"
    " SELECT tablename, indexdef FROM pg_indexes WHERE indexname = 'kranj_feed_public' UNION ALL"
    " SELECT stxrelid::regclass::text, pg_get_statisticsobjdef(oid) FROM pg_statistic_ext"
    " WHERE stxname = 'kranj_feed_visibility' ORDER BY 1, 2"
)


class TestLeftOut:
    def test_nothing_stays_on_the_tables_of_ckan_and_all_of_it_comes_back(
        self, portal: Any, create: Any, act: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = create("Prva zbirka")
        assert ids(portal) == {first["id"]}
        numbers = sql("SELECT package_id, ordinal, changed_at FROM kranj_feed_record")
        hung = sql(HANGS)
        assert len(hung) == 5
        try:
            assert CliRunner().invoke(feed, ["detach"]).exit_code == 0
            assert sql(HANGS) == []
            second = create("Druga zbirka")
            assert sql("SELECT 1 FROM kranj_feed_dirty") == []
            assert CliRunner().invoke(feed, ["status"]).exit_code == 1
            monkeypatch.setattr(store, "_announced", threading.Event())  # as in a process that starts now
            response = portal.read("/catalog.nt")
            assert response.status_code == 503
            assert "ckan kranj feed attach" in response.get_data(as_text=True)
        finally:
            result = CliRunner().invoke(feed, ["attach"])
        assert (result.exit_code, sql(HANGS)) == (0, hung)
        assert ids(portal) == {first["id"], second["id"]}
        assert sql("SELECT package_id, ordinal, changed_at FROM kranj_feed_record ORDER BY ordinal")[:1] == numbers
        act("package_delete", id=second["id"])
        assert ids(portal) == {first["id"]}
