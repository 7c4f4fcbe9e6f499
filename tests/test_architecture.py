"""Imports point one way: ckanext.kranj -> harvesters -> schemas, and never back (DESIGN 2)."""

import ast
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[1]
KRANJ = "ckanext-kranj/ckanext/kranj"
FORBIDDEN = {
    "schemas": ("harvesters", "ckan", "ckanext", "deployment"),
    "harvesters": ("ckan", "ckanext", "deployment"),
    KRANJ: ("deployment", "tests"),
    f"{KRANJ}/database": ("ckanext",),
}
OPTIONAL = ("harvest", "feed", "opsi", "exchange")
"""Capabilities that a portal may leave out: the rest must not import them."""


def imports(path):
    """Dotted names that a file imports, with their lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def offences(folder, forbidden, skip=()):
    for path in sorted((ROOT / folder).rglob("*.py")):
        if any(part in skip for part in path.relative_to(ROOT / folder).parts):
            continue
        for name, line in imports(path):
            if any(name == other or name.startswith(other + ".") for other in forbidden):
                yield f"{path.relative_to(ROOT)}:{line} imports {name}"


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_imports_point_one_way(folder):
    assert list(offences(folder, FORBIDDEN[folder])) == []


def test_the_core_does_not_import_what_may_be_left_out():
    forbidden = tuple(f"ckanext.kranj.{name}" for name in OPTIONAL)
    assert list(offences(KRANJ, forbidden, skip=OPTIONAL)) == []


def test_capabilities_do_not_import_each_other():
    assert list(offences(f"{KRANJ}/harvest", ("ckanext.kranj.feed",))) == []
    assert list(offences(f"{KRANJ}/feed", ("ckanext.kranj.harvest", "ckanext.kranj.opsi"))) == []
    assert list(offences(f"{KRANJ}/opsi", ("ckanext.kranj.harvest",))) == []  # it needs the feed, and says so


def test_the_check_finds_an_offence(tmp_path, monkeypatch):
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "a.py").write_text("from harvesters import engine\n", encoding="utf-8")
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    assert list(offences("schemas", FORBIDDEN["schemas"])) == ["schemas/a.py:1 imports harvesters"] * 1 + [
        "schemas/a.py:1 imports harvesters.engine"
    ]


def test_plugins_are_tables_of_contents():
    for path in (ROOT / KRANJ).rglob("plugin.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 40, path


def test_public_names_exist():
    for package in ("schemas", "harvesters"):
        module = __import__(package)
        assert sorted(module.__all__) == sorted(set(module.__all__))
        assert [name for name in module.__all__ if not hasattr(module, name)] == []
