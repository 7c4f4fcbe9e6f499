"""The faults of docs/upstream.md are still there: each is seen on the stock software, in its smallest way.

A test that fails here is good news: the fault is mended, and what we do around it may go.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FAULTS: dict[str, Callable[[Any], bool]] = {
    "comes_back": lambda seen: seen == ["deleted"],
    "crawls_lose": lambda seen: seen == 2,
    "quadratic": lambda seen: seen > 3,  # twice the datasets, about four times the work
    "formats": lambda seen: seen == [500, 500],
    "pages": lambda seen: seen == [409, 200],
    "bad_text": lambda seen: seen.startswith("ParseError"),
    "links": lambda seen: "q=a&b" in seen[0] and seen[1] == "Literal",
    "organisations": lambda seen: seen == ["Mesto", "Mesto"],
    "validators": lambda seen: seen == [],
    "catalogue": lambda seen: seen == [None, "Literal"],
    "source_forgets": lambda seen: seen == ["dcat_rdf", None],
    "idle_consumer": lambda seen: "TimeoutError" in seen,
    "namespaces": lambda seen: seen > 12,  # linear would be eight
}


@pytest.fixture(scope="module")
def seen(servers: Callable[[str], dict[str, str]]) -> dict[str, Any]:
    """What the reproductions saw, all in one process on servers of its own."""
    command = [sys.executable, "-W", "ignore", str(HERE / "reproductions.py")]
    done = subprocess.run(command, env=servers("upstream"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("fault", FAULTS)
def test_the_fault_is_there(seen: dict[str, Any], fault: str) -> None:
    assert FAULTS[fault](seen[fault]), seen[fault]


@pytest.mark.unit
def test_the_page_names_every_reproduction() -> None:
    page = (ROOT / "docs" / "upstream.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`reproductions\.(\w+)`", page)) == set(FAULTS)
