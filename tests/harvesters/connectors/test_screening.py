"""Personal data and secrets in what systems say of themselves."""

import pytest

from harvesters.connectors.support.screening import found_in, is_emso, is_iban, is_tax_number

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("EMŠO lastnika, npr. 0101006500006", ["emso"]),
        ("davčna: SI15012557", ["tax-number"]),
        ("TRR SI56 1910 0000 0123 438", ["iban"]),
        ("vprašaj janez.novak@kranj.si", ["e-mail"]),
        ("kliči 041 123 456", ["phone"]),
        ("tel. +386 4 237 30 00", ["phone"]),
        ("geslo=Pomlad2024", ["secret"]),
        ("geslo je Pomlad2024", ["secret"]),
        ("postgresql://bralec:skrito@db/gis", ["secret"]),
        ("AKIAIOSFODNN7EXAMPLE", ["secret"]),
    ],
)
def test_found(text, kinds):
    assert set(kinds) <= set(found_in(text))


@pytest.mark.parametrize(
    "text",
    [
        "Šifra parcele iz katastra",
        "1234567890123",  # 13 digits, no personal number
        "Leto 2024, enota EUR, EPSG:3794",
        "Povprečje 12,5 na 1000 prebivalcev",
        "Primarni ključ tabele",
        "20240101 do 20241231",
        "",
    ],
)
def test_harmless(text):
    assert found_in(text) == []


def test_check_digits():
    assert is_emso("0101006500006")
    assert not is_emso("0101006500007")
    assert not is_emso("4513006500006")
    assert is_tax_number("15012557")
    assert not is_tax_number("15012558")
    assert is_iban("SI56 1910 0000 0123 438")
    assert not is_iban("SI57 1910 0000 0123 438")
