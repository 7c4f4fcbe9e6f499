"""Servers of their own for stock sites."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def servers() -> Callable[[str], dict[str, str]]:
    """The environment with the addresses of a database, core and Redis number that belong to a name."""

    def of(name: str) -> dict[str, str]:
        command = [str(ROOT / "deployment" / "test"), "env", "--name", name]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        lines = [line.removeprefix("export ").split("=", 1) for line in told.splitlines() if line.startswith("export ")]
        return {**os.environ, **{key: shlex.split(text)[0] for key, text in lines}}

    return of
