"""A thousand descriptions that nobody wrote, against the official shapes (``deployment/test long``)."""

from __future__ import annotations

import copy
import os
import random
from pathlib import Path
from typing import Any

import pytest

from ckanext.kranj.feed import pages, quality
from ckanext.kranj.feed.catalogue import Paging
from ckanext.kranj.feed.pages import Content
from ckanext.kranj.feed.shapes import violations

SHAPES = os.environ.get("KRANJ_SHACL", "")
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not SHAPES, reason="KRANJ_SHACL does not name the folder with the official shapes"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
NUMBER, TOGETHER = 1000, 50
ODD: tuple[Any, ...] = (
    None, "", "beseda", "a\x0bb \ud83d \u202e", {"sl": "samo slovensko"}, {"xx-": "?"}, [], ["", None, "dve"], 7, -1.5,
    True, "2026-02-30", "https://example.si/a b<c>", "file:///etc/passwd", [{"name": ""}],
    [{"start": "2026", "end": "x"}],
    [{"uri": "a b", "text": "Kranj", "geom": "{}"}], ["NEVER", "CSV", "TRAN"],
)  # fmt: skip


def generated(dataset: dict[str, Any], number: int) -> dict[str, Any]:
    """A variant of the complete dataset: some fields gone, some replaced by something else's value or by nonsense."""
    chance = random.Random(number)  # noqa: S311 - the same records in every run
    found = copy.deepcopy(dataset)
    found["id"] = f"00000000-0000-4000-8000-{number:012d}"
    fields = sorted(set(found) - {"id", "name", "type", "state", "private", "resources", "owner_org"})
    for field in chance.sample(fields, chance.randint(0, len(fields) // 2)):
        found[field] = chance.choice((None, chance.choice(ODD), copy.deepcopy(dataset[chance.choice(fields)])))
    for resource in found["resources"]:
        names = sorted(set(resource) - {"id"})
        for field in chance.sample(names, chance.randint(0, len(names) // 2)):
            resource[field] = chance.choice(ODD)
    return found


def test_a_thousand_generated_records_conform(
    dataset: dict[str, Any], organizations: dict[str, Any], settings: Any
) -> None:
    found: list[str] = []
    for start in range(0, NUMBER, TOGETHER):
        datasets = [generated(dataset, number) for number in range(start, start + TOGETHER)]
        content = Content(datasets, organizations)
        paging = Paging(f"{settings.site_url}/catalog.ttl", 1, 1, len(datasets), TOGETHER, None, None)
        body = pages.catalogue_page(content, settings, paging, "ttl")
        assert body.count(b" a dcat:Dataset ") == TOGETHER
        official = [
            one
            for name in ("shapes.ttl", "range.ttl", "mdr-vocabularies.shape.ttl")
            for one in violations(body, Path(SHAPES) / "dcat-ap-3.0.1" / name)
        ]
        found += [f"{one.node} {one.field} {one.message}" for one in (*official, *quality.compact(body))]
    assert found[:10] == []
