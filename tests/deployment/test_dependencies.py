"""The lock files pin everything that is installed, and every direct dependency has its reason."""

import ast
import importlib.metadata
import re

import pytest
from packaging.utils import canonicalize_name
from stack import steps
from stack.python import FILES_LOCK, LOCK, TEST_LOCK
from stack.state import ROOT

pytestmark = pytest.mark.unit

OURS = "ckanext-kranj"
OF_THE_ENVIRONMENT = {"pip", OURS}
STAND_IN = {"psycopg2": "psycopg2-binary"}


def pins(file):
    lines = [line.split("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines()]
    return dict(line.partition(";")[0].strip().split("==") for line in lines if line)


def direct():
    tree = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))
    call = next(node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.keywords)
    value = next(keyword.value for keyword in call.keywords if keyword.arg == "install_requires")
    return {canonicalize_name(re.match(r"[\w.-]+", item)[0]) for item in ast.literal_eval(value)}


def test_every_line_pins_one_version():
    for file in (LOCK, TEST_LOCK, FILES_LOCK):
        for line in file.read_text(encoding="utf-8").splitlines():
            assert re.fullmatch(r"#.*|[a-z0-9-]+==[\w.]+( ; python_version < \"3.12\")?", line), line
    assert not pins(LOCK).keys() & pins(TEST_LOCK).keys()


def test_everything_needed_is_pinned():
    """Walk the requirements of what is installed: each one that applies here stands in a lock file."""
    from packaging.requirements import Requirement

    locked = pins(LOCK) | pins(TEST_LOCK)
    for name in [*locked, OURS]:
        try:
            requirements = importlib.metadata.distribution(name).requires or []
        except importlib.metadata.PackageNotFoundError:
            continue
        extra = {"extra": "requirements" if name == "ckan" else ""}
        for requirement in map(Requirement, requirements):
            if requirement.marker is None or requirement.marker.evaluate(extra):
                wanted = canonicalize_name(requirement.name)
                assert STAND_IN.get(wanted, wanted) in locked, f"{name} needs {requirement}"


def test_direct_dependencies_are_pinned_and_explained():
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([a-z0-9-]+)`", text, re.M))
    assert direct() <= pins(LOCK).keys()
    assert direct() <= explained
    assert pins(FILES_LOCK).keys() <= explained
    assert explained <= set().union(*map(pins, (LOCK, TEST_LOCK, FILES_LOCK))), "explained, but not installed"


def test_the_lock_files_name_no_registry():
    for file in (LOCK, TEST_LOCK, FILES_LOCK):
        assert "://" not in file.read_text(encoding="utf-8")


def test_preparation_knows_every_step_of_the_table():
    source = (ROOT / "deployment" / "prepare.py").read_text(encoding="utf-8")
    table = next(
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.AnnAssign) and node.target.id == "STEPS"
    )
    assert [step.name for step in steps.TABLE] == [key.value for key in table.keys]


def test_operations_page_names_every_command():
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for words in ("run --detach", "run stop", "run status", "run logs", "run reset", "run ckan", "run --port"):
        assert f"./deployment/{words}" in text, words
    for words in ("test unit", "test long", "test up", "test env", "test down"):
        assert f"./deployment/{words}" in text, words
    for variable in (
        "KRANJ_STATE",
        "KRANJ_PYTHON",
        "KRANJ_VENV",
        "SSL_CERT_FILE",
        "CKAN_SQLALCHEMY_URL",
        "CKAN_SITE_URL",
    ):
        assert f"`{variable}`" in text, variable
