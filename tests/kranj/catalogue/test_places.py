"""The place of a value by the labels of the standard."""

import pytest

from ckan.common import config

from ckanext.kranj.catalogue.places import place

PLACES = [
    ("", "", ""),
    ("frequency", "Pogostost osveževanja", "Frequency"),
    ("contact[0].name", "Odgovorna oseba / skrbnik – Ime", "Contact – Name"),
    ("resources", "Datoteka", "File"),
    ("resources[1].url", "Datoteka 2 – Naslov", "File 2 – Address"),
    ("resources.0f3c-aa.url", "Datoteka – Naslov", "File – Address"),
    ("internal.location[0].kind", "Lokacija – Vrsta", "Location – Kind"),
    ("novo_polje", "novo_polje", "novo_polje"),
]


@pytest.mark.parametrize(("path", "sl", "en"), PLACES)
def test_a_path_is_said_in_labels(catalogue, monkeypatch, path, sl, en):
    for lang, words in (("sl", sl), ("en", en)):
        monkeypatch.setitem(config, "ckan.locale_default", lang)
        assert place(path) == words
