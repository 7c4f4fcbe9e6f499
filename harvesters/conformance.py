# ruff: noqa: S101 (a test suite asserts)
"""The contract of connectors as tests: a connector's test file inherits ``NetworkConnectorContract``.

Example::

    class TestMine(NetworkConnectorContract):
        @pytest.fixture
        def connector(self):
            return connector_named("mine").of({"url": "https://example.org/"})

        @pytest.fixture
        def answers(self):
            return {"https://example.org/": ("application/json", b"{...}")}
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from harvesters import Connector, Context, Defaults, Fetched, MemorySink, Reading, installed_connectors, run
from harvesters.errors import BadStatus, SourceUnavailable, WebPageInsteadOfData
from harvesters.plan import judge
from harvesters.text import is_web_page
from schemas import validate

Answer = tuple[str, bytes]
Answers = Mapping[str, Answer | Callable[[bytes], Answer]]
"""{address: (Content-Type, body)}; for ``POST address``, also a function of the body that was sent."""

GARBAGE: dict[str, bytes] = {
    "nothing": b"",
    "one brace": b"{",
    "null": b"null",
    "a list": b"[]",
    "a number": b"42",
    "an empty object": b"{}",
    "data is a list": b'{"data": []}',
    "feeds of nonsense": b'{"data": {"feeds": [1, null, {"name": 5}, {"name": "system_information", "url": 7}]}}',
    "datasets of nonsense": b'{"data": {"datasets": [1, null, {}, {"system_id": "a", "versions": [1]}]}}',
    "a web page": b"<!DOCTYPE html><html><body>Vzdrzevanje</body></html>",
    "an XML page": b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'></html>",
    "half an RDF document": b"<?xml version='1.0'?><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><a",
    "half a turtle": b"@prefix dcat: <http://www.w3.org/ns/dcat#> . <a> a dcat:Dataset ; ",
    "bytes": bytes(range(256)) * 4,
    "a billion laughs": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;&b;'>]><a>&d;</a>",
    "a file of ours": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    "a context elsewhere": b'{"@context": "http://127.0.0.1:9/context", "@type": "Dataset"}',
    "deep nesting": b"[" * 5000,
}
"""What sources send on a bad day, by name."""


class Answering:
    """Answers from a dict, as ``harvesters.Session`` answers from the network."""

    def __init__(self, answers: Answers, *, always: bytes | None = None):
        """Make a reader; ``always`` is what every address answers."""
        self.answers = answers
        self.always = always

    def get(self, url: str, *, accept: str = "*/*") -> Fetched:
        """The answer of an address.

        Raises:
            SourceUnavailable: there is none.
        """
        return self._answer(url, url, b"")

    def post(self, url: str, body: str | bytes, *, content_type: str, accept: str = "*/*") -> Fetched:
        """The answer of ``POST address``.

        Raises:
            SourceUnavailable: there is none.
        """
        return self._answer(f"POST {url}", url, body.encode() if isinstance(body, str) else body)

    def _answer(self, name: str, url: str, sent: bytes) -> Fetched:
        if self.always is not None:
            first = next(iter(self.answers.values()), ("", b""))
            kind = first[0] if isinstance(first, tuple) else "application/xml"
            if is_web_page(self.always, kind):
                raise WebPageInsteadOfData(url)
            return Fetched(url, self.always, kind, None)
        if name not in self.answers:
            raise BadStatus(url, 404)
        found = self.answers[name]
        kind, content = found if isinstance(found, tuple) else found(sent)
        return Fetched(url, content, kind, None)


class ConnectorContract:
    """What every connector must do. A test class gives the fixtures ``connector`` and ``answers``."""

    defaults = Defaults()
    """Values for fields that the records leave empty."""

    @pytest.fixture
    def answers(self) -> Answers:
        """{address: (Content-Type, body)} of a working source."""
        return {}

    @pytest.fixture(autouse=True)
    def _no_sockets(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_args: Any, **_kwargs: Any) -> None:
            raise AssertionError("a connector opens no socket: it reads through ctx.session")

        monkeypatch.setattr(socket.socket, "connect", refuse)

    def _read(self, connector: Connector, answers: Answers) -> tuple[list[Reading], Context]:
        ctx = Context("vir", Answering(answers))
        return list(connector.records(ctx)), ctx

    def test_it_is_registered_and_says_what_it_is(self, connector: Connector) -> None:
        assert installed_connectors()[connector.name] is type(connector)
        assert connector.title["sl"]
        assert connector.title["en"]
        assert connector.version >= 1

    def test_it_reads_everything_and_says_so(self, connector: Connector, answers: Answers) -> None:
        readings, ctx = self._read(connector, answers)
        assert readings
        assert ctx.completed

    def test_every_reading_has_an_identifier_and_a_record_or_a_reason(
        self, connector: Connector, answers: Answers
    ) -> None:
        for reading in self._read(connector, answers)[0]:
            if reading.record is None:
                assert reading.problems
            else:
                assert reading.guid == reading.record.source.guid != ""
                assert reading.record.source.slug == "vir"

    def test_identifiers_are_unique(self, connector: Connector, answers: Answers) -> None:
        guids = [reading.guid for reading in self._read(connector, answers)[0] if reading.record]
        assert len(guids) == len(set(guids))

    def test_two_runs_give_equal_records(self, connector: Connector, answers: Answers) -> None:
        assert self._read(connector, answers)[0] == self._read(connector, answers)[0]

    def test_it_keeps_no_state_between_two_runs_at_once(self, connector: Connector, answers: Answers) -> None:
        one = connector.records(Context("vir", Answering(answers)))
        two = connector.records(Context("vir", Answering(answers)))
        assert list(zip(one, two, strict=True)) == [(item, item) for item in self._read(connector, answers)[0]]

    def test_resources_have_unique_ids(self, connector: Connector, answers: Answers) -> None:
        readings = self._read(connector, answers)[0]
        ids = [item["id"] for reading in readings if reading.record for item in reading.record.dataset["resources"]]
        assert len(ids) == len(set(ids))

    def test_every_record_can_be_stored_at_least_as_a_draft(self, connector: Connector, answers: Answers) -> None:
        for reading in self._read(connector, answers)[0]:
            if reading.record is not None:
                judged = judge(reading, self.defaults, version=1, first_seen=date(2026, 1, 1))
                assert [item for item in validate(judged.record, draft=True) if item.severity == "error"] == []
                assert judged.record.dataset["title_translated"]["sl"]

    def test_a_second_run_writes_nothing(self, connector: Connector, answers: Answers) -> None:
        sink = MemorySink()
        run(connector, Context("vir", Answering(answers)), sink, self.defaults)
        written = sink.writes
        report = run(connector, Context("vir", Answering(answers)), sink, self.defaults, today=date(2030, 1, 1))
        assert report.complete
        assert sink.writes == written > 0
        assert report.missing == []

    def test_settings_are_checked(self, connector: Connector) -> None:
        from harvesters.errors import WrongSetting

        with pytest.raises(WrongSetting):
            type(connector).of({"url": "https://example.org/", "no_such_setting": 1})
        with pytest.raises(AttributeError):
            connector.settings.url = "x"  # type: ignore[misc]
        assert replace(connector.settings) == connector.settings


class NetworkConnectorContract(ConnectorContract):
    """What every connector that reads from the network must do besides."""

    def test_an_unreachable_source_removes_nothing_and_says_why(self, connector: Connector, answers: Answers) -> None:
        sink = MemorySink()
        run(connector, Context("vir", Answering(answers)), sink, self.defaults)
        with pytest.raises(SourceUnavailable):
            list(connector.records(Context("vir", Answering({}))))
        report = run(connector, Context("vir", Answering({})), sink, self.defaults)
        assert not report.complete
        assert report.reason_code == "bad-status"
        assert report.reason
        assert report.missing == []

    @pytest.mark.parametrize("name", GARBAGE)
    def test_garbage_ends_the_run_with_a_sentence(self, connector: Connector, answers: Answers, name: str) -> None:
        sink = MemorySink()
        run(connector, Context("vir", Answering(answers)), sink, self.defaults)
        held = dict(sink.records)
        report = run(connector, Context("vir", Answering(answers, always=GARBAGE[name])), sink, self.defaults)
        assert report.reason_code != "connector-fault", report.reason
        assert report.complete or report.reason
        assert report.complete or report.missing == []
        assert sink.records == held
