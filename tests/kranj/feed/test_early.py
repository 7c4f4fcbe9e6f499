"""The short way in front of CKAN: what it answers, what it hands on, and that nobody can tell the two ways apart."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import EnvironBuilder, run_wsgi_app

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access import decisions
from ckanext.kranj.database import lane
from ckanext.kranj.feed import early
from ckanext.kranj.feed.serialise import FORMATS

HANDED_ON = "599 handed on"

Asked = tuple[str, dict[str, str], bytes]


def sql(statement: str, **values: Any) -> None:
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text(statement), values)


@pytest.fixture
def ask() -> Callable[..., Asked]:
    """Ask the middleware alone; where CKAN would stand is somebody who only says that he was asked."""

    def ckan(_environ: Any, start_response: Any) -> list[bytes]:
        start_response(HANDED_ON, [])
        return [b""]

    def request(path: str, method: str = "GET", **headers: str) -> Asked:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        environ = EnvironBuilder(path=path, method=method, headers=given).get_environ()
        body, status, answered = run_wsgi_app(early.Early(ckan), environ)
        return status, dict(answered), b"".join(body)

    return request


@pytest.fixture
def ready(portal: Any, create: Any) -> dict[str, Any]:
    """One public dataset, and its page ready in every format, of a state that is an hour old."""
    made = create("Ena sama")
    portal.read("/catalog.ttl")
    sql("UPDATE kranj_feed_state SET modified = modified - interval '1 hour'")
    for name in FORMATS:
        assert portal.read(f"/catalog.{name}").status_code == 200
    return made


class TestAnswers:
    @pytest.mark.usefixtures("ready")
    @pytest.mark.parametrize("name", list(FORMATS))
    def test_the_two_ways_answer_alike(self, portal: Any, ask: Any, name: str) -> None:
        """CKAN takes the language off the address, so this address is not one of the short way."""
        for headers in ({}, {"Accept-Encoding": "gzip"}, {"Accept-Encoding": "gzip;q=0"}):
            long = portal.read(f"/en/catalog.{name}", headers=headers)
            short = portal.read(f"/catalog.{name}", headers=headers)
            status, told, body = ask(f"/catalog.{name}", **headers)
            assert (long.status_code, status) == (200, "200 OK")
            assert long.data == short.data == body
            assert dict(long.headers) == dict(short.headers) == told
            assert told["X-Feed"] == "ready"

    @pytest.mark.usefixtures("ready")
    def test_unchanged(self, portal: Any, ask: Any) -> None:
        _, first, _ = ask("/catalog.ttl?page=1", Accept_Encoding="gzip")
        for given in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
            headers = {"Accept-Encoding": "gzip", **given}
            long = portal.read("/en/catalog.ttl?page=1", headers=headers)
            status, told, body = ask("/catalog.ttl?page=1", **headers)
            assert (long.status_code, status, body) == (304, "304 NOT MODIFIED", b"")
            assert dict(long.headers) == told

    @pytest.mark.usefixtures("ready")
    def test_unchanged_needs_no_ready_page(self, ask: Any) -> None:
        _, first, _ = ask("/catalog.ttl")
        sql("DELETE FROM kranj_feed_page")
        assert ask("/catalog.ttl", If_None_Match=first["ETag"])[0] == "304 NOT MODIFIED"
        assert ask("/catalog.ttl")[0] == HANDED_ON

    @pytest.mark.usefixtures("ready")
    def test_the_statement_is_planned_once(self, ask: Any) -> None:
        """However many datasets there are: for a large catalogue PostgreSQL would plan every page anew."""
        for _ in range(3):
            assert ask("/catalog.ttl")[0] == "200 OK"
        plans = lane.ask(
            sa.text("SELECT generic_plans > 0, custom_plans FROM pg_prepared_statements WHERE name = :name"),
            {"name": "kranj_feed_early"},
        )
        assert plans == [(True, 0)]

    @pytest.mark.usefixtures("ready")
    def test_head_is_short_too(self, portal: Any, ask: Any) -> None:
        for coding in ("gzip", "identity"):
            long = portal.app.flask_app.test_client().head("/en/catalog.rdf", headers={"Accept-Encoding": coding})
            status, told, body = ask("/catalog.rdf", "HEAD", Accept_Encoding=coding)
            assert (status, body) == ("200 OK", b"")
            assert dict(long.headers) == told

    @pytest.mark.usefixtures("ready")
    def test_over_tls_it_says_so(self, portal: Any) -> None:
        told = portal.app.flask_app.test_client().get("/catalog.ttl", base_url="https://test.ckan.net").headers
        assert told["X-Feed"] == "ready"
        assert "max-age" in told["Strict-Transport-Security"]

    @pytest.mark.usefixtures("ready")
    def test_a_wrong_validator_gets_the_page(self, ask: Any) -> None:
        status, _, body = ask("/catalog.ttl", If_None_Match='"other-gzip"', Accept_Encoding="gzip")
        assert status == "200 OK"
        assert b"Ena sama" in gzip.decompress(body)


class TestHandedOn:
    @pytest.mark.usefixtures("ready")
    @pytest.mark.parametrize(
        "address",
        [
            "/", "/catalog", "/catalog.foo", "/catalog.ttl/", "/en/catalog.ttl", "/catalog-full.ttl", "/dataset/x.ttl",
            "/catalog.ttl?page=0", "/catalog.ttl?page=1&page=2", "/catalog.ttl?modified_since=2026-01-01",
            "/catalog.ttl?after=1", "/catalog.ttl?page=99", "/catalog.ttl?page=9999999999", "/catalog.ttl?q=x",
        ],
    )  # fmt: skip
    def test_other_addresses(self, ask: Any, address: str) -> None:
        assert ask(address)[0] == HANDED_ON

    @pytest.mark.usefixtures("ready")
    def test_other_requests(self, ask: Any) -> None:
        for method in ("POST", "OPTIONS", "DELETE"):
            assert ask("/catalog.ttl", method)[0] == HANDED_ON
        assert ask("/catalog.ttl", Origin="https://drugje.example.si")[0] == HANDED_ON
        assert ask("/catalog.ttl")[0] == "200 OK"

    def test_a_change_that_is_not_rendered(self, ready: dict[str, Any], act: Any, ask: Any) -> None:
        act("package_patch", id=ready["id"], version="2")
        assert ask("/catalog.ttl")[0] == HANDED_ON

    def test_a_change_that_passed_the_triggers(self, ready: dict[str, Any], ask: Any) -> None:
        sql("ALTER TABLE package DISABLE TRIGGER kranj_feed_mark")
        try:
            sql("UPDATE package SET private = true WHERE id = :id", id=ready["id"])
        finally:
            sql("ALTER TABLE package ENABLE TRIGGER kranj_feed_mark")
        assert ask("/catalog.ttl")[0] == HANDED_ON

    @pytest.mark.usefixtures("ready")
    def test_a_feed_that_the_guard_closed(self, ask: Any) -> None:
        sql(
            "INSERT INTO kranj_feed_record (package_id, ordinal, unexplained)"
            " SELECT 'gone-' || n, 100 + n, true FROM generate_series(1, 6) n"
        )
        assert ask("/catalog.ttl")[0] == HANDED_ON

    @pytest.mark.usefixtures("ready")
    def test_a_portal_that_moved(self, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(tk.config, "ckan.site_url", "https://drugje.example.si")
        assert ask("/catalog.ttl")[0] == HANDED_ON

    @pytest.mark.usefixtures("ready")
    def test_below_another_root(self, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(tk.config, "ckan.root_path", "/podatki/{{LANG}}")
        assert ask("/catalog.ttl")[0] == HANDED_ON

    @pytest.mark.usefixtures("ready")
    def test_a_feed_that_is_not_for_everybody(self, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """The reviewed decision holds here as at the edge of the portal."""
        for who in ("account", None):
            routes = {early.ENDPOINT: decisions.Decision(who, "")} if who else {}
            monkeypatch.setattr(decisions, "decisions", lambda routes=routes: {"routes": routes})
            assert ask("/catalog.ttl")[0] == HANDED_ON

    @pytest.mark.usefixtures("ready")
    def test_a_database_that_does_not_answer(
        self, ask: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        nowhere = sa.create_engine("postgresql://nobody:x@/nothing?host=/nonexistent")
        monkeypatch.setattr(model.meta, "engine", nowhere)
        assert ask("/catalog.ttl")[0] == HANDED_ON
        assert "long way" in caplog.text
