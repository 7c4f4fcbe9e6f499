"""The one way to the network: addresses, time, size, redirects, charsets, errors."""

import gzip
import inspect
import socket
import threading
from contextlib import nullcontext

import pytest
import requests
import requests.exceptions
from werkzeug import Response

from harvesters import Limits, Session
from harvesters.errors import (
    AddressRefused,
    BadStatus,
    BodyTooLarge,
    BodyTruncated,
    ConnectionFailed,
    HarvestError,
    HostGivenUp,
    RedirectRefused,
    SourceUnavailable,
    TimedOut,
    TooManyRedirects,
    Unreadable,
    WebPageInsteadOfData,
    clean,
    from_requests,
    shown,
)
from harvesters.guard import is_public
from harvesters.pace import GIVEN_UP_AFTER, Pace
from harvesters.text import decode

pytestmark = pytest.mark.unit

QUICK = Limits(connect=1, read=1, total=3, size=100_000, attempts=1)


@pytest.fixture
def session():
    with Session(allowed_hosts=["localhost", "127.0.0.1"], limits=QUICK) as made:
        yield made


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
            "0.0.0.0",  # noqa: S104 nobody binds to it here
            "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
            "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::",
            "2001:0:0:0:0:0:80ff:fffe",
            "192.0.2.1", "198.18.0.1", "not an address",
        ],
    )  # fmt: skip
    def test_internal_addresses_in_every_disguise(self, address):
        assert not is_public(address)

    @pytest.mark.parametrize(
        "address", ["8.8.8.8", "193.2.1.66", "2001:1470:8000::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
    )
    def test_public_addresses(self, address):
        assert is_public(address)

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "127.1", "2130706433", "0x7f.1"])
    def test_internal_hosts_are_refused_unless_the_source_lists_them(self, host, httpserver):
        httpserver.expect_request("/").respond_with_data("secret")
        with Session(limits=QUICK) as outside, pytest.raises(SourceUnavailable) as caught:
            outside.get(f"http://{host}:{httpserver.port}/")
        assert isinstance(caught.value, AddressRefused | ConnectionFailed)
        assert httpserver.log == []

    def test_an_approved_internal_host_works(self, session, httpserver):
        httpserver.expect_request("/").respond_with_data("data", content_type="text/plain")
        assert session.get(httpserver.url_for("/")).content == b"data"

    def test_a_name_with_one_internal_address_is_refused(self, httpserver):
        addresses = ["93.184.216.34", "127.0.0.1"]
        with Session(limits=QUICK, resolver=lambda host, port: addresses) as outside, pytest.raises(AddressRefused):
            outside.get(f"http://rebinding.example:{httpserver.port}/")

    def test_the_address_that_was_checked_is_the_one_connected_to(self, httpserver):
        asked = []

        def changing(host, port):
            asked.append(host)
            return ["8.8.8.8"] if len(asked) > 1 else ["127.0.0.1"]

        with Session(limits=QUICK, allowed_hosts=["vir.example"], resolver=changing) as inside:
            httpserver.expect_request("/").respond_with_data("data", content_type="text/plain")
            assert inside.get(f"http://vir.example:{httpserver.port}/").content == b"data"
        assert asked == ["vir.example"]

    def test_a_redirect_to_an_internal_host_is_refused(self, httpserver):
        target = f"http://inside.vir.example:{httpserver.port}/secret"
        httpserver.expect_request("/").respond_with_data("", status=302, headers={"Location": target})
        httpserver.expect_request("/secret").respond_with_data("secret")
        inside = Session(limits=QUICK, allowed_hosts=["vir.example"], resolver=lambda host, port: ["127.0.0.1"])
        with inside, pytest.raises(AddressRefused):
            inside.get(f"http://vir.example:{httpserver.port}/")
        assert [request.path for request, _ in httpserver.log] == ["/"]

    def test_a_redirect_to_another_owner_is_refused_unless_it_is_approved(self, httpserver):
        target = f"http://drugje.example:{httpserver.port}/podatki"
        httpserver.expect_request("/").respond_with_data("", status=302, headers={"Location": target})
        httpserver.expect_request("/podatki").respond_with_data("data", content_type="text/plain")
        for hosts, wanted in ((["vir.si"], False), (["vir.si", "drugje.example"], True)):
            here = Session(limits=QUICK, allowed_hosts=hosts, resolver=lambda host, port: ["127.0.0.1"])
            with here, nullcontext() if wanted else pytest.raises(RedirectRefused):
                assert here.get(f"http://vir.si:{httpserver.port}/").content == b"data"

    def test_proxies_of_the_environment_are_ignored(self, session, httpserver, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
        httpserver.expect_request("/").respond_with_data("data", content_type="text/plain")
        assert session.get(httpserver.url_for("/")).content == b"data"


class TestRedirects:
    def test_three_are_followed_and_four_are_not(self, session, httpserver):
        for number in range(5):
            following = httpserver.url_for(f"/{number + 1}")
            httpserver.expect_request(f"/{number}").respond_with_data("", status=302, headers={"Location": following})
        httpserver.expect_request("/5").respond_with_data("end", content_type="text/plain")
        assert session.get(httpserver.url_for("/2")).content == b"end"
        with pytest.raises(TooManyRedirects):
            session.get(httpserver.url_for("/1"))

    @pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://vir.example/", "gopher://x/"])
    def test_other_schemes_are_refused(self, session, httpserver, target):
        httpserver.expect_request("/").respond_with_data("", status=302, headers={"Location": target})
        with pytest.raises(RedirectRefused):
            session.get(httpserver.url_for("/"))

    @pytest.mark.parametrize("address", ["file:///etc/passwd", "", "vir.example", "http://[", "javascript:1"])
    def test_addresses_we_do_not_read(self, session, address):
        with pytest.raises(RedirectRefused):
            session.get(address)


class TestBodies:
    def test_a_body_over_the_limit_is_refused_before_it_is_read(self, session, httpserver):
        httpserver.expect_request("/").respond_with_data(b"x" * 200_000, content_type="text/plain")
        with pytest.raises(BodyTooLarge):
            session.get(httpserver.url_for("/"))

    def test_a_bomb_is_counted_after_decompression(self, session, httpserver):
        bomb = gzip.compress(b"0" * 50_000_000)
        assert len(bomb) < 100_000
        headers = {"Content-Encoding": "gzip"}
        httpserver.expect_request("/").respond_with_data(bomb, content_type="text/plain", headers=headers)
        with pytest.raises(BodyTooLarge):
            session.get(httpserver.url_for("/"))

    def test_broken_compression(self, session, httpserver):
        headers = {"Content-Encoding": "gzip"}
        httpserver.expect_request("/").respond_with_data(b"no gzip at all", content_type="text/plain", headers=headers)
        with pytest.raises(Unreadable):
            session.get(httpserver.url_for("/"))

    @pytest.mark.parametrize(
        ("body", "kind"),
        [("<!DOCTYPE html><html>", "text/turtle"), ("\n<HTML>", ""), ("<h1>502</h1>", "text/html; charset=utf-8")],
    )
    def test_a_web_page_is_not_data(self, session, httpserver, body, kind):
        httpserver.expect_request("/").respond_with_data(body, content_type=kind)
        with pytest.raises(WebPageInsteadOfData):
            session.get(httpserver.url_for("/"))

    def test_a_status_is_named(self, session, httpserver):
        httpserver.expect_request("/").respond_with_data("", status=403)
        with pytest.raises(BadStatus) as caught:
            session.get(httpserver.url_for("/?token=abc"))
        assert "403" in str(caught.value)
        assert "abc" not in str(caught.value)

    def test_json(self, session, httpserver):
        httpserver.expect_request("/").respond_with_data("{", content_type="application/json")
        with pytest.raises(Unreadable):
            session.get(httpserver.url_for("/")).json()


class Raw:
    """A server that says exactly what it is told, byte by byte."""

    def __init__(self, *pieces, pause=0.0):
        self.pieces, self.pause = pieces, pause
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/"
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self):
        connection, _ = self.socket.accept()
        with connection:
            connection.recv(10_000)
            for piece in self.pieces:
                if self.stop.is_set():
                    return
                try:
                    connection.sendall(piece)
                except OSError:
                    return
                self.stop.wait(self.pause)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join(5)
        self.socket.close()


class TestBadServers:
    def test_a_body_that_is_cut_off(self, session):
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
        with Raw(head, b"only this") as server, pytest.raises(BodyTruncated):
            session.get(server.url)

    def test_a_chunked_body_that_is_cut_off(self, session):
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        with Raw(head, b"5\r\nhello\r\n", b"ff\r\nhalf") as server, pytest.raises(BodyTruncated):
            session.get(server.url)

    def test_a_trickle_ends_at_the_deadline(self):
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
        slow = Session(allowed_hosts=["127.0.0.1"], limits=Limits(connect=1, read=1, total=0.5, attempts=1))
        with Raw(head, *([b"x"] * 100), pause=0.1) as server, slow, pytest.raises(TimedOut):
            slow.get(server.url)

    def test_silence(self):
        impatient = Session(allowed_hosts=["127.0.0.1"], limits=Limits(connect=1, read=0.3, total=1, attempts=1))
        with Raw(b"", b"", pause=3) as server, impatient, pytest.raises(TimedOut):
            impatient.get(server.url)

    def test_rubbish_instead_of_http(self, session):
        with Raw(b"\x00\x01\x02 nothing of the kind\r\n\r\n") as server, pytest.raises(ConnectionFailed):
            session.get(server.url)

    def test_nobody_listens(self, session):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        with pytest.raises(ConnectionFailed):
            session.get(f"http://127.0.0.1:{port}/")


class TestRetries:
    def answers(self, httpserver, *statuses, **headers):
        left = list(statuses)

        def handler(_request):
            status = left.pop(0)
            return Response("data" if status == 200 else "", status, headers=headers, content_type="text/plain")

        httpserver.expect_request("/").respond_with_handler(handler)
        return httpserver.url_for("/")

    def waiting(self, waits):
        return Session(allowed_hosts=["localhost"], sleep=waits.append, limits=Limits(attempts=3), jitter=lambda: 0.0)

    def test_passing_failures_are_tried_again_with_growing_pauses(self, httpserver):
        waits = []
        with self.waiting(waits) as patient:
            assert patient.get(self.answers(httpserver, 503, 500, 200)).content == b"data"
        assert waits == [1.0, 4.0]

    def test_the_server_says_how_long(self, httpserver):
        waits = []
        with self.waiting(waits) as patient:
            patient.get(self.answers(httpserver, 429, 200, **{"Retry-After": "7"}))
        assert waits == [7.0]

    def test_an_endless_pause_is_not_waited_for(self, httpserver):
        waits = []
        with self.waiting(waits) as patient:
            patient.get(self.answers(httpserver, 503, 200, **{"Retry-After": "999999"}))
        assert waits == [60.0]

    def test_lasting_failures_are_not_tried_again(self, httpserver):
        waits = []
        with self.waiting(waits) as patient, pytest.raises(BadStatus):
            patient.get(self.answers(httpserver, 404, 200))
        assert waits == []


class TestPace:
    def test_the_open_internet_is_asked_once_a_second_and_our_own_systems_as_they_answer(self):
        now, waits = [0.0], []

        def sleep(seconds):
            waits.append(seconds)
            now[0] += seconds

        pace = Pace(lambda: now[0], sleep)
        for _ in range(3):
            pace.wait("vir.example", 1.0)
        pace.wait("drugi.example", 1.0)
        pace.wait("gis.kranj.local", 0.0)
        pace.wait("gis.kranj.local", 0.0)
        assert waits == [1.0, 1.0]

    def test_a_host_that_fails_again_and_again_is_left_alone(self, httpserver):
        httpserver.expect_request("/").respond_with_data("", status=503)
        patient = Session(allowed_hosts=["localhost"], sleep=lambda _: None, limits=Limits(attempts=2))
        with patient:
            for _ in range(2):
                with pytest.raises(BadStatus):
                    patient.get(httpserver.url_for("/"))
            with pytest.raises(HostGivenUp):
                patient.get(httpserver.url_for("/"))
            with pytest.raises(HostGivenUp):
                patient.get(httpserver.url_for("/"))
        assert len(httpserver.log) == GIVEN_UP_AFTER

    def test_the_time_and_the_bytes_of_a_whole_session_have_an_end(self, httpserver):
        httpserver.expect_request("/").respond_with_data(b"x" * 600, content_type="text/plain")
        with Session(allowed_hosts=["localhost"], limits=Limits(volume=1000, attempts=1)) as short:
            short.get(httpserver.url_for("/"))
            with pytest.raises(BodyTooLarge):
                short.get(httpserver.url_for("/"))
        now = [0.0]
        with Session(allowed_hosts=["localhost"], limits=Limits(run=10, attempts=1), clock=lambda: now[0]) as late:
            late.get(httpserver.url_for("/"))
            now[0] = 11
            with pytest.raises(TimedOut):
                late.get(httpserver.url_for("/"))


class TestPost:
    def test_a_question_is_posted_and_posted_again_when_the_failure_passes(self, httpserver):
        left = [503, 200]

        def handler(request):
            status = left.pop(0)
            return Response(request.data if status == 200 else "", status, content_type="application/xml")

        httpserver.expect_request("/csw", method="POST").respond_with_handler(handler)
        with Session(allowed_hosts=["localhost"], sleep=lambda _: None) as inside:
            answer = inside.post(httpserver.url_for("/csw"), "<GetRecords/>", content_type="application/xml")
        assert answer.content == b"<GetRecords/>"
        assert httpserver.log[0][0].headers["Content-Type"] == "application/xml"

    def test_a_posted_question_is_not_turned_into_another_one_by_a_redirect(self, session, httpserver):
        target = httpserver.url_for("/there")
        httpserver.expect_request("/here").respond_with_data("", status=302, headers={"Location": target})
        with pytest.raises(RedirectRefused):
            session.post(httpserver.url_for("/here"), b"x", content_type="text/plain")


class TestUnchanged:
    def serve(self, httpserver, state):
        def handler(request):
            if state["etag"] and request.headers.get("If-None-Match") == state["etag"]:
                return Response("", 304)
            headers = {"ETag": state["etag"]} if state["etag"] else {}
            return Response(state["body"], 200, headers=headers, content_type="text/plain")

        for path in ("/", "/2"):
            httpserver.expect_request(path).respond_with_handler(handler)

    def marks(self, httpserver, *paths):
        with Session(allowed_hosts=["localhost"], limits=QUICK) as first:
            for path in paths:
                first.get(httpserver.url_for(path))
            return first.marks

    @pytest.mark.parametrize(("etag", "paths"), [('"1"', ["/"]), ('"1"', ["/", "/2"]), ("", ["/"])])
    def test_a_source_that_did_not_change_is_known_by_etag_or_by_its_body(self, httpserver, etag, paths):
        self.serve(httpserver, {"etag": etag, "body": "data"})
        marks = self.marks(httpserver, *paths)
        with Session(allowed_hosts=["localhost"], limits=QUICK) as second:
            assert second.unchanged(marks)
            assert second.requests_made == len(paths)
            assert [mark.sha256 for mark in second.marks] == [mark.sha256 for mark in marks]

    def test_a_body_that_changed_is_fetched_once(self, httpserver):
        state = {"etag": "", "body": "data"}
        self.serve(httpserver, state)
        marks = self.marks(httpserver, "/")
        state["body"] = "other"
        with Session(allowed_hosts=["localhost"], limits=QUICK) as second:
            assert not second.unchanged(marks)
            assert second.get(httpserver.url_for("/")).content == b"other"
            assert second.requests_made == 1

    def test_many_pages_without_validators_are_not_asked_twice(self, httpserver):
        self.serve(httpserver, {"etag": "", "body": "data"})
        marks = self.marks(httpserver, "/", "/2")
        with Session(allowed_hosts=["localhost"], limits=QUICK) as second:
            assert not second.unchanged(marks)
            assert second.requests_made == 0
            assert not second.unchanged([])

    def test_a_304_that_nobody_asked_for_is_an_error(self, session, httpserver):
        httpserver.expect_request("/").respond_with_data("", status=304)
        with pytest.raises(BadStatus):
            session.get(httpserver.url_for("/"))


class TestErrors:
    def test_every_exception_of_requests_is_mapped(self):
        kinds = [
            item
            for _, item in inspect.getmembers(requests.exceptions, inspect.isclass)
            if issubclass(item, requests.RequestException)
        ]
        assert len(kinds) > 15
        for kind in kinds:
            try:
                error = kind("a", "b", 1) if kind is requests.exceptions.JSONDecodeError else kind("why")
            except TypeError:
                error = kind.__new__(kind)
            assert isinstance(from_requests("https://x.si/", error, 5), SourceUnavailable)

    def test_messages_show_no_secrets_and_no_binary(self):
        assert shown("https://user:geslo@x.si/a?key=1") == "https://x.si/a?…"
        assert clean("a\x00b\n c" + "x" * 5000).startswith("a b c")
        assert len(clean("x" * 5000)) == 500

    def test_the_tree_in_the_docstring_names_every_class(self):
        from harvesters import errors

        names = [
            name for name, item in vars(errors).items() if inspect.isclass(item) and issubclass(item, HarvestError)
        ]
        assert [name for name in names if name not in errors.__doc__] == []


class TestCharsets:
    @pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
    def test_marked_or_utf8(self, charset):
        assert decode("čšž".encode(charset)) == ("čšž", None)

    def test_declared(self):
        assert decode("čšž".encode("iso8859-2"), "iso-8859-2") == ("čšž", None)

    @pytest.mark.parametrize("declared", [None, "utf-8", "no-such-charset"])
    def test_legacy_is_said(self, declared):
        assert decode("žičnica čez Čirče".encode("cp1250"), declared) == ("žičnica čez Čirče", "cp1250")
