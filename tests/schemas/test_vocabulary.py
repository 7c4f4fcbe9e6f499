"""The code lists: complete, labelled, and found again from whatever a source writes."""

import pytest

from schemas import dataset_fields, internal_fields, resource_fields, vocabularies, vocabulary

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("name", vocabularies())
def test_every_list_names_its_source_and_labels_every_code(name):
    entries = vocabulary(name)
    assert entries.name == name
    assert entries.source
    assert entries.date
    for code in entries.codes:
        assert entries.label(code, "sl")
        assert entries.label(code, "en")
        assert entries.uri(code).startswith("http")
        assert entries.code_of(entries.uri(code)) == code
        assert entries.code_of(code) == code


def test_every_list_that_a_field_names_exists():
    def lists(fields):
        for field in fields:
            if "vocabulary" in field.options:
                yield field.options["vocabulary"]
            yield from lists(field.subfields)

    used = set(lists((*dataset_fields(), *resource_fields(), *internal_fields())))
    assert used <= set(vocabularies())


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("file_type", "https://www.iana.org/assignments/media-types/text/csv", "CSV"),
        ("file_type", "text/csv", "CSV"),
        ("file_type", "geojson", "GEOJSON"),
        ("licence", "https://creativecommons.org/licenses/by/4.0/", "CC_BY_4_0"),
        ("licence", "http://creativecommons.org/licenses/by/4.0", "CC_BY_4_0"),
        ("licence", "https://www.dcat-ap.de/def/licenses/cc-zero", "CC0"),
        ("distribution_status", "http://purl.org/adms/status/Completed", "COMPLETED"),
        ("language", "sl", "SLV"),
        ("frequency", "http://publications.europa.eu/resource/authority/frequency/DAILY", "DAILY"),
        ("frequency", "now and then", None),
        ("frequency", None, None),
        ("frequency", 5, None),
    ],
)
def test_what_sources_write_is_recognised(name, value, code):
    assert vocabulary(name).code_of(value) == code


def test_an_unknown_list_is_an_error():
    with pytest.raises(KeyError):
        vocabulary("ni-ga")


def test_every_content_area_has_a_eurovoc_domain():
    domains = vocabulary("eurovoc")
    covered = {area for code in domains.codes for area in domains.extra(code)["areas"]}
    assert covered == set(vocabulary("content_area").codes)


def test_every_field_explains_itself_in_both_languages():
    silent = [
        field.name
        for field in (*dataset_fields(), *resource_fields(), *internal_fields())
        if not all(field.label.get(lang) and field.help_text.get(lang) for lang in ("sl", "en"))
    ]
    assert silent == []
