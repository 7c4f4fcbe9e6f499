"""Sessions are on the server, end by the clock and with the password; API tokens end, and say so."""

import time
from datetime import UTC, datetime, timedelta

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories
from ckan.tests.helpers import call_action

PASSWORD = "Zelo-dolgo-geslo-1"  # noqa: S105


class Window:
    """A browser window of somebody who logs in with a password."""

    def __init__(self, app, user):
        self.app, self.client, self.user = app, app.test_client(), user

    def login(self, **more):
        form = {"login": self.user["name"], "password": PASSWORD, **more}
        assert self.client.post("/user/login", data=form, follow_redirects=False).status_code == 302
        return self

    def get(self, path="/dashboard/datasets"):
        return self.client.get(path, follow_redirects=False)

    @property
    def cookies(self):
        return {cookie.key: cookie.value for cookie in self.client._cookies.values()}

    @property
    def inside(self):
        return self.get().status_code == 200


@pytest.fixture
def window(catalogue):
    return Window(catalogue, factories.User(password=PASSWORD)).login()


def with_cookie(catalogue, name, value):
    client = catalogue.test_client()
    client.set_cookie(name, value, domain="test.ckan.net")
    client.set_cookie(name, value)
    return client


class TestSessions:
    def test_the_cookie_holds_only_an_identifier_and_the_server_the_rest(self, window):
        name = tk.config["SESSION_COOKIE_NAME"]
        identifier = window.cookies[name].split(".")[0]
        (key,) = [key for key in connect_to_redis().keys("*") if identifier.encode() in key]
        assert window.user["id"].encode() in connect_to_redis().get(key)
        assert 0 < connect_to_redis().ttl(key) <= 28_800
        connect_to_redis().delete(key)
        assert not window.inside, "ended on the server, it is ended"

    def test_a_cookie_that_was_copied_before_the_logout_is_worth_nothing_after(self, window, catalogue):
        name = tk.config["SESSION_COOKIE_NAME"]
        value = window.cookies[name]
        thief = with_cookie(catalogue, name, value)
        assert thief.get("/dashboard/datasets", follow_redirects=False).status_code == 200
        window.get("/user/_logout")
        assert thief.get("/dashboard/datasets", follow_redirects=False).status_code == 302

    def test_the_identifier_is_another_one_after_the_login(self, catalogue):
        window = Window(catalogue, factories.User(password=PASSWORD))
        window.get("/user/login")
        planted = window.cookies.get(tk.config["SESSION_COOKIE_NAME"])
        window.login()
        assert planted != window.cookies[tk.config["SESSION_COOKIE_NAME"]]

    def test_it_ends_by_the_clock_however_busy(self, window, monkeypatch):
        assert window.inside
        monkeypatch.setitem(tk.config, "kranj.session.longest", 60)
        real = time.time
        monkeypatch.setattr("ckanext.kranj.login.session.time.time", lambda: real() + 61)
        answer = window.get()
        assert answer.status_code == 302
        assert "came_from=/dashboard/datasets" in answer.headers["Location"]
        assert "Seja je potekla" in window.client.get(answer.headers["Location"]).get_data(as_text=True)
        monkeypatch.undo()
        assert not window.inside

    @pytest.mark.parametrize("how", ["reset", "machine"])
    def test_all_of_them_end_when_the_password_changes(self, window, catalogue, how):
        other = Window(catalogue, window.user).login()
        assert window.inside
        assert other.inside
        user = model.User.get(window.user["id"])
        if how == "reset":
            call_action("user_update", id=user.id, email=window.user["email"], password="Drugo-dolgo-geslo-2")
        else:
            user.password = "Drugo-dolgo-geslo-2"  # noqa: S105 as `ckan user setpass` does
            model.repo.commit()
        assert not window.inside
        assert not other.inside

    def test_an_api_call_of_an_ended_session_gets_one_sentence(self, window):
        user = model.User.get(window.user["id"])
        user.password = "Drugo-dolgo-geslo-2"  # noqa: S105
        model.repo.commit()
        answer = window.client.get("/en/api/action/dashboard_activity_list", follow_redirects=False)
        assert answer.status_code == 401
        assert answer.json["error"]["message"] == "Your session ended, or the password was changed. Log in again."

    def test_no_cookie_brings_a_login_back(self, catalogue):
        window = Window(catalogue, factories.User(password=PASSWORD)).login(remember="99999999999")
        assert "remember" not in catalogue.test_client().get("/user/login").get_data(as_text=True)
        remembered = {key: value for key, value in window.cookies.items() if "remember" in key}
        assert remembered, "CKAN still sets it when it is asked for by hand"
        ((name, value),) = remembered.items()
        client = with_cookie(catalogue, name, value)
        assert client.get("/dashboard/datasets", follow_redirects=False).status_code == 302


class TestTokens:
    def ask(self, app, token, path="/api/action/package_search"):
        return app.test_client(use_cookies=False).get(path, headers={"Authorization": token}, follow_redirects=False)

    def made(self, user, **more):
        return call_action("api_token_create", {"user": user["name"]}, user=user["name"], name="x", **more)["token"]

    def test_a_token_ends_after_the_days_that_were_asked_for(self, catalogue):
        user = factories.User()
        self.made(user)
        self.made(user, days=7)
        ends = [item["expires_at"] for item in call_action("api_token_list", {"user": user["name"]}, user=user["name"])]
        left = [datetime.fromisoformat(end) - datetime.now(tz=UTC) for end in ends]
        assert [round(time / timedelta(days=1)) for time in left] == [90, 7]

    @pytest.mark.parametrize("days", [0, -1, 366, 10**12, "veliko", 1.5, [], "²"])
    def test_no_more_than_the_most(self, catalogue, days):
        with pytest.raises(tk.ValidationError) as refused:
            self.made(factories.User(), days=days)
        assert list(refused.value.error_dict) == ["days"]

    @pytest.mark.parametrize(("lang", "text"), [("", "API-žeton je potekel."), ("/en", "The API token has expired.")])
    def test_one_that_is_over_is_refused_with_one_sentence(self, catalogue, monkeypatch, lang, text, caplog):
        from ckanext.kranj.login import tokens

        user = factories.User()
        token = self.made(user)
        assert self.ask(catalogue, token).status_code == 200
        monkeypatch.setattr(tokens, "timedelta", lambda days: timedelta(days=-days))
        over = self.made(user, days=1)
        monkeypatch.undo()
        answer = self.ask(catalogue, over, f"{lang}/api/action/package_search")
        assert answer.status_code == 401, "not answered as to an anonymous visitor"
        assert answer.json["error"]["message"].startswith(text)
        page = self.ask(catalogue, over, f"{lang}/dataset/")
        assert (page.status_code, page.get_data(as_text=True).startswith(text)) == (401, True)
        assert over not in caplog.text

    def test_a_smaller_most_also_ends_tokens_made_before(self, catalogue, monkeypatch):
        user = factories.User()
        token = self.made(user, days=300)
        found = model.Session.query(model.ApiToken).filter_by(user_id=user["id"]).one()
        found.created_at = datetime.now(tz=UTC).replace(tzinfo=None) - timedelta(days=40)
        found.plugin_extras = None  # as one that was made before tokens ended
        model.repo.commit()
        assert self.ask(catalogue, token).status_code == 200
        monkeypatch.setitem(tk.config, "kranj.token.most_days", 30)
        assert self.ask(catalogue, token).status_code == 401

    def test_nonsense_is_nobody_as_before(self, catalogue):
        assert self.ask(catalogue, "nonsense").status_code == 200
        assert self.ask(catalogue, "nonsense", "/api/action/api_token_list?user=x").status_code == 403

    def test_the_page_says_when_a_token_ends(self, window):
        call_action("api_token_create", {"user": window.user["name"]}, user=window.user["name"], name="x", days=7)
        page = window.get(f"/user/{window.user['name']}/api-tokens").get_data(as_text=True)
        end = datetime.now(tz=UTC) + timedelta(days=7)
        assert "Velja do" in page
        assert f"{end.day}. {end.month}. {end.year}" in page
