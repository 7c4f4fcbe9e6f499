"""Headers, CSRF, throttling, sitemap: what stands around the records."""

import re

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories

from ckanext.kranj.access import protection


@pytest.fixture
def password():
    return "Zelo-dolgo-geslo-1"


def test_every_answer_carries_the_headers(catalogue):
    for path in ("/", "/dataset/", "/api/action/status_show", "/catalog.ttl", "/no-such-page"):
        headers = catalogue.get(path, status=None).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["X-Frame-Options"] == "DENY", path
        assert "script-src 'self';" in headers["Content-Security-Policy"], path


def test_pages_obey_the_policy(catalogue, complete_dataset):
    """No script inside of a page, no handler in an attribute outside of the forms that are allowed them."""
    made = tk.get_action("package_create")({"user": factories.Sysadmin()["name"]}, complete_dataset)
    resource = f"/dataset/{made['name']}/resource/{made['resources'][0]['id']}"
    for path in ("/", "/dataset/", f"/dataset/{made['name']}", resource, "/organization/", "/about", "/user/login"):
        page = catalogue.get(path).body
        assert re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)[^>]*>", page) == [], path
        assert re.findall(r"\son[a-z]+=\"", page) == [], path


def test_what_is_made_for_an_account_is_not_cached(catalogue):
    headers = {"Authorization": factories.APIToken(user=factories.User()["name"])["token"]}
    for path in ("/dataset/", "/api/action/package_search"):
        assert catalogue.get(path, headers=headers).headers["Cache-Control"].startswith("no-store"), path


def test_uploads_do_not_act_as_pages_of_the_portal():
    from ckanext.kranj.access.headers import policy

    assert policy("resource.download") == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        (b"<!DOCTYPE html><html><script>alert(1)</script></html>", True),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', True),
        (b"#!/bin/sh\nrm -rf /\n", True),
        (b"id,naziv\n1,Mlaka\n", False),
        (b'{"id": 1}', False),
        (b"%PDF-1.7\n", False),
    ],
)
def test_what_would_run_is_not_taken(content, refused):
    from io import BytesIO

    from werkzeug.datastructures import FileStorage

    from ckanext.kranj.access import uploads

    upload = FileStorage(BytesIO(content), filename="podatki.csv")
    codes = [problem.code for problem in uploads.problems({"resources": [{"upload": upload}]})]
    assert codes == (["upload-refused"] if refused else [])
    assert upload.stream.read() == content, "the file is left as it was"


class TestToken:
    """CKAN 2.12.0 forgets to ask for it once a view was reached without a session (CVE-2026-41255)."""

    @pytest.fixture
    def person(self, catalogue, password, monkeypatch):
        monkeypatch.setitem(catalogue.flask_app.config, "WTF_CSRF_ENABLED", True)
        user = factories.Sysadmin(password=password)
        client = catalogue.test_client()
        token = re.search(r'name="_csrf_token"[^>]*value="([^"]+)"', client.get("/user/login").get_data(as_text=True))
        form = {"login": user["name"], "password": password, "_csrf_token": token[1]}
        assert client.post("/user/login", data=form, follow_redirects=False).status_code == 302
        return client

    @pytest.mark.parametrize("path", ["/api/action/package_delete", "/dataset/delete/ni", "/organization/new"])
    def test_a_browser_without_it_is_refused_also_after_others_primed_the_view(
        self, catalogue, person, path, monkeypatch
    ):
        catalogue.test_client().post(path, data={})  # as an anonymous visitor who primes the exemption
        assert person.post(path, data={"id": "x"}).status_code == 400
        monkeypatch.setitem(tk.config, protection.KEY, ["edge"])
        assert person.post(path, data={"id": "x"}).status_code != 400, "stock refuses too"

    def test_an_api_token_needs_none(self, catalogue, person):
        headers = {"Authorization": factories.APIToken(user=factories.Sysadmin()["name"])["token"]}
        answer = catalogue.test_client(use_cookies=False).post(
            "/api/action/package_delete", json={"id": "ni"}, headers=headers
        )
        assert answer.status_code == 404


def test_guessing_passwords_must_wait(catalogue, password, monkeypatch):
    from ckan.lib.redis import connect_to_redis

    connect_to_redis().flushdb()
    monkeypatch.setitem(tk.config, "kranj.login.attempts", 3)
    user = factories.User(password=password)
    client = catalogue.test_client()

    def login(secret):
        form = {"login": user["name"], "password": secret}
        return client.post("/user/login", data=form, follow_redirects=False).status_code

    assert [login("narobe") for _ in range(4)] == [200, 200, 200, 429]
    assert login(password) == 429
    told = client.post("/user/login", data={"login": user["name"], "password": password}).get_data(as_text=True)
    assert "Če ste geslo pozabili" in told
    assert 'href="/user/login"' in told  # a page with a way back, not a bare line
    connect_to_redis().flushdb()
    assert login(password) == 302


@pytest.mark.parametrize(("prefix", "words"), [("", "se obrnite na skrbnika"), ("/en", "turn to the steward")])
def test_a_refusal_says_whom_to_turn_to(catalogue, prefix, words):
    headers = {"Authorization": factories.APIToken(user=factories.User()["name"])["token"]}
    for path, status in (("/desk", 404), ("/dataset/new", 403)):
        answer = catalogue.get(prefix + path, headers=headers)
        assert (answer.status_code, words in answer.body) == (status, True), path
    assert "po prijavi" in catalogue.get("/dataset/ni-je").body


def test_search_engines_are_told_of_public_descriptions_only(catalogue, complete_dataset):
    user = factories.Sysadmin()["name"]
    made = tk.get_action("package_create")({"user": user}, complete_dataset)
    assert f"/dataset/{made['name']}" in catalogue.get("/sitemap.xml").body
    tk.get_action("package_patch")({"user": user}, {"id": made["id"], "visibility": "internal"})
    assert made["name"] not in catalogue.get("/sitemap.xml").body
    assert "/sitemap.xml" in catalogue.get("/robots.txt").body
    assert model.Package.get(made["id"]) is not None


@pytest.mark.parametrize("callback", ["alert(1)//", "a.b", "a;b", "", "č", "document.cookie", "a\n"])
def test_a_callback_is_a_name_and_no_program(catalogue, callback):
    """A script of the portal's own address is what its Content Security Policy lets run."""
    answer = catalogue.get("/api/3/action/status_show", query_string={"callback": callback}, status=400)
    assert "javascript" not in answer.headers["Content-Type"]
    named = catalogue.get("/api/3/action/status_show", query_string={"callback": "jQuery_1$"})
    assert named.body.startswith("jQuery_1$(")
