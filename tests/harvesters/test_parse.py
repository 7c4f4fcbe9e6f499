"""Readers of what sources send: nothing is followed, nothing grows without end, every refusal is a sentence."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from harvesters import Context, Fetched, parse
from harvesters.archive import MOST_ENTRIES, archive_of
from harvesters.conformance import Answering
from harvesters.errors import BadRecord, BodyTooLarge, ErrorInsteadOfData, SourceUnavailable, Unreadable

pytestmark = pytest.mark.unit

URL = "https://vir.example/"


def answer(body, kind="", charset=None):
    return Fetched(URL, body if isinstance(body, bytes) else body.encode(), kind, charset)


def zipped(files, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return answer(buffer.getvalue())


class TestJson:
    @pytest.mark.parametrize(
        "body",
        [
            {"error": {"code": 498, "message": "Invalid token.", "details": []}},
            {"success": False, "error": {"__type": "Not Found Error", "message": "Ni najdeno"}, "help": "x"},
            {"success": False, "message": "ne gre"},
            {"error": "quota"},
        ],
    )
    def test_an_error_inside_a_good_answer_is_an_error(self, body):
        with pytest.raises(ErrorInsteadOfData):
            parse.json_of(answer(json.dumps(body)))
        assert parse.json_of(answer(json.dumps(body)), errors=False) == body

    def test_data_with_a_field_of_that_name_is_data(self):
        body = {"error": None, "results": [1]}
        assert parse.json_of(answer(json.dumps(body))) == body

    @pytest.mark.parametrize("body", ["", "{", "[" * 100_000, "[" * 200 + "]" * 200, "\x00"])
    def test_what_is_no_json(self, body):
        with pytest.raises(Unreadable):
            parse.json_of(answer(body))


class TestXml:
    @pytest.mark.parametrize(
        "body",
        [
            "",
            "<a>",
            "<a></b>",
            '<?xml version="1.0"?><!DOCTYPE a><a/>',
            '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
            '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
            "<a>&undefined;</a>",
        ],
    )
    def test_entities_and_broken_documents_are_refused(self, body):
        with pytest.raises(Unreadable):
            parse.xml_of(answer(body))

    def test_a_doctype_in_the_text_is_text(self):
        assert parse.xml_of(answer("<a><![CDATA[<!DOCTYPE html>]]></a>")).text == "<!DOCTYPE html>"

    @pytest.mark.parametrize("charset", ["utf-8", "utf-16", "cp1250", "iso-8859-2"])
    def test_the_declaration_says_the_charset(self, charset):
        body = f'<?xml version="1.0" encoding="{charset}"?><a>Šenčur, Žabnica</a>'.encode(charset)
        assert parse.xml_of(answer(body)).text == "Šenčur, Žabnica"

    def test_an_exception_report_is_an_error(self):
        body = '<o:ExceptionReport xmlns:o="http://www.opengis.net/ows/1.1"><o:Text>Ne gre</o:Text></o:ExceptionReport>'
        with pytest.raises(ErrorInsteadOfData, match="Ne gre"):
            parse.xml_of(answer(body))
        assert parse.xml_of(answer(body), errors=False) is not None


class TestYaml:
    def test_only_the_types_of_json(self):
        found = parse.yaml_of(answer("a: 2024-01-01\nb: [1, true, null]\n"))
        assert found == {"a": "2024-01-01", "b": [1, True, None]}
        json.dumps(found)

    def test_anchors_may_be_used_but_not_to_fill_the_memory(self):
        assert parse.yaml_of(answer("a: &x {k: 1}\nb: *x\n"))["b"] == {"k": 1}
        laughs = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
        with pytest.raises(Unreadable, match="unfold"):
            parse.yaml_of(answer(laughs))

    @pytest.mark.parametrize("body", ["a: !!python/object/apply:os.system [id]", "a: [", "a: &a [*a]", "{" * 3000])
    def test_what_is_refused(self, body):
        with pytest.raises(Unreadable):
            parse.yaml_of(answer(body))


class TestOpenApi:
    def test_json_and_yaml_are_read(self):
        assert parse.openapi_of(answer('{"openapi": "3.1.0", "info": {}}'))["openapi"] == "3.1.0"
        assert parse.openapi_of(answer("swagger: '2.0'\n"))["swagger"] == "2.0"
        with pytest.raises(Unreadable):
            parse.openapi_of(answer("{}"))

    def test_references_are_followed_inside_only(self):
        document = {
            "components": {"schemas": {"A": {"type": "object"}, "a/b": {"type": "string"}}},
            "loop": {"$ref": "#/loop"},
        }
        assert parse.pointed(document, {"$ref": "#/components/schemas/A"}) == {"type": "object"}
        assert parse.pointed(document, {"$ref": "#/components/schemas/a~1b"}) == {"type": "string"}
        assert parse.pointed(document, {"type": "x"}) == {"type": "x"}
        for ref in ("file:///etc/passwd", "http://127.0.0.1:9/", "other.yaml#/a", "#/loop", "#/no/such", 5):
            assert parse.pointed(document, {"$ref": ref}) == {}


class TestJsonLd:
    @pytest.mark.parametrize(
        "context", ["http://127.0.0.1:9/", "file:///etc/passwd", ["https://schema.org"], {"@import": "https://x.si"}]
    )
    def test_contexts_at_an_address_are_refused(self, context):
        with pytest.raises(Unreadable, match="context"):
            parse.jsonld_of(answer(json.dumps({"@graph": [{"@context": context}]})))

    def test_a_context_in_the_document_is_read(self):
        body = {"@context": {"dct": "http://purl.org/dc/terms/"}, "dct:title": "x"}
        assert parse.jsonld_of(answer(json.dumps(body))) == body


class TestCsv:
    def test_the_delimiter_is_the_most_frequent_one(self):
        assert list(parse.rows_of("a;b\n1;2\n", URL)) == [{"a": "1", "b": "2"}]
        assert list(parse.rows_of('a,b\n"x, y",2,3\n', URL)) == [{"a": "x, y", "b": "2"}]
        assert list(parse.rows_of("a\tb\n1\n", URL)) == [{"a": "1", "b": ""}]

    @pytest.mark.parametrize("text", ["", "\n\n", 'a\n"' + "x" * (parse.LONGEST_CELL + 1) + '"\n'])
    def test_what_is_refused(self, text):
        with pytest.raises(Unreadable):
            list(parse.rows_of(text, URL))

    def test_rows_have_an_end(self, monkeypatch):
        monkeypatch.setattr(parse, "MOST_ROWS", 3)
        with pytest.raises(Unreadable):
            list(parse.rows_of("a\n" + "1\n" * 4, URL))


class TestZip:
    def test_an_honest_archive(self):
        archive = archive_of(zipped([("stops.txt", "a\n"), ("mapa/b.txt", "b")]))
        assert archive.names() == ["mapa/b.txt", "stops.txt"]
        assert archive.read("stops.txt") == b"a\n"
        with pytest.raises(Unreadable):
            archive.read("ni.txt")

    def test_a_bomb_is_seen_before_it_is_unpacked(self):
        with pytest.raises(Unreadable, match="100 times"):
            archive_of(zipped([("a.txt", b"0" * 20_000_000)]))

    def test_a_table_of_contents_that_lies_does_not_help_it(self):
        made = bytearray(zipped([("a.txt", b"0" * 2_000_000)]).content)
        at = made.rindex(b"PK\x01\x02")
        made[at + 24 : at + 28] = (10).to_bytes(4, "little")
        with pytest.raises((Unreadable, BodyTooLarge)):
            archive_of(answer(bytes(made))).read("a.txt", limit=100_000)

    def test_a_file_over_the_limit(self):
        with pytest.raises(BodyTooLarge):
            archive_of(zipped([("a.txt", b"0" * 900_000)])).read("a.txt", limit=1000)

    @pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../../b", "C:/x", "..\\x", "inner.zip", "a.tar.gz"])
    def test_names_that_lead_out_or_deeper(self, name):
        with pytest.raises(Unreadable):
            archive_of(zipped([(name, "x")]))

    def test_links(self):
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        with pytest.raises(Unreadable, match="link"):
            archive_of(zipped([(link, "/etc/passwd")]))

    def test_too_many_files(self):
        with pytest.raises(Unreadable):
            archive_of(zipped([(f"{n}", "") for n in range(MOST_ENTRIES + 1)]))

    @pytest.mark.parametrize("body", [b"", b"PK", b"PK\x03\x04" + b"x" * 100])
    def test_what_is_no_archive(self, body):
        with pytest.raises(Unreadable):
            archive_of(answer(body))


class TestContext:
    """What connectors call: one step from an address to data."""

    def context(self, kind, body):
        return Context("vir", Answering({URL: (kind, body), f"POST {URL}": lambda sent: ("application/xml", sent)}))

    def test_each_format_in_one_step(self):
        assert self.context("application/json", b'{"a": 1}').json(URL) == {"a": 1}
        assert self.context("text/xml", b"<a b='c'/>").xml(URL).get("b") == "c"
        assert self.context("", b"a: 1").yaml(URL) == {"a": 1}
        assert self.context("", b"openapi: 3.0.0").openapi(URL) == {"openapi": "3.0.0"}
        assert list(self.context("text/csv", b"a;b\n1;2").rows(URL)) == [{"a": "1", "b": "2"}]
        assert self.context("", zipped([("a", "b")]).content).archive(URL).read("a") == b"b"
        assert self.context("", b"").post_xml(URL, "<q>Č</q>").text == "Č"
        assert self.context("text/plain", b"x").fetch(URL).content == b"x"

    def test_a_guessed_charset_is_noted(self):
        ctx = self.context("text/csv", "kraj\nŠenčur\n".encode("cp1250"))
        assert list(ctx.rows(URL)) == [{"kraj": "Šenčur"}]
        assert [problem.code for problem in ctx.problems] == ["source-charset"]

    def test_one_record_that_fails_costs_itself_only(self):
        ctx = self.context("", b"")

        def bad():
            raise BadRecord("a", "brez naslova")

        def worse():
            return {}["title"]

        def gone():
            raise SourceUnavailable("gone")

        assert ctx.attempt("a", bad).problems[0].code == "unreadable-record"
        assert "KeyError" in ctx.attempt("a", worse).problems[0].params["reason"]
        with pytest.raises(SourceUnavailable):
            ctx.attempt("a", gone)
        assert ctx.attempt("a", lambda: ctx.reading("a", {})).record is not None


def test_nothing_else_parses_xml_yaml_or_zip():
    """A connector that brought its own parser would go round these."""
    allowed = {
        "parse.py",
        "archive.py",
        "preset.py",
        "proposals.py",
        "reasons.py",
        "settings_form.py",
        "conformance.py",
        "attacks.py",
    }
    folder = Path(parse.__file__).parent
    for path in folder.rglob("*.py"):
        if path.name not in allowed:
            text = path.read_text(encoding="utf-8")
            for name in (
                "import yaml",
                "import zipfile",
                "from lxml",
                "import lxml",
                "xml.etree",
                "minidom",
                "yaml.load",
            ):
                assert name not in text, f"{path}: {name}"
