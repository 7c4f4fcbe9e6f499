"""Personal data and secrets in what systems say of themselves."""

import pytest

from harvesters.connectors.support.screening import found_in

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("EMŠO lastnika, npr. 0101006500006", ["EMŠO"]),
        ("davčna številka SI15012557", ["davčna številka"]),
        ("TRR SI56 1910 0000 0123 438", ["IBAN"]),
        ("vprašaj janez.novak@kranj.si", ["e-pošta"]),
        ("kliči 041 123 456", ["telefon"]),
        ("tel. +386 4 237 30 00", ["telefon"]),
        ("geslo=Pomlad2024", ["geslo ali ključ"]),
        ("geslo je Pomlad2024", ["geslo ali ključ"]),
        ("postgresql://bralec:skrito@db/gis", ["geslo ali ključ"]),
        ("AKIAIOSFODNN7EXAMPLE", ["geslo ali ključ"]),
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
    assert found_in(text) == ()
