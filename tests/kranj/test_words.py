"""The Slovene words of the portal: complete, with the placeholders of the English ones, in the right plural form."""

import json
import re
from importlib.resources import files
from pathlib import Path

import polib
import pytest
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask_babel import get_translations

import ckan

DOMAIN = "sl/LC_MESSAGES/ckanext-kranj"
FOLDER = files("ckanext.kranj") / "i18n"
NUMBERS = (0, 1, 2, 3, 4, 5, 11, 21, 101, 102)
FORMS = {0: 3, 1: 0, 2: 1, 3: 2, 4: 2, 5: 3, 11: 3, 21: 3, 101: 0, 102: 1}
"""Singular, dual, plural of three and four, plural of the rest (CLDR: one, two, few, other), written out by hand."""

DATASET = ("zbirka podatkov", "zbirki podatkov", "zbirke podatkov", "zbirk podatkov")
AREA = ("področje", "področji", "področja", "področij")
ORGANIZATION = ("organizacija", "organizaciji", "organizacije", "organizacij")
SOURCE = ("vir prevzema", "vira prevzema", "viri prevzema", "virov prevzema")
MEMBER = ("član", "člana", "člani", "članov")
COUNTED = {
    "Input is too short, must be at least one character": ("znak", "znaka", "znake", "znakov"),
    "{num} Dataset": DATASET,
    "{num} Member": MEMBER,
    "{count} member": MEMBER,
    "{count} collaborator": ("sodelavec", "sodelavca", "sodelavci", "sodelavcev"),
    '%(count)s dataset found for "%(query)s".': DATASET,
    "%(count)s dataset found.": DATASET,
    '{number} dataset found for "{query}"': DATASET,
    "{number} dataset found": DATASET,
    '{number} group found for "{query}"': AREA,
    "{number} group found": AREA,
    '{number} organization found for "{query}"': ORGANIZATION,
    "{number} organization found": ORGANIZATION,
    '{number} harvest source found for "{query}"': SOURCE,
    "{number} harvest source found": SOURCE,
    '{number} harvest found for "{query}"': SOURCE,
    "{number} harvest found": SOURCE,
}
"""What each plural message counts, in the four forms."""

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sdir]|\{[^}]*\}")
TAG = re.compile(r"</?([a-z0-9]+)[^>]*>")
UNREACHED = re.compile(r"^ckan/(templates/(development|tests)|tests|cli)|^ckanext/")
"""Pages for theme developers, tests, and extensions that this portal does not load."""


def catalog():
    return polib.pofile(str(FOLDER / f"{DOMAIN}.po"))


def texts(entry):
    """The Slovene texts of an entry."""
    return [entry.msgstr] if not entry.msgid_plural else [entry.msgstr_plural[n] for n in range(4)]


def filled(text, number):
    """A message with its number put in, whichever way it is written."""
    given = {"num": number, "number": number, "count": number, "query": "x"}
    return text % given if "%(" in text else text.format(**given)


@pytest.mark.unit
class TestFile:
    def test_every_entry_is_translated_once_and_for_sure(self):
        entries = catalog()
        assert [entry.msgid for entry in entries if entry.fuzzy or entry.obsolete or not all(texts(entry))] == []
        keys = [(entry.msgctxt, entry.msgid) for entry in entries]
        assert len(keys) == len(set(keys)) > 800

    def test_placeholders_and_tags_are_those_of_the_english_text(self):
        wrong = []
        for entry in catalog():
            english = entry.msgid_plural or entry.msgid
            for text in texts(entry):
                positional = re.findall(r"%[sdir]", text) == re.findall(r"%[sdir]", english)
                named = sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(english))
                tags = sorted(TAG.findall(text)) == sorted(TAG.findall(english))
                if not (positional and named and tags):
                    wrong.append((english, text))
        assert wrong == []

    def test_babel_finds_nothing_wrong(self):
        with (FOLDER / f"{DOMAIN}.po").open("rb") as opened:
            read = read_po(opened, locale="sl", abort_invalid=True)
        assert [(message.id, errors) for message, errors in read.check()] == []
        assert read.num_plurals == 4

    def test_the_compiled_file_is_that_of_the_text(self, tmp_path):
        with (FOLDER / f"{DOMAIN}.po").open("rb") as opened, (tmp_path / "new.mo").open("wb") as compiled:
            write_mo(compiled, read_po(opened, locale="sl"))
        hint = "run: pybabel compile -D ckanext-kranj -d ckanext-kranj/ckanext/kranj/i18n"
        assert (FOLDER / f"{DOMAIN}.mo").read_bytes() == (tmp_path / "new.mo").read_bytes(), hint

    def test_our_words_not_those_of_ckan(self):
        """Dataset, editor and e-mail have one name in the whole portal (docs/sl/skrbniki.md)."""
        wrong = re.compile(r"nabor|urejevalec|email|paket|prosim|\bskupin[aeio]?\b", re.IGNORECASE)
        said = (text for entry in catalog() for text in texts(entry))
        assert [text for text in said if wrong.search(PLACEHOLDER.sub("", text))] == []

    def test_every_plural_message_is_counted_here(self):
        assert {entry.msgid for entry in catalog() if entry.msgid_plural} == set(COUNTED)


@pytest.fixture
def slovene(catalogue):
    """A request in Slovene; gives the catalogues as CKAN merged them."""
    with catalogue.flask_app.test_request_context("/sl/"):
        yield get_translations()


@pytest.mark.parametrize("number", NUMBERS)
def test_plural_forms(slovene, number):
    for entry in catalog():
        if entry.msgid_plural:
            said = filled(slovene.ungettext(entry.msgid, entry.msgid_plural, number), number)
            noun = COUNTED[entry.msgid][FORMS[number]]
            assert re.search(rf"\b{number} {noun}\b", said), said


def test_ours_win_over_those_of_ckan(slovene):
    assert slovene.ugettext("Dataset") == "Zbirka podatkov"
    assert slovene.ugettext("Editor") == "Urednik"
    assert slovene.ugettext("Cancel") == "Prekliči", "what CKAN has right stays CKAN's"


def test_whatever_ckan_may_print_has_slovene_words(slovene):
    pot = polib.pofile(str(Path(ckan.__path__[0], "i18n", "ckan.pot")))
    reached = (entry for entry in pot if not all(UNREACHED.search(place) for place, _line in entry.occurrences))
    assert [entry.msgid for entry in reached if untranslated(slovene, entry.msgid, entry.msgid_plural)] == []


def untranslated(catalogues, one, many=None):
    """Whether a message of CKAN or an extension would come out in English."""
    said = catalogues.ungettext(one, many, 5) if many else catalogues.ugettext(one)
    return said in (one, many) and one not in SAME


SAME = {
    "{kibibytes} KiB", "{mebibytes} MiB", "{gibibytes} GiB", "{tebibytes} TiB", "URL", "URI", "GUID", "CSV", "API",
    "X", "1.0", "Facebook", "Markdown", "Standard", *(f"{{{prefix.lower()}}}{prefix}" for prefix in "kMGTPEZY"), "{n}",
    "Open Data Commons Public Domain Dedication and License (PDDL)", "Open Data Commons Open Database License (ODbL)",
    "Open Data Commons Attribution License", "Creative Commons CCZero", "Creative Commons Attribution",
    "Creative Commons Attribution Share-Alike", "GNU Free Documentation License", "UK Open Government Licence (OGL)",
    "Creative Commons Non-Commercial (Any)",
}  # fmt: skip
"""Names and signs."""


@pytest.mark.parametrize("package", ["dcat", "harvest", "scheming"])
def test_whatever_the_extensions_may_print_has_slovene_words(slovene, package):
    folder = files(f"ckanext.{package}")
    missing = set()
    for file in [*Path(str(folder)).rglob("*.py"), *Path(str(folder), "templates").rglob("*.html")]:
        if "tests" in file.parts or "2.8_templates" in file.parts:
            continue
        with file.open("rb") as opened:
            for _line, message, _comments, _context in extract("python" if file.suffix == ".py" else "ckan", opened):
                parts = message if isinstance(message, tuple) else (message,)
                if parts[0] and untranslated(slovene, *parts):
                    missing.add(parts[0])
    assert missing == set()


def test_scripts_get_the_same_words(slovene, tmp_path):
    from ckan.lib import i18n
    from ckan.tests.helpers import changed_config

    with changed_config("ckan.storage_path", str(tmp_path)):
        i18n.build_js_translations()
        words = json.loads((Path(i18n.get_js_translations_dir()) / "sl.js").read_text(encoding="utf-8"))
    assert words["Saving..."] == [None, "Shranjujem …"]
    assert words["Save order"] == [None, "Shrani vrstni red"]
    assert words["Input is too short, must be at least one character"][1:] == [
        f"Vnos je prekratek, vpišite vsaj %(num)d {form}" for form in ("znak", "znaka", "znake", "znakov")
    ]
    assert "nplurals=4" in words[""]["plural-forms"]
