"""What the register finds, and how free the city is to leave each system and supplier.

Pure functions of the entries and a day, so that a report can be repeated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ckanext.kranj.catalogue.systems.entries import Dataset, System

from schemas import Problem
from schemas.kinds import parse_date
from schemas.rules import PERSONAL

EEA = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IS IE IT LV LI LT LU MT NL NO PL PT RO SK SI ES SE".split()  # noqa: SIM905
)
"""Countries of the European Economic Area, ISO 3166-1 alpha-2 (EUR-Lex, state of 2026)."""

SOON = timedelta(days=180)
"""How long before the end of a contract its exit must have been tested."""
FRESH = timedelta(days=730)
"""How long an exit test counts."""


@dataclass(frozen=True)
class Finding:
    """A problem of one system; ``dataset`` is set when it is about one of its datasets."""

    system: System | None
    problem: Problem
    dataset: Dataset | None = None


def findings(systems: Iterable[System], unknown: Iterable[Dataset], today: date) -> Iterator[Finding]:
    """Everything worth a look, systems in the order given, then datasets whose location is in no entry."""
    for system in systems:
        if not system.datasets and system.data.get("lifecycle") != "ukinjen":
            yield Finding(system, Problem.of("title_translated", "system-without-datasets"))
        country = system.data.get("hosting_country", "")
        for dataset in system.datasets:
            if dataset.secrecy in PERSONAL and country != "SI":
                code = "personal-data-outside-slovenia" if country in EEA else "personal-data-outside-eea"
                problem = Problem.of("hosting_country", code, dataset=dataset.title, country=country)
                yield Finding(system, problem, dataset)
        ends = parse_date(system.data.get("contract_end") or "")
        if ends is not None and ends - today <= SOON and not _tested(system, today):
            yield Finding(system, Problem.of("contract_end", "contract-ends-untested", on=ends.isoformat()))
    for dataset in unknown:
        problem = Problem.of("internal.location.system", "location-not-registered", system=dataset.system)
        yield Finding(None, problem, dataset)


def _tested(system: System, today: date) -> bool:
    return any(
        test.get("result") == "popolno"
        and (day := parse_date(test.get("on") or "")) is not None
        and today - day <= FRESH
        for test in system.data.get("exit_tests") or ()
    )


def _contract(system: System, today: date) -> bool:
    ends = parse_date(system.data.get("contract_end") or "")
    return not system.data.get("supplier") or (ends is not None and ends >= today)


CRITERIA: tuple[tuple[str, str, str, Callable[[System, date], bool]], ...] = (
    ("exit", "Podatke je mogoče vzeti v odprti obliki ali po API", "Data can be taken in an open format or by API",
     lambda system, _: system.data.get("data_exit") in {"odprta-oblika", "api"}),
    ("tested", "Popoln izvoz je bil preizkušen v zadnjih dveh letih", "A complete export was tested within two years",
     _tested),
    ("described", "Opis podatkov ni odvisen od dobavitelja",
     "The description of the data is independent of the supplier",
     lambda system, _: system.data.get("description_independent") == "da"),
    ("interfaces", "Vmesniki so opisani ali po standardu", "Interfaces are described or follow a standard",
     lambda system, _: any(item.get("standard") or item.get("url") for item in system.data.get("interfaces") or ())),
    ("contract", "Pogodba velja in njen konec je znan", "The contract is in force and its end is known", _contract),
)  # fmt: skip
"""Criteria of the lock-in scorecard: code, Slovene, English, whether a system meets it. One point each."""


def scorecard(systems: Iterable[System], today: date) -> dict[str, Any]:
    """Points of each system and, worst first, of each supplier: the fewer, the harder it is to leave.

    Returns:
        ``{"of", "systems": [{"name", "title", "supplier", "datasets", "met", "points"}], "suppliers": [{"supplier",
        "systems", "datasets", "points"}]}``; a supplier has the points of its worst system.
    """
    rows = []
    for system in systems:
        met = [code for code, _, _, meets in CRITERIA if meets(system, today)]
        rows.append(
            {
                "id": system.id, "name": system.name, "title": system.title,
                "supplier": system.data.get("supplier", ""), "datasets": len(system.datasets),
                "met": met, "points": len(met),
            }
        )  # fmt: skip
    by_supplier: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["supplier"]:
            by_supplier[row["supplier"]].append(row)
    suppliers = [
        {
            "supplier": supplier, "systems": len(mine), "datasets": sum(row["datasets"] for row in mine),
            "points": min(row["points"] for row in mine),
        }
        for supplier, mine in by_supplier.items()
    ]  # fmt: skip
    return {
        "of": len(CRITERIA),
        "systems": rows,
        "suppliers": sorted(suppliers, key=lambda row: (row["points"], -row["datasets"], row["supplier"])),
    }
