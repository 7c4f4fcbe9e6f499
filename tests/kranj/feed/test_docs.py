"""docs/feed.md shows the mapping table: line for line what the code does, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from ckanext.kranj.feed import mapping
from ckanext.kranj.feed.terms import PREFIXES

from schemas import dataset_fields, resource_fields

pytestmark = pytest.mark.unit

PAGE = (Path(__file__).parents[3] / "docs" / "feed.md").read_text(encoding="utf-8")
LINES = (*mapping.DATASET, *mapping.DISTRIBUTION, *mapping.OPEN_DISTRIBUTION)


def short(predicate: NamedNode) -> str:
    return next(
        f"{prefix}:{predicate.value.removeprefix(start)}"
        for prefix, start in PREFIXES.items()
        if predicate.value.startswith(start)
    )


def test_every_line_of_the_mapping_is_shown() -> None:
    shown = set(re.findall(r"^\| `([a-z_]+)` \| `([a-z]+:[A-Za-z]+)` \|", PAGE, re.MULTILINE))
    written_in_code = {("access_services", "dcat:accessService")}
    assert shown == {(field, short(predicate)) for predicate, field, _ in LINES} | written_in_code


def test_every_public_field_is_mapped_or_named_as_kept_back() -> None:
    fields = {field.name for field in (*dataset_fields(), *resource_fields())}
    assert {name for name in fields if f"`{name}`" not in PAGE} == set()
