"""What a distribution must carry, from wherever it is installed; a wheel made from the sdist carries it too."""

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[1]
DATA = {
    "schemas": ["dataset.yaml", "system.yaml", "series.yaml", "organization.yaml", "group.yaml", "presets.yaml",
                "internal.yaml",
                "problems.yaml", "defaults.yaml", "py.typed", "vocabularies/frequency.json"],
    "harvesters": ["py.typed", "presets/demo-krskolesom.yaml"],
    "ckanext.kranj": ["config_declaration.yaml", "catalogue/city.yaml", "catalogue/licences.json",
                      "catalogue/steps.yaml", "assets/kranj.css", "assets/form.js",
                      "assets/webassets.yml", "templates/home/index.html", "i18n/sl/LC_MESSAGES/ckanext-kranj.mo",
                      "i18n/sl/LC_MESSAGES/ckanext-kranj.po", "migration/kranj/alembic.ini",
                      "migration/kranj/env.py", "migration/kranj/versions/001_internal.py"],
}  # fmt: skip
OURS = ("kranj", "kranj_exchange", "kranj_feed", "kranj_harvest")


@pytest.mark.parametrize(("package", "name"), [(package, name) for package, names in DATA.items() for name in names])
def test_data_files_are_there(package, name):
    assert (files(package) / name).is_file()


@pytest.mark.parametrize("name", OURS)
def test_plugins_are_found(name):
    found = [point for point in entry_points(group="ckan.plugins") if point.name == name]
    assert len(found) == 1
    assert found[0].value.startswith("ckanext.kranj.")


def test_connectors_are_found():
    names = {point.name for point in entry_points(group="kranj.connectors")}
    assert {"dcat", "gbfs"} <= names


def test_the_namespace_is_shared():
    import ckanext.dcat
    import ckanext.harvest
    import ckanext.kranj
    import ckanext.scheming

    places = {Path(module.__file__).parents[1] for module in (ckanext.dcat, ckanext.harvest, ckanext.scheming)}
    assert places
    assert ckanext.kranj.__name__ == "ckanext.kranj"
    assert not (ROOT / "ckanext-kranj" / "ckanext" / "__init__.py").exists()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """A wheel built from an sdist of what git tracks."""
    if not (ROOT / ".git").exists():
        pytest.skip("only from a checkout can a distribution be built")
    folder = tmp_path_factory.mktemp("build")
    source = folder / "source"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in listed.decode("utf-8").split("\0"):
        if name and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(source)],
        check=True, capture_output=True,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_everything_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for package, wanted in DATA.items():
        for name in wanted:
            assert f"{package.replace('.', '/')}/{name}" in names
    assert "ckanext/__init__.py" not in names
    assert not [name for name in names if name.endswith((".pyc", ".pth")) or name.startswith(("tests/", "deployment/"))]


def test_the_wheel_works_outside_the_checkout(wheel, tmp_path):
    target = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(target), str(wheel)],
        check=True, capture_output=True,
    )  # fmt: skip
    shutil.copy2(__file__, tmp_path / "test_packaging.py")
    environment = {**os.environ, "PYTHONPATH": str(target)}
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:ckan", "-p", "no:ckan_fixtures", "-p", "no:cacheprovider",
         "-k", "data_files or plugins or connectors", "--import-mode=importlib", "test_packaging.py"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    assert " passed" in result.stdout
    where = subprocess.run(
        [sys.executable, "-c", "import schemas; print(schemas.__file__)"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(target))
