"""Style sheets are one bundle: what a class looks like is said in one of them, or the last one wins everywhere."""

import re
from collections import defaultdict
from importlib.resources import files

import pytest

pytestmark = pytest.mark.unit


def test_a_class_is_described_in_one_style_sheet() -> None:
    owners = defaultdict(set)
    for sheet in (files("ckanext.kranj") / "assets").iterdir():
        if sheet.name.endswith(".css"):
            for found in re.finditer(r"^\s*\.(kranj-[\w-]+)(?=\s*\{|\s*>)", sheet.read_text("utf-8"), re.M):
                owners[found[1]].add(sheet.name)
    assert len(owners) > 50
    assert {name: sheets for name, sheets in owners.items() if len(sheets) > 1} == {}
