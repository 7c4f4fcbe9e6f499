"""The demonstration city's register of systems: entries that the standard accepts, with something to find in them."""

from pathlib import Path

import pytest
import yaml

from schemas import complete_system, validate_system

pytestmark = pytest.mark.unit

DEMO = Path(__file__).parents[2] / "deployment" / "demo"
ENTRIES = yaml.safe_load((DEMO / "register.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["title_translated"]["sl"])
def test_an_entry_is_what_the_standard_asks_for(entry):
    assert [problem.code for problem in validate_system(complete_system(entry)) if problem.severity == "error"] == []


def test_no_system_stands_twice_and_each_has_an_owner_of_the_city():
    titles = [entry["title_translated"]["sl"] for entry in ENTRIES]
    assert len(set(titles)) == len(titles)
    city = Path("ckanext-kranj/ckanext/kranj/catalogue/city.yaml")
    known = {item["name"] for item in yaml.safe_load((DEMO.parents[1] / city).read_text("utf-8"))["organizations"]}
    assert {entry["owner_org"] for entry in ENTRIES} <= known
