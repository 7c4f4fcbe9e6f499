"""The local stack is a package beside the commands, outside the distribution: these tests put it on the path."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "deployment"))

from stack.state import State  # noqa: E402 - needs the path above


@pytest.fixture
def state(tmp_path):
    """An opened, empty state folder."""
    folder = State(tmp_path / "state")
    folder.open()
    return folder


@pytest.fixture(scope="session")
def command():
    """Run ``deployment/NAME``; the environment is ours without the test stack's addresses."""

    def run(name, *arguments, timeout=60, **environment):
        values = {key: value for key, value in os.environ.items() if not key.startswith(("CKAN_", "KRANJ_"))}
        values |= {"KRANJ_VENV": sys.prefix, "KRANJ_PYTHON": sys.executable, **environment}
        return subprocess.run(
            [ROOT / "deployment" / name, *arguments],
            env={key: str(value) for key, value in values.items()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run
