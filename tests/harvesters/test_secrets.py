"""Secrets: named in the configuration, held by the machine, seen by one origin, and by nobody in a message."""

import logging

import pytest

from harvesters import Session
from harvesters.credentials import Credentials, refuse_literals, secret_named
from harvesters.errors import BadStatus, MissingSecret, WrongSetting, clean
from harvesters.http import origin_of
from harvesters.redact import HIDDEN, Redacting, looks_secret, redact

pytestmark = pytest.mark.unit

VALUE = "s3cr3t-Vrednost"


@pytest.fixture
def secret(monkeypatch):
    monkeypatch.setenv("KRANJ_SECRET_ARSO", VALUE)
    return "arso"


class TestRedactor:
    @pytest.mark.parametrize(
        "text",
        [
            f"https://janez:{VALUE}@vir.example/",
            f"postgresql://u:{VALUE}@db/x",
            f"Authorization: Bearer {VALUE}",
            f"Authorization: Basic {VALUE}==",
            f"https://vir.example/?a=1&api_key={VALUE}&b=2",
            f"https://vir.example/?token={VALUE}",
            f"password={VALUE}",
            f'{{"client_secret": "{VALUE}"}}',
            f"geslo: {VALUE}",
            f"SharedAccessSignature sig={VALUE}",
        ],
    )
    def test_secrets_go_whatever_they_are_called(self, text):
        assert VALUE not in redact(text)
        assert HIDDEN in redact(text)
        assert VALUE not in clean(text)
        assert looks_secret(text)

    @pytest.mark.parametrize(
        "text", ["https://vir.example/a?b=c", "Ključ: ulica", "monkey=5", "podatki@kranj.si", "keyboard: yes"]
    )
    def test_other_texts_stay(self, text):
        assert redact(text) == text

    def test_a_jwt_goes(self):
        token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"
        assert token not in redact(f"odgovor {token} konec")

    def test_known_values_go_wherever_they_stand(self, secret):
        secret_named(secret)
        assert redact(f"nekje {VALUE} v besedilu") == f"nekje {HIDDEN} v besedilu"

    def test_logs_pass_it_with_their_arguments_and_tracebacks(self, caplog):
        logger = logging.getLogger("kranj.test.redact")
        logger.addFilter(Redacting())
        with caplog.at_level(logging.INFO, logger="kranj.test.redact"):
            logger.info("asked %s", f"https://a:{VALUE}@vir.example/")
            try:
                int(f"token={VALUE}")
            except ValueError:
                logger.exception("failed")
        assert VALUE not in caplog.text
        assert "vir.example" in caplog.text


class TestReferences:
    def test_a_variable_or_a_file(self, monkeypatch, tmp_path, secret):
        assert secret_named("arso") == VALUE
        (tmp_path / "gurs").write_text("iz datoteke\n", encoding="utf-8")
        monkeypatch.setenv("KRANJ_SECRETS", str(tmp_path))
        assert secret_named("gurs") == "iz datoteke"
        with pytest.raises(MissingSecret, match="KRANJ_SECRET_NI"):
            secret_named("ni")

    @pytest.mark.parametrize(
        ("given", "header", "value"),
        [
            ({"type": "bearer"}, "Authorization", f"Bearer {VALUE}"),
            ({"type": "header", "name": "X-Key"}, "X-Key", VALUE),
            ({"type": "basic", "user": "janez"}, "Authorization", "Basic amFuZXo6czNjcjN0LVZyZWRub3N0"),
        ],
    )
    def test_the_source_is_shown_the_secret_and_no_other_origin_is(self, httpserver, secret, given, header, value):
        httpserver.expect_request("/").respond_with_data("data", content_type="text/plain")
        credentials = Credentials.of("vir", {**given, "secret": secret})
        url = httpserver.url_for("/")
        with Session(allowed_hosts=["localhost"], secrets={origin_of(url): credentials.proof()}) as session:
            session.get(url)
        with Session(allowed_hosts=["localhost"], secrets={"http://localhost:1": credentials.proof()}) as session:
            session.get(url)
        first, second = (request.headers for request, _ in httpserver.log)
        assert first[header] == value
        assert header not in second

    def test_a_key_in_the_address_is_in_no_message_and_no_mark(self, httpserver, secret):
        httpserver.expect_request("/", query_string=f"appid={VALUE}").respond_with_data("x", content_type="text/plain")
        httpserver.expect_request("/gone").respond_with_data("", status=404)
        proof = Credentials.of("vir", {"type": "query", "name": "appid", "secret": secret}).proof()
        url = httpserver.url_for("/")
        with Session(allowed_hosts=["localhost"], secrets={origin_of(url): proof}) as session:
            answer = session.get(url)
            assert answer.content == b"x"
            with pytest.raises(BadStatus) as caught:
                session.get(httpserver.url_for("/gone"))
        assert VALUE not in f"{answer} {session.marks} {caught.value!r}"

    def test_a_redirect_to_another_origin_loses_it(self, httpserver, secret):
        target = f"http://www.vir.example:{httpserver.port}/there"
        httpserver.expect_request("/").respond_with_data("", status=302, headers={"Location": target})
        httpserver.expect_request("/there").respond_with_data("data", content_type="text/plain")
        url = f"http://vir.example:{httpserver.port}/"
        secrets = {origin_of(url): Credentials.of("vir", {"type": "bearer", "secret": secret}).proof()}
        hosts = ["vir.example", "www.vir.example"]
        with Session(allowed_hosts=hosts, secrets=secrets, resolver=lambda host, port: ["127.0.0.1"]) as session:
            session.get(url)
        assert ["Authorization" in request.headers for request, _ in httpserver.log] == [True, False]

    @pytest.mark.parametrize(
        "given",
        [
            {"type": "bearer"},
            {"type": "bearer", "secret": "../etc/passwd"},
            {"type": "magic", "secret": "arso"},
            {"type": "bearer", "secret": "arso", "value": VALUE},
        ],
    )
    def test_what_is_no_reference(self, given):
        with pytest.raises(WrongSetting):
            Credentials.of("vir", given)

    @pytest.mark.parametrize(
        "given",
        [
            {"settings": {"password": VALUE}},
            {"settings": {"api_key": VALUE}},
            {"settings": {"url": f"https://a:{VALUE}@vir.example/"}},
            {"settings": {"list": [f"https://vir.example/?token={VALUE}"]}},
            {"auth": {"type": "bearer", "token": VALUE}},
        ],
    )
    def test_a_configuration_with_a_secret_in_it_is_refused_without_saying_it(self, given):
        with pytest.raises(WrongSetting) as caught:
            refuse_literals("vir", given)
        assert VALUE not in str(caught.value)

    def test_a_configuration_with_a_reference_is_taken(self):
        refuse_literals("vir", {"auth": {"type": "bearer", "secret": "arso"}, "settings": {"layer": "ceste"}})
