"""A complete description for the tests of the standard."""

import copy
import json
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1] / "data" / "complete_dataset.json"
COMPLETE = json.loads(DATA.read_text(encoding="utf-8"))


@pytest.fixture
def complete_dataset():
    """A public description that satisfies every rule; the test may change it."""
    return copy.deepcopy(COMPLETE)
