"""The 18 statutory fields of a public description (Ur. l. RS 24/16), in the order of the national form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from schemas import vocabulary

from .names import area_of

Dataset = dict[str, Any]
CONTACT = ("name", "email")


def _sl(field: str) -> Callable[[Dataset], str]:
    return lambda dataset: str((dataset.get(field) or {}).get("sl") or "")


def _label(name: str, field: str) -> Callable[[Dataset], str]:
    def label(dataset: Dataset) -> str:
        found = dataset.get(field) or []
        return "; ".join(vocabulary(name).label(one, "sl") for one in (found if isinstance(found, list) else [found]))

    return label


def _several(values: Iterable[Any]) -> str:
    return "; ".join(dict.fromkeys(str(one) for one in values if one))


def _open_addresses(dataset: Dataset) -> str:
    if dataset.get("secrecy") != "javno":
        return ""
    return _several(one.get("download_url") or one.get("url") for one in dataset.get("resources", ()))


COLUMNS: tuple[tuple[str, Callable[[Dataset], str]], ...] = (
    ("Naziv institucije", lambda dataset: str((dataset.get("organization") or {}).get("title") or "")),
    ("Naziv zbirke podatkov", _sl("title_translated")),
    ("Področje", lambda dataset: _several(area_of(one) for one in dataset.get("theme") or ())),
    ("Opis vsebine", _sl("notes_translated")),
    (
        "Pravne podlage",
        lambda dataset: _several([dataset.get("legal_basis"), *(dataset.get("applicable_legislation") or ())]),
    ),
    (
        "Ključne besede",
        lambda dataset: _several(
            [*((dataset.get("tags_translated") or {}).get("sl") or ()), *(dataset.get("eurovoc") or ())]
        ),
    ),
    (
        "Območje, na katero se podatki nanašajo",
        lambda dataset: _several(one.get("text") or one.get("uri") for one in dataset.get("spatial_coverage") or ()),
    ),
    ("Dostopnost podatkov", _label("secrecy", "secrecy")),
    ("Morebitni pogoji za uporabo", _sl("access_conditions_translated")),
    ("Morebitni pogoji glede zaračunavanja", _sl("charging_terms_translated")),
    ("Internetni naslov za dostop oziroma vpogled", lambda dataset: str(dataset.get("landing") or "")),
    ("Internetni naslov do odprtih podatkov", _open_addresses),
    ("Datum nastanka", lambda dataset: str(dataset.get("issued") or "")),
    ("Pogostost osveževanja", _label("frequency", "frequency")),
    (
        "Oblika zapisa",
        lambda dataset: _several(str(one.get("format") or "").lower() for one in dataset.get("resources", ())),
    ),
    ("Jezik zapisa", lambda dataset: _several(str(one).lower() for one in dataset.get("language") or ())),
    ("Opis povezanosti z drugimi evidencami", lambda dataset: str(dataset.get("relation_notes") or "")),
    (
        "Odgovorna oseba",
        lambda dataset: _several(
            ", ".join(filter(None, map(one.get, CONTACT))) for one in dataset.get("contact") or ()
        ),
    ),
)


def table(datasets: Iterable[Dataset]) -> Iterator[list[str]]:
    """The header and one line per dataset; ``exchange.statutory`` makes files of it.

    Args:
        datasets: public ones, as ``package_show`` returns them to an anonymous caller, with ``landing``: their page.
    """
    yield [name for name, _ in COLUMNS]
    for dataset in datasets:
        yield [make(dataset) for _, make in COLUMNS]
