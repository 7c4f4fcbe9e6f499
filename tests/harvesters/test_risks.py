"""The 39 risks of harvesting, each with a test named after it; those that need the catalogue: tests/kranj/harvest.

What a risk means in detail is tested where its rule lives; here stands that the rule holds at all.
"""

import errno
import gzip
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from harvesters import Circumstances, Context, Limits, MemorySink, Session, connector_named, installed_connectors, run
from harvesters.archive import archive_of
from harvesters.conformance import Answering
from harvesters.connectors.support.folders import Folder
from harvesters.errors import (
    AddressRefused,
    BadStatus,
    BodyTooLarge,
    CertificateRefused,
    ConnectionFailed,
    EndlessPaging,
    ErrorInsteadOfData,
    HostGivenUp,
    RedirectRefused,
    SourceUnavailable,
    TimedOut,
    Unreadable,
    WebPageInsteadOfData,
    WrongSetting,
    clean,
)
from harvesters.guard import is_public
from harvesters.http import Fetched
from harvesters.paging import PageGuard
from harvesters.parse import json_of, jsonld_of, openapi_of, pointed, xml_of
from harvesters.secrecy import screened
from harvesters.text import decode, plain

pytestmark = pytest.mark.unit

QUICK = Limits(connect=1, read=0.4, total=0.6, size=200_000, attempts=1)
URL = "https://vir.example/"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def answer(body, kind=""):
    return Fetched(URL, body if isinstance(body, bytes) else body.encode(), kind, None)


def record(guid, **changes):
    dataset = {
        "title_translated": {"sl": f"Zbirka {guid}"},
        "notes_translated": {"sl": f"Opis zbirke {guid}, ki je dovolj dolg za standard mesta."},
        "resources": [],
        **changes,
    }
    return {"guid": guid, "dataset": dataset}


def harvested(sink, defaults, *records, version=1, **settings):
    connector = connector_named("memory").of({"records": list(records), **settings})
    return run(
        connector, Context("vir", Answering({})), sink, defaults, circumstances=Circumstances(NOW), today=NOW.date()
    )


@pytest.fixture
def inside():
    with Session(allowed_hosts=["localhost", "127.0.0.1"], limits=QUICK) as session:
        yield session


def test_r01_an_empty_or_halved_source_removes_nothing(defaults):
    sink = MemorySink()
    everything = [record(f"r{number}") for number in range(20)]
    harvested(sink, defaults, *everything)
    for left in (0, 9, 15):
        for _ in range(5):
            harvested(sink, defaults, *everything[:left])
            assert sink.archived == set()


DISGUISES = (
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
    "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
)  # fmt: skip


@pytest.mark.parametrize("address", DISGUISES)
def test_r02_no_way_into_the_network_through_an_address(httpserver, address):
    assert not is_public(address)
    name = Session(limits=QUICK, resolver=lambda host, port: [address])
    with name, pytest.raises(AddressRefused):
        name.get(f"http://vir.example:{httpserver.port}/")
    assert httpserver.log == []


def test_r03_no_way_through_rebinding_or_redirects(httpserver):
    tried, let_through = 0, 0
    targets = ["http://127.0.0.1/", "http://[::ffff:10.0.0.1]/", "http://169.254.169.254/", "file:///etc/passwd"]
    for target in targets:
        httpserver.clear()
        httpserver.expect_request("/").respond_with_data("", status=302, headers={"Location": target})
        with Session(allowed_hosts=["localhost"], limits=QUICK) as session:
            tried += 1
            try:
                session.get(httpserver.url_for("/"))
                let_through += 1
            except (AddressRefused, RedirectRefused):
                pass
    answers = iter([["93.184.216.34", "127.0.0.1"], ["127.0.0.1"], ["::1"]])
    for _ in range(3):
        with Session(limits=QUICK, resolver=lambda host, port: next(answers)) as session:
            tried += 1
            with pytest.raises(AddressRefused):
                session.get(f"http://vir.example:{httpserver.port}/")
    assert (tried, let_through) == (7, 0)


def test_r04_no_external_entities(tmp_path):
    (tmp_path / "secret").write_text("skrivnost", encoding="utf-8")
    body = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]><a>&x;</a>'
    with pytest.raises(Unreadable):
        xml_of(answer(body))


def test_r05_no_billion_laughs():
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    with pytest.raises(Unreadable):
        xml_of(answer(f'<!DOCTYPE a [<!ENTITY l0 "x">{laughs}]><a>&l9;</a>'))


def test_r06_json_ld_loads_nothing(httpserver, tmp_path):
    for context in (httpserver.url_for("/context"), f"file://{tmp_path}"):
        with pytest.raises(Unreadable):
            jsonld_of(answer(json.dumps({"@context": context})))
        source = connector_named("dcat").of({"url": URL})
        body = json.dumps({"@context": context, "@type": "Dataset"}).encode()
        report = run(source, Context("vir", Answering({URL: ("application/ld+json", body)})), MemorySink())
        assert report.reason_code == "unreadable"
    assert httpserver.log == []


def test_r07_openapi_references_are_not_followed(httpserver):
    document = openapi_of(answer(json.dumps({"openapi": "3.0.0", "info": {"$ref": httpserver.url_for("/x")}})))
    assert pointed(document, document["info"]) == {}
    assert httpserver.log == []


def test_r08_bombs_of_gzip_and_zip(inside, httpserver):
    bomb = gzip.compress(b"0" * 20_000_000)
    headers = {"Content-Encoding": "gzip"}
    httpserver.expect_request("/").respond_with_data(bomb, content_type="text/plain", headers=headers)
    with pytest.raises(BodyTooLarge):
        inside.get(httpserver.url_for("/"))
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"0" * 20_000_000)
    with pytest.raises(Unreadable):
        archive_of(answer(buffer.getvalue()))


def test_r09_a_huge_body_is_not_read_to_its_end(inside, httpserver):
    httpserver.expect_request("/").respond_with_data(b"x" * 5_000_000, content_type="text/plain")
    with pytest.raises(BodyTooLarge):
        inside.get(httpserver.url_for("/"))


def test_r10_a_slow_source_has_an_end(inside):
    with socket.create_server(("127.0.0.1", 0)) as door, pytest.raises(TimedOut):
        inside.get(f"http://127.0.0.1:{door.getsockname()[1]}/")


def test_r11_a_certificate_that_does_not_hold_is_refused(tmp_path):
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificate")
    trustme = _self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*trustme)
    with socket.create_server(("127.0.0.1", 0)) as door:
        address = f"https://localhost:{door.getsockname()[1]}/"

        def serve():
            for _ in range(2):
                wire, _ = door.accept()
                try:
                    with context.wrap_socket(wire, server_side=True) as secure:
                        secure.recv(10_000)
                        secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndata")
                except OSError:
                    wire.close()

        threading.Thread(target=serve, daemon=True).start()
        slower = Limits(connect=2, read=2, total=5, attempts=1)
        with Session(allowed_hosts=["localhost"], limits=slower) as plain_one, pytest.raises(CertificateRefused) as no:
            plain_one.get(address)
        assert "certificate" in str(no.value)
        with Session(allowed_hosts=["localhost"], limits=slower, ca_bundle=str(trustme[0])) as own:
            assert own.get(address).content == b"data"


def _self_signed(folder):
    """Certificate and key of localhost, made for this test."""
    paths = folder / "cert.pem", folder / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    made += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*made, "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return paths


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "cp1250"])
def test_r12_every_charset_that_slovene_systems_write(charset):
    assert decode("Šenčur, Žabnica, Čirče".encode(charset))[0] == "Šenčur, Žabnica, Čirče"


def test_r13_a_web_page_is_not_data(inside, httpserver):
    httpserver.expect_request("/").respond_with_data("<html><body>Napaka</body></html>", content_type="text/turtle")
    with pytest.raises(WebPageInsteadOfData):
        inside.get(httpserver.url_for("/"))


def test_r14_what_is_cut_off_removes_nothing(defaults):
    sink = MemorySink()
    harvested(sink, defaults, *(record(f"r{number}") for number in range(8)))
    for _ in range(9):
        report = harvested(sink, defaults, *(record(f"r{number}") for number in range(8)), breaks_after=2)
        assert not report.complete
    assert (sink.missing, sink.archived) == ({}, set())


@pytest.mark.parametrize("body", ['{"error": {"code": 500}}', '{"success": false}'])
def test_r15_errors_inside_a_good_answer(body):
    with pytest.raises(ErrorInsteadOfData):
        json_of(answer(body))


def test_r16_pages_end():
    guard = PageGuard(3)
    for page in ("a", "b", "c"):
        guard.turn(page)
    for page in ("d", "a"):
        with pytest.raises(EndlessPaging):
            guard.turn(page)
    guard.read(answer("x"))
    with pytest.raises(EndlessPaging):
        guard.read(answer("x"))


def test_r17_of_two_equal_identifiers_the_first_is_kept_and_both_are_named(defaults):
    sink = MemorySink()
    report = harvested(sink, defaults, record("a"), record("a", accuracy="druga"), {"dataset": {}})
    assert report.counts["create"] == 1
    assert report.codes()["duplicate-identifier"] == 1
    assert report.codes()["no-identifier"] == 1
    line = next(line for line in report.lines if line.problems and line.problems[0].code == "duplicate-identifier")
    assert line.problems[0].params["first"] == "Zbirka a"


def test_r18_two_sources_with_one_identifier_make_two_datasets():
    from schemas import dataset_id

    assert dataset_id("prvi", "1") != dataset_id("drugi", "1")


def test_r19_renamed_identifiers_are_proposed(defaults):
    sink = MemorySink()
    harvested(sink, defaults, record("stara"))
    new = record("nova")
    new["dataset"] |= {key: record("stara")["dataset"][key] for key in ("title_translated", "notes_translated")}
    report = harvested(sink, defaults, new)
    assert report.renames == {"nova": "stara"}
    assert set(sink.records) == {"stara"}


def test_r20_our_own_hash_decides_and_not_a_date(defaults):
    sink = MemorySink()
    harvested(sink, defaults, record("a", modified="2030-01-01"))
    assert harvested(sink, defaults, record("a", modified="2030-01-01", accuracy="x")).counts["update"] == 1
    assert harvested(sink, defaults, record("a", modified="2030-01-01", accuracy="x")).counts["unchanged"] == 1


def test_r21_a_partly_failed_run_is_not_taken_as_a_good_one(defaults):
    sink = MemorySink()
    harvested(sink, defaults, record("a"), {"guid": "b"})
    assert sink.known(["b"])["b"].failures == 1
    assert harvested(sink, defaults, record("a"), record("b")).counts["create"] == 1


def test_r24_a_poisonous_record_costs_itself_and_is_set_aside_after_three_runs(defaults, monkeypatch):
    from harvesters import engine

    sink, tried = MemorySink(), []
    original = engine.judge

    def poisoned(reading, *args, **kwargs):
        if reading.guid == "b":
            tried.append(1)
            raise ValueError("strup")
        return original(reading, *args, **kwargs)

    monkeypatch.setattr(engine, "judge", poisoned)
    for _ in range(5):
        report = harvested(sink, defaults, record("a"), record("b"), record("c"))
        assert report.counts["error"] == 1
    assert len(tried) == 3
    assert "quarantined" in report.codes()
    assert set(sink.records) == {"a", "c"}


def test_r27_a_secret_is_never_in_a_configuration_and_never_in_a_message():
    from harvesters.credentials import refuse_literals

    with pytest.raises(WrongSetting):
        refuse_literals("vir", {"settings": {"token": "abcdef"}})
    assert "abcdef" not in clean(f"https://a:abcdef@vir.example/?token=abcdef")  # noqa: F541
    assert "abcdef" not in str(BadStatus("https://a:abcdef@vir.example/?token=abcdef", 500))


def test_r28_numbers_of_people_do_not_get_in():
    bare, found = screened("Vpisan je občan z EMŠO 0101006500006.")
    assert found == ("EMŠO",)
    assert "0101006500006" not in bare


def test_r29_comments_of_databases_lose_addresses_and_passwords():
    bare, found = screened("vprašaj janez.novak@kranj.si, geslo=Poletje1", strict=True)
    assert len(found) == 2
    assert "Poletje1" not in bare
    assert "novak" not in bare


def test_r31_a_folder_is_left_by_no_link_read_when_at_rest_and_believed_when_there(tmp_path):
    """R30 needs a database that others use: tests/kranj/harvest/test_risks.py."""
    root, outside = tmp_path / "mapa", tmp_path / "zunaj"
    for folder in (root, outside):
        folder.mkdir()
    for path in (root / "stara.csv", root / "nova.csv", outside / "tuja.csv"):
        path.write_text("ime;priimek\n1;2\n", encoding="utf-8")
    os.utime(root / "stara.csv", (1, 1))
    (root / "vrata.csv").symlink_to(outside / "tuja.csv")
    (root / "hodnik").symlink_to(outside)
    (root / "zanka").symlink_to(root)
    waits = []
    opened = Folder("mapa", root, sleep=waits.append)
    assert list(opened.files("**/*.csv")) == ["stara.csv"]
    assert opened.young == ["nova.csv"]
    assert list(opened.files("../zunaj/*.csv")) == []

    tries = []

    def flaky():
        tries.append(1)
        if len(tries) < 3:
            raise OSError(errno.EIO, "Input/output error")
        return "prebrano"

    assert opened._patiently(flaky) == "prebrano"
    assert waits == [1.0, 2.0]
    with pytest.raises(ConnectionFailed, match="Input/output"):
        opened._patiently(lambda: (_ for _ in ()).throw(OSError(errno.EIO, "Input/output error")))
    for name in ("vrata.csv", "hodnik/tuja.csv", "../zunaj/tuja.csv"):
        with pytest.raises(ConnectionFailed, match="leads out"):
            opened.read(name)
    with pytest.raises(ConnectionFailed, match="still be written"):
        opened.read("nova.csv")
    shutil.rmtree(root)
    root.mkdir()
    with pytest.raises(ConnectionFailed, match="mounted"):
        list(opened.files("**/*.csv"))


def _unmounted(root):
    for path in root.iterdir():
        path.unlink()


def _half_written(root):
    (root / "b.csv").write_text("ime\n", encoding="utf-8")


def _half_described(root):
    (root / "b.meta.json").write_text('{"title_translated": {"sl": "Pol', encoding="utf-8")


def _described_elsewhere(root):
    other = root.parent / "tuje.json"
    other.write_text(json.dumps({"title_translated": {"sl": "Ukradeni naslov"}}), encoding="utf-8")
    os.utime(other, (1, 1))
    (root / "b.meta.json").symlink_to(other)


@pytest.mark.parametrize("happens", [_unmounted, shutil.rmtree, _half_written, _half_described, _described_elsewhere])
def test_r31_nothing_is_missing_and_nothing_changes_because_of_a_bad_share(tmp_path, monkeypatch, defaults, happens):
    root = tmp_path / "mapa"
    root.mkdir()
    for name in "abc":
        (root / f"{name}.csv").write_text("ime;kraj\n1;2\n", encoding="utf-8")
        os.utime(root / f"{name}.csv", (1, 1))
    monkeypatch.setenv("KRANJ_FOLDER_SKUPNA", str(root))
    sink = MemorySink()

    def go():
        connector = connector_named("folder").of({"url": "folder://skupna", "files": ["*.csv"]})
        ctx, around = Context("vir", Answering({})), Circumstances(NOW)
        return run(connector, ctx, sink, defaults, circumstances=around, today=NOW.date())

    assert (go().counts["create"], len(sink.records)) == (3, 3)
    before = dict(sink.records)
    happens(root)
    report = go()
    assert not report.complete
    assert report.reason
    assert (report.missing, report.counts["update"]) == ([], 0)
    assert sink.records == before


def test_r32_markup_of_a_source_is_text(defaults):
    assert plain("<img src=x onerror=alert(1)>Naslov<script>zlo()</script>")[0].count("<") == 0
    sink = MemorySink()
    harvested(sink, defaults, record("a", title_translated={"sl": "<b>Naslov</b> zbirke"}, url="javascript:alert(1)"))
    stored = sink.records["a"][1].dataset
    assert stored["title_translated"]["sl"] == "Naslov zbirke"
    assert "url" not in stored


def test_r33_formula_text_is_stored_as_the_text_it_is(defaults):
    """And leaves as text: tests/kranj/harvest/test_risks.py."""
    sink = MemorySink()
    harvested(sink, defaults, record("a", title_translated={"sl": "=HYPERLINK(1)"}))
    assert sink.records["a"][1].dataset["title_translated"]["sl"] == "=HYPERLINK(1)"


def test_r34_messages_are_one_printable_line():
    text = clean("a\r\nSet-Cookie: x\x1b[2J" + "b" * 10_000)
    assert text.isprintable()
    assert len(text) <= 500


def test_r35_a_source_is_asked_slowly_honestly_and_left_alone_when_it_fails(httpserver):
    waits = []
    httpserver.expect_request("/").respond_with_data("", status=503)
    limits = Limits(attempts=1, pause_inside=1.0)
    with Session(allowed_hosts=["localhost"], sleep=waits.append, limits=limits) as session:
        for _ in range(5):
            with pytest.raises(BadStatus):
                session.get(httpserver.url_for("/"))
        with pytest.raises(HostGivenUp):
            session.get(httpserver.url_for("/"))
    assert len(waits) == 4
    assert "podatki@kranj.si" in httpserver.log[0][0].headers["User-Agent"]


def test_r37_resources_keep_their_ids():
    ctx = Context("vir", Answering({}))
    assert ctx.resource_id("a", "csv") == ctx.resource_id("a", "csv") != ctx.resource_id("b", "csv")


def test_r38_a_steward_s_word_is_not_overwritten(defaults):
    sink = MemorySink()
    harvested(sink, defaults, record("a"))
    sink.edited["a"] = {"accuracy": "moja"}
    harvested(sink, defaults, record("a", accuracy="vir"))
    assert sink.records["a"][1].dataset["accuracy"] == "moja"


def test_r39_connectors_share_nothing():
    for kind in installed_connectors().values():
        own = {key for key, value in vars(kind).items() if isinstance(value, list | set) and not key.startswith("__")}
        assert own == set(), kind


def test_every_risk_has_a_test():
    folders = (Path(__file__), Path(__file__).parents[1] / "kranj" / "harvest" / "test_risks.py")
    names = " ".join(path.read_text(encoding="utf-8") for path in folders)
    tested = {
        int(number)
        for name in re.findall(r"def test_((?:r\d+_(?:and_)?)+)", names)
        for number in re.findall(r"\d+", name)
    }
    assert tested == set(range(1, 40))


def test_dates_of_the_future_do_not_make_a_record_appear_before_it_exists(defaults):
    sink = MemorySink()
    harvested(sink, defaults, record("a", modified="2019-05-01"))
    assert date.fromisoformat(sink.records["a"][1].dataset["issued"]) <= date(2019, 5, 1)


def test_a_source_that_is_gone_is_a_sentence(inside):
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    with pytest.raises(SourceUnavailable) as caught:
        inside.get(f"http://127.0.0.1:{port}/")
    assert str(caught.value)
