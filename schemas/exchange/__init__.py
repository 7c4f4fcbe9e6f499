"""Descriptions as tables: one row per dataset, one per resource, for Excel and CSV. No CKAN."""

from schemas.exchange.columns import Column, columns, row_of, values_of
from schemas.exchange.reading import RESOURCES, Row, Table, read_table
from schemas.exchange.workbook import write_template, write_workbook

__all__ = [
    "RESOURCES",
    "Column",
    "Row",
    "Table",
    "columns",
    "read_table",
    "row_of",
    "values_of",
    "write_template",
    "write_workbook",
]
