"""Every attack on every installed connector, in a process of its own, so that its memory can be measured."""

import json
import subprocess
import sys

import pytest

from harvesters import installed_connectors
from harvesters.hostile import ATTACKS, Hostile, play

WITHOUT_NETWORK = {"folder", "memory", "sql"}
"""Connectors that read no address: their own guards are tested beside them."""


def test_every_attack_on_every_connector_removes_nothing_and_ends_with_a_sentence():
    given = [sys.executable, "-W", "ignore", "-m", "harvesters.hostile"]
    done = subprocess.run(given, capture_output=True, check=False, text=True, timeout=550)
    *faults, summary = done.stdout.strip().splitlines()
    assert faults == [], done.stderr[-2000:]
    found = json.loads(summary)
    assert found["connectors"] == len(installed_connectors())
    assert found["attacks"] == len(ATTACKS) >= 60
    assert found["runs"] == found["connectors"] * found["attacks"]
    assert found["faults"] == 0
    assert set(found["not_reached"]) <= WITHOUT_NETWORK
    assert found["peak_mb"] < 250


@pytest.mark.unit
def test_the_check_finds_a_connector_that_behaves_badly():
    """One that believes an empty answer, repeats what it read, or follows what it reads, is found out."""
    from harvesters import Connector

    class Gullible(Connector):
        name, title = "gullible", {"sl": "x", "en": "x"}

        def records(self, ctx):
            text = ctx.fetch(self.settings.url).text()[0]
            raise KeyError(text)
            yield

    with Hostile() as server:
        verdict = play(server, Gullible, "an ArcGIS error")
    assert "the connector broke" in verdict.faults
