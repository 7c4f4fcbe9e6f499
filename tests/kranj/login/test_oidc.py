"""Login with an OpenID provider: pyop over HTTP, our portal as its client; every way in which it may go wrong."""

import re
from urllib.parse import urlsplit

import pytest
import requests
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories

ANA = {"name": "Ana Kovač", "email": "ana.kovac@kranj.si", "email_verified": True}


ENTRIES = sa.text(
    "SELECT object_id, actor, fields FROM kranj_audit WHERE kind = 'login' AND operation = :what AND id > :since"
)
LAST = sa.text("SELECT coalesce(max(id), 0) FROM kranj_audit")
since = [0]


def entries(operation):
    """Entries of the audit that this test made."""
    return list(model.Session.execute(ENTRIES, {"what": operation, "since": since[0]}))


class Window:
    """A browser window: our portal by its test client, the provider over the network."""

    def __init__(self, app, provider):
        self.client, self.provider = app.test_client(), provider

    def get(self, path, *, follow=False):
        """An answer of the portal."""
        return self.client.get(path, follow_redirects=follow)

    def depart(self, path="/user/oidc/login"):
        """Where the portal sends the browser."""
        answer = self.get(path)
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return answer.headers["Location"]

    def choose(self, address, who):
        """Log in at the provider; gives the address that it sends back to."""
        answer = requests.get(address, timeout=5)
        assert answer.status_code == 200, answer.text
        answer = requests.post(address, data={"who": who}, allow_redirects=False, timeout=5)
        return answer.headers["Location"]

    def back(self, address):
        """Come back to the portal; gives the page one ends on."""
        parts = urlsplit(address)
        answer = self.get(f"{parts.path}?{parts.query}", follow=True)
        return answer.get_data(as_text=True)

    def login(self, who, path="/user/oidc/login"):
        """The whole way."""
        return self.back(self.choose(self.depart(path), who))

    @property
    def account(self):
        """Id of the account that is logged in, or None."""
        page = self.get("/user/edit").get_data(as_text=True)
        found = re.search(r'id="field-username"[^>]*?value="([^"]+)"', page, re.S)
        return model.User.get(found.group(1)).id if found else None


@pytest.fixture
def window(catalogue, openid):
    since[0] = model.Session.scalar(LAST)
    return Window(catalogue, openid)


def user_of(window):
    return model.User.get(window.account)


def test_it_is_off_unless_set(catalogue):
    assert catalogue.get("/user/oidc/login", status=404)
    assert catalogue.get("/user/oidc/callback?code=a&state=b", status=404)
    assert "oidc" not in catalogue.get("/user/login").body


def test_somebody_new_gets_an_account_without_rights(window, openid):
    openid.people["ana"] = ANA
    assert 'href="/user/oidc/login"' in window.get("/user/login").get_data(as_text=True)
    window.login("ana")
    user = user_of(window)
    assert (user.fullname, user.email, user.sysadmin) == ("Ana Kovač", "ana.kovac@kranj.si", False)
    assert user.get_groups() == []
    assert not user.validate_password("")
    assert [row.object_id for row in entries("connected")] == [user.id]
    assert [(row.actor, row.fields) for row in entries("login")] == [(user.id, {"by": "oidc"})]


def test_the_same_person_comes_back_to_the_same_account_whatever_the_email_says(window, openid, catalogue):
    openid.people["ana"] = dict(ANA)
    window.login("ana")
    first = window.account
    openid.people["ana"] |= {"email": factories.Sysadmin()["email"]}
    again = Window(catalogue, openid)
    again.login("ana")
    assert again.account == first
    assert len(entries("connected")) == 1


def test_the_request_carries_state_nonce_and_pkce(window, openid):
    from urllib.parse import parse_qs

    openid.people["ana"] = ANA
    asked = parse_qs(urlsplit(window.depart()).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    assert "skrivnost" not in str(asked)


class TestWhoseAccount:
    def test_an_unverified_email_opens_nobodys_account(self, window, openid):
        victim = factories.User(email="ana.kovac@kranj.si")
        openid.people["ana"] = ANA | {"email_verified": False}
        page = window.login("ana")
        assert "Račun s tem e-naslovom že obstaja" in page
        assert window.account is None
        assert entries("connected") == []
        assert model.User.get(victim["id"]).email == "ana.kovac@kranj.si"

    def test_an_unverified_email_is_not_kept(self, window, openid):
        openid.people["ana"] = {"name": "Ana", "email": "tuj@kranj.si"}
        window.login("ana")
        assert user_of(window).email is None

    def test_a_verified_email_connects_to_the_one_account_with_it(self, window, openid):
        known = factories.User(email="Ana.Kovac@kranj.si")
        openid.people["ana"] = ANA
        window.login("ana")
        assert window.account == known["id"]
        assert [row.fields["why"] for row in entries("connected")] == ["verified-email"]

    def test_never_to_an_administrators(self, window, openid):
        factories.Sysadmin(email="ana.kovac@kranj.si")
        openid.people["ana"] = ANA
        assert "Račun s tem e-naslovom že obstaja" in window.login("ana")
        assert window.account is None

    def test_one_account_is_not_connected_to_a_second_person_by_email(self, window, openid, catalogue):
        factories.User(email="ana.kovac@kranj.si")
        openid.people |= {"ana": ANA, "druga": ANA}
        window.login("ana")
        other = Window(catalogue, openid)
        assert "Račun s tem e-naslovom že obstaja" in other.login("druga")
        assert other.account is None

    def test_a_closed_account_stays_closed(self, window, openid):
        openid.people["ana"] = ANA
        window.login("ana")
        user = user_of(window)
        user.delete()
        model.repo.commit()
        assert "Vaš račun v katalogu je zaprt" in window.login("ana")
        assert window.account is None

    def test_no_accounts_for_strangers_when_set_so(self, window, openid, monkeypatch):
        monkeypatch.setitem(tk.config, "kranj.oidc.create_accounts", False)
        openid.people["ana"] = ANA
        assert "V katalogu še nimate računa" in window.login("ana")
        assert window.account is None

    def test_an_invitation_is_taken_up(self, window, openid, monkeypatch):
        monkeypatch.setitem(tk.config, "kranj.oidc.create_accounts", False)
        invited = factories.User(email="ana.kovac@kranj.si")
        user = model.User.get(invited["id"])
        user.set_pending()
        model.repo.commit()
        openid.people["ana"] = ANA
        window.login("ana")
        assert window.account == invited["id"]

    def test_who_is_logged_in_may_connect_and_only_when_he_asked(self, window, openid, catalogue):
        password = "Zelo-dolgo-geslo-1"  # noqa: S105
        user = factories.User(password=password)
        openid.people["ana"] = ANA
        form = {"login": user["name"], "password": password}
        assert window.client.post("/user/login", data=form, follow_redirects=False).status_code == 302
        assert urlsplit(window.depart()).path == "/", "without the token of a form it goes home"
        page = window.get(f"/user/edit/{user['name']}").get_data(as_text=True)
        link = page.partition('kranj-connect" rel="nofollow" href="')[2].partition('"')[0]
        window.login("ana", link)
        assert [row.fields["why"] for row in entries("connected")] == ["asked"]
        fresh = Window(catalogue, openid)
        fresh.login("ana")
        assert fresh.account == user["id"]


class TestWhatGoesWrong:
    """Each ends with one sentence, nobody logged in, and an entry in the audit."""

    def refused(self, window, page, sentence):
        assert sentence in page
        assert window.account is None
        (entry,) = entries("refused")
        assert entry.actor == "anonymous"
        return entry.fields["why"]

    @pytest.mark.parametrize(("lang", "sentence"), [("", "Ponudnik prijave se ne odziva"), ("/en", "does not answer")])
    def test_the_provider_is_down(self, window, monkeypatch, lang, sentence):
        monkeypatch.setitem(tk.config, "kranj.oidc.issuer", "http://127.0.0.1:9")
        page = window.get(f"{lang}/user/oidc/login", follow=True).get_data(as_text=True)
        assert self.refused(window, page, sentence) == "down"

    def test_the_provider_does_not_answer_in_time(self, window, openid, monkeypatch):
        from ckanext.kranj.login import provider

        monkeypatch.setattr(provider, "PATIENCE", 0.3)
        openid.broken[".well-known/openid-configuration"] = "slow"
        page = window.get("/user/oidc/login", follow=True).get_data(as_text=True)
        assert self.refused(window, page, "Ponudnik prijave se ne odziva") == "down"

    @pytest.mark.parametrize(("lang", "sentence"), [("", "vas ni prijavil"), ("/en", "did not log you in")])
    def test_the_person_refuses(self, window, lang, sentence):
        assert self.refused(window, window.login("none", f"{lang}/user/oidc/login"), sentence) == "declined"

    @pytest.mark.parametrize(
        "answer",
        [(200, "text/html", "<h1>Vzdrževanje</h1>"), (200, "application/json", "[]"), (200, "application/json", "{}"),
         (404, "text/html", "?"), (200, "application/json", '{"issuer": "https://drug.example"}')],
    )  # fmt: skip
    def test_the_description_is_nonsense(self, window, openid, answer):
        openid.broken[".well-known/openid-configuration"] = answer
        page = window.get("/en/user/oidc/login", follow=True).get_data(as_text=True)
        assert self.refused(window, page, "could not be verified") == "nonsense"

    @pytest.mark.parametrize(
        ("where", "answer", "why"),
        [("token", (200, "text/html", "<h1>?</h1>"), "nonsense"), ("token", (500, "text/html", "?"), "down"),
         ("token", (400, "application/json", '{"error": "invalid_client"}'), "nonsense"),
         ("token", (200, "application/json", '{"access_token": "x", "token_type": "bearer"}'), "nonsense"),
         ("jwks", (200, "application/json", '{"keys": []}'), "nonsense"),
         ("userinfo", (200, "application/json", '{"sub": "nekdo-drug", "email": "a@b.si"}'), "nonsense")],
    )  # fmt: skip
    def test_an_endpoint_answers_nonsense(self, window, openid, where, answer, why):
        openid.people["ana"] = ANA
        address = window.choose(window.depart(), "ana")
        openid.broken[where] = answer
        page = window.back(address)
        assert self.refused(window, page, "ni bilo mogoče preveriti" if why == "nonsense" else "ne odziva") == why

    @pytest.mark.parametrize(
        "claims",
        [{"iss": "https://drug.example"}, {"aud": ["drug-portal"]}, {"nonce": "drug"}, {"exp": 1_000_000_000},
         {"aud": ["katalog-kranj", "drug"], "azp": "drug"}, {"at_hash": "AAAA"}, {"iat": 4_000_000_000}],
        ids=lambda claims: next(iter(claims)),
    )  # fmt: skip
    def test_the_token_is_not_for_this_login(self, window, openid, claims, monkeypatch):
        from pyop.provider import IdToken

        openid.people["ana"] = ANA
        real = IdToken.to_jwt
        monkeypatch.setattr(IdToken, "to_jwt", lambda token, *more: (token.update(claims), real(token, *more))[1])
        assert self.refused(window, window.login("ana"), "ni bilo mogoče preveriti") == "nonsense"

    def test_the_token_is_signed_by_somebody_else(self, window, openid):
        openid.people["ana"] = ANA
        openid.provider.signing_key = openid.foreign_key
        assert self.refused(window, window.login("ana"), "ni bilo mogoče preveriti") == "nonsense"

    @pytest.mark.parametrize("algorithm", ["none", "HS256"])
    def test_the_token_is_not_signed_by_a_key_of_the_provider(self, window, openid, algorithm):
        from jwkest.jwk import SYMKey

        openid.people["ana"] = ANA
        openid.clients["katalog-kranj"]["id_token_signed_response_alg"] = algorithm
        openid.provider.signing_key = SYMKey(key="skrivnost-samo-za-teste", alg="HS256")
        openid.broken["description"] = {"id_token_signing_alg_values_supported": ["RS256", algorithm]}
        try:
            assert self.refused(window, window.login("ana"), "ni bilo mogoče preveriti") == "nonsense"
        finally:
            del openid.clients["katalog-kranj"]["id_token_signed_response_alg"]

    def test_a_login_that_was_started_elsewhere(self, window, openid, catalogue):
        openid.people["ana"] = ANA
        address = window.choose(window.depart(), "ana")
        victim = Window(catalogue, openid)
        assert self.refused(victim, victim.back(address), "se ni začela v tem oknu") == "strange-state"

    def test_a_code_is_good_once(self, window, openid):
        openid.people["ana"] = ANA
        address = window.choose(window.depart(), "ana")
        window.back(address)
        window.get("/user/_logout")
        assert "se ni začela v tem oknu" in window.back(address)

    def test_a_stolen_code_is_useless_without_the_verifier(self, window, openid, catalogue):
        from urllib.parse import parse_qs

        openid.people["ana"] = ANA
        code = parse_qs(urlsplit(window.choose(window.depart(), "ana")).query)["code"][0]
        thief = Window(catalogue, openid)
        state = parse_qs(urlsplit(thief.depart()).query)["state"][0]
        page = thief.back(f"/user/oidc/callback?code={code}&state={state}")
        assert self.refused(thief, page, "ni bilo mogoče preveriti") == "nonsense"

    def test_the_secret_is_not_on_this_machine(self, window, monkeypatch):
        monkeypatch.delenv("KRANJ_SECRET_OIDC")
        page = window.get("/user/oidc/login", follow=True).get_data(as_text=True)
        assert self.refused(window, page, "ni bilo mogoče preveriti") == "nonsense"

    def test_a_provider_without_tls_is_not_trusted(self, window, monkeypatch):
        monkeypatch.setitem(tk.config, "kranj.oidc.issuer", "http://prijava.example")
        page = window.get("/user/oidc/login", follow=True).get_data(as_text=True)
        assert self.refused(window, page, "ni bilo mogoče preveriti") == "nonsense"

    def test_nothing_secret_is_logged(self, window, openid, caplog):
        caplog.set_level("INFO")
        openid.people["ana"] = ANA
        window.login("ana")
        address = window.choose(window.depart("/user/oidc/login"), "ana") if window.account is None else ""
        window.back(address or "/user/oidc/callback?code=skrita-koda&state=x")
        assert "login: refused, strange-state" in caplog.text
        assert "skrivnost" not in caplog.text
        assert "skrita-koda" not in caplog.text


def cookie(window):
    """The identifier of a window's session."""
    return next(
        cookie.value for cookie in window.client._cookies.values() if cookie.key == tk.config["SESSION_COOKIE_NAME"]
    )


class TestSession:
    def test_the_session_is_another_one_after_the_login(self, window, openid):
        openid.people["ana"] = ANA
        address = window.choose(window.depart(), "ana")
        before = cookie(window)
        window.back(address)
        assert before
        assert cookie(window) != before

    def test_one_is_sent_back_to_where_one_came_from_but_not_elsewhere(self, window, openid):
        openid.people["ana"] = ANA
        for target, expected in (("/about", "/about"), ("https://zlo.example/", "/dashboard/datasets")):
            address = window.choose(window.depart(f"/user/oidc/login?came_from={target}"), "ana")
            parts = urlsplit(address)
            answer = window.get(f"{parts.path}?{parts.query}")
            assert urlsplit(answer.headers["Location"])[1:3] in (("", expected), ("test.ckan.net", expected))
            window.get("/user/_logout")

    def test_logging_out_also_leaves_the_provider(self, window, openid):
        openid.people["ana"] = ANA
        window.login("ana")
        leaving = window.get("/user/_logout").headers["Location"]
        assert leaving.startswith(f"{openid.issuer}/logout?")
        assert "id_token_hint=" in leaving
        assert window.account is None
        back = requests.get(leaving, allow_redirects=False, timeout=5).headers["Location"]
        assert urlsplit(back).path == "/user/logged_out_redirect"

    def test_a_provider_that_is_down_keeps_nobody_logged_in(self, window, openid, monkeypatch):
        from ckanext.kranj.login import provider

        openid.people["ana"] = ANA
        window.login("ana")
        provider._made.cache_clear()
        openid.broken[".well-known/openid-configuration"] = (503, "text/plain", "")
        assert urlsplit(window.get("/user/_logout").headers["Location"]).path == "/user/logged_out_redirect"
        assert window.account is None
