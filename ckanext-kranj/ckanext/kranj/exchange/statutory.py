"""The lists that the law asks for, from the catalogue as it is and by the rights of the caller.

``uredba``: the 18 fields of the national form (Uredba, Ur. l. RS 24/16). ``kijz``: the part of the Katalog informacij
javnega značaja that names the collections of data (ZDIJZ 8). ``obdelave``: records of processing (GDPR 30, ZVOP-2).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from ckanext.kranj.exchange import stored
from ckanext.kranj.exchange.areas import area_of

from schemas import field_named, vocabulary
from schemas.rules import ADDRESSES, PERSONAL

Get = Callable[[Mapping[str, Any]], str]
Line = tuple[str, Get]


def _label(value: Any, listed: str) -> str:
    known = vocabulary(listed)
    return ", ".join(known.label(str(one)) for one in (value if isinstance(value, list) else [value] if value else []))


def _coded(name: str) -> Get:
    listed = field_named(name).options["vocabulary"]
    return lambda dataset: _label(dataset.get(name), listed)


def _sl(name: str) -> Get:
    return lambda dataset: str((dataset.get(name) or {}).get("sl", ""))


def _plain(name: str) -> Get:
    return lambda dataset: str(dataset.get(name) or "")


def _keywords(dataset: Mapping[str, Any]) -> str:
    words = (dataset.get("tags_translated") or {}).get("sl") or []
    return ", ".join([*words, *(dataset.get("eurovoc") or ())])


def _contact(dataset: Mapping[str, Any]) -> str:
    return "; ".join(
        ", ".join(filter(None, (row.get("name"), row.get("email"), row.get("phone"))))
        for row in dataset.get("contact") or ()
    )


def _basis(dataset: Mapping[str, Any]) -> str:
    return "; ".join(filter(None, [dataset.get("legal_basis"), *(dataset.get("applicable_legislation") or ())]))


def _places(dataset: Mapping[str, Any]) -> str:
    return ", ".join(row.get("text") or row.get("uri") or "" for row in dataset.get("spatial_coverage") or ())


def _access(dataset: Mapping[str, Any]) -> str:
    if dataset.get("secrecy") == "javno":
        return "Podatki so javno dostopni in na voljo za dostop in ponovno uporabo"
    return f"Podatki niso javno dostopni ({_coded('secrecy')(dataset)})"


def _open_addresses(dataset: Mapping[str, Any]) -> str:
    """Addresses of open data only: of the others not even the form may tell them."""
    if dataset.get("secrecy") != "javno":
        return ""
    found = (next((item[name] for name in ADDRESSES if item.get(name)), "") for item in dataset.get("resources") or ())
    return " ".join(filter(None, found))


def _page(dataset: Mapping[str, Any]) -> str:
    """Where one may look: the page given, of data that are not open always the catalogue's own."""
    given = dataset.get("url") if dataset.get("secrecy") == "javno" else ""
    return str(given or dataset.get("page") or "")


def _areas(dataset: Mapping[str, Any]) -> str:
    return ", ".join(dict.fromkeys(area_of(theme) for theme in dataset.get("theme") or ()))


def _formats(dataset: Mapping[str, Any]) -> str:
    found = dict.fromkeys(item.get("format") for item in dataset.get("resources") or () if item.get("format"))
    return ", ".join(code.lower() for code in found)


def _relations(dataset: Mapping[str, Any]) -> str:
    return "; ".join(filter(None, [dataset.get("relation_notes"), *(dataset.get("related_resource") or ())]))


def _languages(dataset: Mapping[str, Any]) -> str:
    return ", ".join(code.lower() for code in dataset.get("language") or ())


UREDBA: tuple[Line, ...] = (
    ("Naziv institucije", lambda dataset: str(dataset.get("owner_title") or dataset.get("owner_org") or "")),
    ("Naziv zbirke podatkov", _sl("title_translated")),
    ("Področje", _areas),
    ("Opis vsebine", _sl("notes_translated")),
    ("Pravne podlage", _basis),
    ("Ključne besede", _keywords),
    ("Območje, na katero se podatki nanašajo", _places),
    ("Dostopnost podatkov", _access),
    ("Morebitni pogoji za (ponovno) uporabo", _sl("access_conditions_translated")),
    ("Morebitni pogoji glede zaračunavanja", _sl("charging_terms_translated")),
    ("Internetni naslov za dostop/vpogled", _page),
    ("Internetni naslov do odprtih podatkov", _open_addresses),
    ("Datum nastanka", _plain("issued")),
    ("Pogostost osveževanja", _coded("frequency")),
    ("Oblika zapisa", _formats),
    ("Jezik zapisa", _languages),
    ("Opis povezanosti z drugimi evidencami", _relations),
    ("Odgovorna oseba", _contact),
)

KIJZ: tuple[Line, ...] = (
    ("Organ", UREDBA[0][1]),
    ("Naziv evidence ali zbirke", _sl("title_translated")),
    ("Opis", _sl("notes_translated")),
    ("Pravna podlaga", _basis),
    ("Javnost", _access),
    ("Način dostopa", _coded("access_method")),
    ("Spletni naslov", UREDBA[10][1]),
    ("Pogoji ponovne uporabe", _sl("access_conditions_translated")),
    ("Odgovorna oseba", _contact),
    ("Zadnja sprememba", _plain("modified")),
)


def _processing(name: str) -> Get:
    def get(dataset: Mapping[str, Any]) -> str:
        value = ((dataset.get("internal") or {}).get("processing") or {}).get(name)
        return "; ".join(value) if isinstance(value, list) else str(value or "")

    return get


def _bases(dataset: Mapping[str, Any]) -> str:
    return _label(((dataset.get("internal") or {}).get("processing") or {}).get("legal_basis"), "gdpr_basis")


def _retention(dataset: Mapping[str, Any]) -> str:
    parts = (_coded("retention_kind")(dataset), dataset.get("retention_period"), _coded("retention_starts")(dataset))
    return ", ".join(part for part in parts if part)


OBDELAVE: tuple[Line, ...] = (
    ("Upravljavec", UREDBA[0][1]),
    ("Zbirka", _sl("title_translated")),
    ("Namen obdelave", _processing("purpose")),
    ("Pravna podlaga", _bases),
    ("Kategorije posameznikov", _processing("data_subjects")),
    ("Vrste osebnih podatkov", _processing("personal_categories")),
    ("Uporabniki", _processing("recipients")),
    ("Prenosi v tretje države", _processing("transfers")),
    ("Rok hrambe", _retention),
    ("Varnostni ukrepi", _processing("security")),
    ("Ocena učinka", _processing("dpia")),
    ("Kontakt", _contact),
)

LISTS: dict[str, tuple[Line, ...]] = {"uredba": UREDBA, "kijz": KIJZ, "obdelave": OBDELAVE}


def rows(
    context: dict[str, Any], kind: str, owners: Mapping[str, str], page: Callable[[str], str]
) -> Iterator[list[str]]:
    """The header and one row per dataset that the caller may see and the list asks for.

    Args:
        context: of the caller; what he may not see is not in the list.
        kind: a key of LISTS.
        owners: organisation -> its title.
        page: name of a dataset -> address of its page.
    """
    found = stored.found(context)
    if kind == "obdelave":
        found = (one for one in found if one.get("secrecy") in PERSONAL and "internal" in one)
    return table(
        kind, ({**one, "owner_title": owners.get(one["owner_org"], ""), "page": page(one["name"])} for one in found)
    )


def table(kind: str, datasets: Iterable[Mapping[str, Any]]) -> Iterator[list[str]]:
    """The header and one row per dataset.

    Args:
        kind: a key of LISTS.
        datasets: with ``owner_title``, what the owner is called, and ``page``, the address of their page.
    """
    lines = LISTS[kind]
    yield [name for name, _ in lines]
    for dataset in datasets:
        yield [get(dataset) for _, get in lines]


def _harmless(text: str) -> str:
    """A text that a spreadsheet would run as a formula gets an apostrophe."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def as_csv(table: Iterable[list[str]]) -> bytes:
    """UTF-8 with mark and semicolons, as Excel reads it here."""
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([_harmless(cell) for cell in row] for row in table)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(table: Iterable[list[str]]) -> bytes:
    """One sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Seznam")
    for row in table:
        cells = [WriteOnlyCell(sheet, value=text[:32_000]) for text in row]
        for cell in cells:
            cell.data_type = "s"
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
