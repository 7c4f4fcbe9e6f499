"""The pages for suppliers, in Slovene, written from the current standard: what to deliver, and the annex of a tender."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from schemas.fields import Field, dataset_fields, internal_fields, resource_fields
from schemas.vocabulary import vocabulary

EXAMPLE: dict[str, Any] = {
    "title_translated": {"sl": "Meritve kakovosti zraka", "en": "Air quality measurements"},
    "notes_translated": {"sl": "Urne meritve delcev PM10 na merilnem mestu Mlaka z navedeno natančnostjo naprave."},
    "dataset_kind": "senzor",
    "content_area": ["okolje-prostor"],
    "tags_translated": {"sl": ["zrak", "PM10"]},
    "owner_org": "mestna-obcina-kranj",
    "owner_status": "predlagan",
    "contact": [{"name": "Podatkovna pisarna MO Kranj", "email": "podatki@kranj.si"}],
    "frequency": "HOURLY",
    "temporal_coverage": [{"start": "2026-01-01"}],
    "visibility": "internal",
    "secrecy": "javno",
    "access_method": "api",
    "retention_kind": "LETA",
    "retention_period": "P5Y",
    "retention_starts": "year-end",
    "accuracy": "Informativni senzor, ± 20 %",
    "measurement": [
        {
            "observed_property": "PM10",
            "unit": "ug/m3",
            "place_name": "Mlaka pri Kranju",
            "lon": 14.32,
            "lat": 46.26,
            "interval": "PT1H",
            "result_type": "skalar",
            "accuracy_class": "informativni",
        }
    ],
    "resources": [
        {
            "name_translated": {"sl": "Vmesnik meritev"},
            "url": "https://api.example.org/meritve.json",
            "format": "JSON",
            "access_services": [
                {"title": "Meritve", "endpoint_url": ["https://api.example.org"], "authentication": "none"}
            ],
        }
    ],
    "internal": {
        "location": {"system": "Senzorska platforma", "kind": "cloud-service"},
        "supplier": {"name": "Dobavitelj d. o. o.", "data_exit": "api", "description_independent": "da"},
        "usage": [{"process": "Spremljanje kakovosti zraka"}],
        "users": [{"who": "Urad za okolje in prostor", "kind": "enota", "access": "branje"}],
    },
}
"""A complete description as a supplier hands it over; a test holds it against the standard."""

_RULES = {"M": "obvezno", "P": "obvezno za objavo"}


def _asked(fields: Iterable[Field], prefix: str = "") -> Iterable[str]:
    for field in fields:
        if field.rule in _RULES:
            rule = _RULES[field.rule] + (" (prazno se podeduje)" if field.inherit else "")
            listed = field.options.get("vocabulary")
            values = ", ".join(f"`{code}`" for code in vocabulary(listed).codes[:12]) if listed else ""
            more = " …" if listed and len(vocabulary(listed).codes) > 12 else ""
            text = field.help_text.get("sl", "")
            yield f"| `{prefix}{field.name}` | {field.label['sl']} | {rule} | {text} {values}{more} |"


def _table() -> list[str]:
    return [
        "| polje | pomen | pravilo | pojasnilo in vrednosti |",
        "|---|---|---|---|",
        *_asked(dataset_fields()),
        *_asked(resource_fields(), "resources[]."),
        *_asked(internal_fields(), "internal."),
    ]


def supplier_page() -> str:
    """docs/sl/dobavitelji.md."""
    return "\n".join([
        "# Za dobavitelje: kaj morate oddati",
        "",
        "Vsaka nova rešitev za Mestno občino Kranj odda za vsako zbirko podatkov, ki jo hrani ali daje, **opis po standardu občine**.",
        "Stran je izpisana iz standarda (`python -m schemas.documentation docs`); vsa polja so v [fields.md](../fields.md), šifranti v",
        "[vocabularies.md](../vocabularies.md), napake in kaj storiti v [problems.md](../problems.md).",
        "",
        "## Kako preverite opis",
        "",
        "```",
        "kranj-validate opis.json opisi.xlsx katalog.ttl",
        "kranj-validate --format sarif opis.json > opis.sarif",
        "```",
        "",
        "Ukaz bere JSON, JSON-LD, Turtle, RDF/XML, XLSX in CSV; kataloga in omrežja ne potrebuje. Konča se z 0, ko vsi opisi ustrezajo,",
        "z 1, ko kateri ne, z 2, ko datoteke ni. Enako preveri stran `/standard/preveri` portala in dejanje `kranj_check`; račun ni",
        "potreben in nič se ne shrani. JSON Schema: `schemas/record.json` in `schemas/internal.json`, tudi na `/standard/record.json`.",
        "",
        "## Kaj je obvezno",
        "",
        *_table(),
        "",
        "Uporaba (`internal.usage`) in uporabniki (`internal.users`) so seznama; kadar nista znana, se zabeleži odgovor »še ni popisano«.",
        "Lokacija ne sme vsebovati uporabniških imen, gesel ali žetonov. Osebni podatki zahtevajo `internal.processing`, senzorji `measurement`.",
        "",
        "## Popoln zgled",
        "",
        "```json",
        json.dumps(EXAMPLE, ensure_ascii=False, indent=2),
        "```",
        "",
        "## Preglednica in RDF",
        "",
        "Prazno preglednico z izbirami da `ckan kranj excel template` ali stran `/standard/predloga.xlsx`. Ena vrstica je ena zbirka; seznam",
        "zapišite vsako vrednost v svojo vrstico celice, sezname predmetov kot JSON. Formule in združene celice so zavrnjene. CSV sme biti",
        "UTF-8, UTF-16 ali windows-1250, ločen s podpičjem, vejico ali tabulatorjem. RDF sledi DCAT-AP 3; za česar DCAT nima besede, ima",
        "občina svoje lastnosti ([connectors.md](../connectors.md)). Zapis ene meritve: [meritev.md](meritev.md).",
        "",
    ])  # fmt: skip


def annex_page() -> str:
    """docs/sl/razpisna-priloga.md."""
    return "\n".join([
        "# Priloga k razpisni dokumentaciji: opis podatkov",
        "",
        "Izpisano iz veljavnega standarda opisa podatkov Mestne občine Kranj. Vstavite v razpisno dokumentacijo brez sprememb.",
        "",
        "1. Izvajalec za vsako zbirko podatkov, ki nastane, se hrani ali se izmenjuje v okviru naročila, odda opis po standardu naročnika",
        "   v obliki JSON, RDF (DCAT-AP 3) ali XLSX, najpozneje ob primopredaji in ob vsaki spremembi zbirke.",
        "2. Opis se šteje za oddan, ko ga orodje `kranj-validate` naročnika sprejme brez napak. Preveritev je del prevzema.",
        "3. Opis je last naročnika in ostane uporaben brez izvajalca in njegove programske opreme.",
        "4. Izvajalec opiše in enkrat letno preizkusi izvoz vseh podatkov v odprti obliki ali prek dokumentiranega vmesnika",
        "   (`internal.supplier.data_exit`, `exit_tested_on`).",
        "5. Vmesniki imajo strojno berljiv opis (OpenAPI, AsyncAPI, WSDL ali OGC capabilities) in navedeno prijavo.",
        "6. Opis ne vsebuje uporabniških imen, gesel, žetonov ali vzorčnih osebnih podatkov.",
        "",
        "## Obvezni podatki opisa",
        "",
        *_table(),
        "",
    ])  # fmt: skip
