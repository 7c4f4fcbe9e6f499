"""What must not get into a description is taken out and said; what only looks like it stays."""

import pytest

from harvesters import Context
from harvesters.conformance import Answering
from harvesters.redact import HIDDEN
from harvesters.secrecy import is_emso, is_iban, is_tax_number, screen, screened

pytestmark = pytest.mark.unit


def digits(body, check):
    """A number with the check digit that its rule gives."""
    return next(body + str(last) for last in range(10) if check(body + str(last)))


EMSO = digits("010198050000", is_emso)
TAX = digits("1234567", is_tax_number)
IBAN = next(
    f"SI56 {n:02}00 0000 0000 0{m:02}"
    for n in range(1, 99)
    for m in range(99)
    if is_iban(f"SI56{n:02}0000000000 0{m:02}")
)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"Prebivalec {EMSO} je vpisan.", "EMŠO"),
        (f"davčna številka: {TAX}", "davčna številka"),
        (f"DŠ {TAX}", "davčna številka"),
        (f"Račun {IBAN} pri banki", "IBAN"),
        ("povezava: geslo=Skrivnost1", "geslo ali ključ"),
        ("postgresql://bralec:Skrivnost1@gis.kranj.local/gis", "geslo ali ključ"),
    ],
)
def test_what_goes(text, what):
    bare, found = screened(text)
    assert found == (what,)
    assert HIDDEN in bare
    assert not any(value in bare for value in (EMSO, TAX, IBAN, "Skrivnost1"))


@pytest.mark.parametrize(
    "text",
    ["Parcela 1234567890123", f"Šifra {TAX}", "SI56 je oznaka države", "Izmerjeno 20260101120000", "podatki@kranj.si"],
)
def test_what_stays(text):
    assert screened(text) == (text, ())


@pytest.mark.parametrize("text", ["kontakt janez.novak@kranj.si", "tel. 04 237 31 00", "+386 41 123 456"])
def test_comments_of_databases_lose_addresses_too(text):
    bare, found = screened(text, strict=True)
    assert len(found) == 1
    assert HIDDEN in bare


def test_a_record_is_screened_but_for_its_contacts():
    ctx = Context("vir", Answering({}))
    contact = [{"name": "Podatkovna pisarna", "email": "podatki@kranj.si", "phone": "04 237 31 00"}]
    reading = ctx.reading(
        "a",
        {
            "title_translated": {"sl": "<b>Naslov</b> zbirke"},
            "notes_translated": {"sl": f"Opis z EMŠO {EMSO}<script>alert(1)</script>"},
            "contact": contact,
            "resources": [{"url": "https://x.si/?a=1&b=<2>", "description_translated": {"sl": "geslo: Skrivnost1"}}],
        },
        internal={"notes": f"EMŠO {EMSO}"},
    )
    record, problems = screen(reading.record)
    assert record.dataset["title_translated"]["sl"] == "Naslov zbirke"
    assert "script" not in record.dataset["notes_translated"]["sl"]
    assert EMSO not in str(record.dataset) + str(record.internal)
    assert "Skrivnost1" not in str(record.dataset)
    assert record.dataset["contact"] == contact
    assert record.dataset["resources"][0]["url"] == "https://x.si/?a=1&b=<2>"
    assert {problem.code for problem in problems} == {"html", "personal-data-removed"}
    assert not any(EMSO in str(problem.params) for problem in problems)


def test_a_clean_record_is_the_same_object():
    reading = Context("vir", Answering({})).reading("a", {"title_translated": {"sl": "Naslov zbirke"}})
    assert screen(reading.record)[0] is reading.record
