"""Write descriptions as a workbook with drop-downs and explanations; the same columns as ``reading`` takes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from schemas.exchange.columns import EMPTY, Column, columns, row_of
from schemas.exchange.reading import DATASETS, RESOURCES
from schemas.vocabulary import vocabularies, vocabulary

LISTS, HELP = "Sifranti", "Navodila"
_LAST = 20_000
_BOLD = Font(bold=True)
_GREY = PatternFill("solid", fgColor="DDDDDD")
_RULES = {"M": "obvezno", "P": "obvezno za objavo", "D": "izpelje se samo", "": "neobvezno"}
GUIDE = (
    "Vsaka vrstica lista »Zbirke« je ena zbirka, vsaka vrstica lista »Viri« en njen vir.",
    "Vrstica z oznako v stolpcu id spremeni obstoječo zbirko, vrstica brez nje doda novo.",
    f"Prazna celica pusti vrednost, kakršna je. Celica z znakom {EMPTY} vrednost odstrani.",
    "Več vrednosti zapišite vsako v svojo vrstico celice (Alt+Enter). Sezname predmetov zapišite kot JSON.",
    "Formule in združene celice so zavrnjene. Prve vrstice (imena polj) ne spreminjajte.",
)


def write_template() -> bytes:
    """An empty workbook to fill in."""
    return write_workbook(())


def write_workbook(descriptions: Iterable[Mapping[str, Any]]) -> bytes:
    """A workbook of descriptions.

    Args:
        descriptions: in their JSON form with ``id``, ``resources`` and, where the caller may see it, ``internal``.

    Returns:
        The bytes of an XLSX file.
    """
    book = Workbook(write_only=True)
    main, files = book.create_sheet(DATASETS), book.create_sheet(RESOURCES)
    helped, lists = book.create_sheet(HELP), book.create_sheet(LISTS)
    keys = {DATASETS: ("#", "id", "name"), RESOURCES: ("#", "dataset", "id")}
    for sheet, kind in ((main, "dataset"), (files, "resource")):
        _drop_downs(sheet, kind, len(keys[sheet.title]))
        _head(sheet, kind, keys[sheet.title])
    for description in descriptions:
        row = row_of(description)
        identifier = description.get("id", "")
        found = (_safe(main, row.get(column.name)) for column in columns())
        main.append(["", identifier, description.get("name", ""), *found])
        for resource in description.get("resources") or ():
            cells = row_of(resource, "resource")
            told = (_safe(files, cells.get(column.name)) for column in columns("resource"))
            files.append(["", identifier, resource.get("id", ""), *told])
    _help(helped)
    _lists(lists)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _safe(sheet: Any, text: str | None) -> Any:
    """A text that starts like a formula stays a text."""
    if text is None or not text.startswith("="):
        return text
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell


def _head(sheet: Any, kind: str, keys: tuple[str, ...]) -> None:
    sheet.freeze_panes = "D3"
    names = []
    for column in columns(kind):
        cell = WriteOnlyCell(sheet, value=column.name)
        cell.font, cell.fill = _BOLD, _GREY
        words = column.field.help_text.get("sl", "")
        cell.comment = Comment(f"{column.label}: {_RULES[column.field.rule]}. {words}".strip(), "Kranj")
        names.append(cell)
    sheet.append([*keys, *names])
    sheet.append(["oznake", *("" for _ in keys[1:]), *(column.label for column in columns(kind))])


def _drop_downs(sheet: Any, kind: str, offset: int) -> None:
    for number, column in enumerate(columns(kind), offset + 1):
        if column.field.kind == "choice":
            letter = get_column_letter(number)
            place = get_column_letter(vocabularies().index(column.field.options["vocabulary"]) + 1)
            count = len(vocabulary(column.field.options["vocabulary"]).codes)
            check = DataValidation("list", formula1=f"{LISTS}!${place}$2:${place}${count + 1}", allow_blank=True)
            check.showErrorMessage = False  # a code typed by hand is judged on import
            check.add(f"{letter}3:{letter}{_LAST}")
            sheet.data_validations.append(check)


def _lists(sheet: Any) -> None:
    """One column per vocabulary: ``code – label``."""
    names = vocabularies()
    sheet.append(list(names))
    for number in range(max(len(vocabulary(name).codes) for name in names)):
        sheet.append([_entry(name, number) for name in names])


def _entry(name: str, number: int) -> str:
    known = vocabulary(name)
    return f"{known.codes[number]} – {known.label(known.codes[number])}" if number < len(known.codes) else ""


def _help(sheet: Any) -> None:
    for line in GUIDE:
        sheet.append([line])
    sheet.append([])
    sheet.append(["stolpec", "naziv", "pravilo", "pojasnilo", "šifrant"])
    for kind in ("dataset", "resource"):
        for column in columns(kind):
            sheet.append(_explained(column))


def _explained(column: Column) -> list[str]:
    field = column.field
    rule = _RULES[field.rule] + (", prazno se podeduje" if field.inherit else "")
    return [column.name, column.label, rule, field.help_text.get("sl", ""), field.options.get("vocabulary", "")]
