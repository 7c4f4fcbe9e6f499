"""Write the pages of docs/ that are made from the standard: fields, problems, vocabularies.

Run ``python -m schemas.documentation docs`` after a change; a test compares the pages with what this gives.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from schemas.fields import (
    Field,
    dataset_fields,
    internal_fields,
    organization_fields,
    resource_fields,
    series_fields,
    system_fields,
)
from schemas.observations import observation_page
from schemas.problem import texts
from schemas.suppliers import annex_page, supplier_page
from schemas.vocabulary import vocabularies, vocabulary

_RULES = {"M": "M", "P": "P", "D": "D", "": "–"}


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _rows(fields: Iterable[Field], prefix: str = "") -> Iterable[str]:
    for field in fields:
        rule = _RULES[field.rule] + (", I" if field.inherit else "")
        options = {
            key: value for key, value in field.options.items() if key not in {"opsi", "dcat", "form_placeholder"}
        }
        bounds = ", ".join(f"{key} {value}" for key, value in options.items())
        statutory = f"O-{field.options['opsi']}" if "opsi" in field.options else ""
        dcat = field.options.get("dcat", "")
        yield (
            f"| `{prefix}{field.name}` | {_cell(field.label['sl'])} / {_cell(field.label['en'])} | {field.kind} | {rule} "
            f"| {_cell(bounds)} | {_cell(dcat)} | {statutory} |"
        )
        yield from _rows(field.subfields, f"{prefix}{field.name}.")


def _fields_page() -> str:
    head = "| field | label (sl / en) | kind | rule | bounds | DCAT | statutory |\n|---|---|---|---|---|---|---|"
    return "\n".join([
        "# The mandated description, field by field",
        "",
        "This page is written from `schemas/dataset.yaml` and `schemas/internal.yaml` by `python -m schemas.documentation docs`.",
        "",
        "**M** mandatory on every active record · **P** mandatory once the description is public · **D** derived, never typed ·",
        "**I** inherited when left empty: from the organisation's defaults, the harvest source's, the site's",
        "(`schemas/defaults.yaml`). O-n is a field of the national form (Uredba, Ur. l. RS 24/16).",
        "Rules across fields are in `schemas/rules.py`; their codes and words in [problems.md](problems.md).",
        "",
        "## Dataset",
        "",
        head,
        *_rows(dataset_fields()),
        "",
        "## Resource",
        "",
        head,
        *_rows(resource_fields()),
        "",
        "## Internal block",
        "",
        "Kept in the table `kranj_internal`; never in extras, search index, feed or `package_show`.",
        "",
        head,
        *_rows(internal_fields()),
        "",
        "## Organisation",
        "",
        "`defaults` is an object of dataset fields, of `internal` and of `retention_by_sign` (`{classification sign: retention fields}`).",
        "When one changes, a job saves the datasets that inherit it anew (`kranj_heirs_show`, `ckan kranj heirs`; the page of the organisation says how far it is): what was typed, what a source",
        "said, `visibility` and `issued` stay. A dataset that the new value does not fit keeps the former one and is named with the reason.",
        "The ADMS type of a publisher follows from `organization_kind`.",
        "",
        head,
        *_rows(organization_fields()),
        "",
        "## Register of systems",
        "",
        head,
        *_rows(system_fields()),
        "",
        "## Series of datasets",
        "",
        "Packages of the type `dataset_series` (DCAT-AP 3, dcat:DatasetSeries). Datasets name a series in `in_series`; the data office",
        "makes one public.",
        "",
        head,
        *_rows(series_fields()),
        "",
        "## One list, many ways",
        "",
        "`schemas/record.json` and `schemas/internal.json` (JSON Schema 2020-12), the workbook of `ckan kranj excel`, the pages for",
        "[suppliers](sl/dobavitelji.md) and this page are made from the same files; tests hold the feed's mapping and the 18 statutory",
        "columns against them, and walk made-up descriptions (`schemas.examples`) through API, table, feed and harvest and back.",
        "",
    ])  # fmt: skip


def _problems_page() -> str:
    rows = [
        f"| `{code}` | {entry['severity']} | {_cell(entry['sl'])} | {_cell(entry['en'])} | {_cell(entry['remedy']['en'])} "
        f"| {_cell(entry['source'])} |"
        for code, entry in texts().items()
    ]
    return "\n".join([
        "# Problems",
        "",
        "What can be wrong with a description, by code (`schemas/problems.yaml`). An error refuses the save, a warning does not.",
        "Over the Action API an error reads `{\"frequency\": [\"[unknown-code] …\"]}`; warnings stand under `kranj_warnings`.",
        "",
        "| code | severity | Slovene | English | remedy | source of the rule |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
    ])  # fmt: skip


def _vocabularies_page() -> str:
    rows = []
    for name in vocabularies():
        entries = vocabulary(name)
        rows.append(
            f"| `{name}` | {_cell(entries.title['sl'])} / {_cell(entries.title['en'])} | {len(entries.codes)} "
            f"| {_cell(entries.scheme)} | {_cell(entries.source)} | {entries.date} | {_cell(entries.head.get('labels', ''))} |"
        )
    return "\n".join([
        "# Vocabularies",
        "",
        "One JSON file each under `schemas/vocabularies`; codes are stored, labels (sl, en) and IRIs come from here.",
        "",
        "EU lists are facts of the authority tables of the Publications Office of the EU, gathered on 2026-11-22 from public",
        "copies (piveau-vocabularies, SEMICeu/DCAT-AP 3.0.1 and 3.0.0-hvd, diggsweden/DCAT-AP-SE, mjanez/ckanext-schemingdcat).",
        "Slovene labels marked *proposed* are the city's translation until the official label is known.",
        "",
        "| list | title | codes | scheme | source | date | Slovene labels |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
    ])  # fmt: skip


def pages() -> dict[str, str]:
    """File name -> text of every generated page."""
    return {
        "fields.md": _fields_page(),
        "problems.md": _problems_page(),
        "vocabularies.md": _vocabularies_page(),
        "sl/dobavitelji.md": supplier_page(),
        "sl/razpisna-priloga.md": annex_page(),
        "sl/meritev.md": observation_page(),
    }


def main(folder: Path) -> None:
    """Write the pages into a folder."""
    for name, page in pages().items():
        (folder / name).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
