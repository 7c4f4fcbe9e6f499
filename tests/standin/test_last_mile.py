"""The last mile: a second, stock CKAN harvests us by both stock harvesters, as the national portal would."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

import ckan.plugins.toolkit as tk

ROOT = Path(__file__).parents[2]
OF_THE_HARVESTER = {"metadata_modified", "metadata_created"}


class Standin:
    """The second site, on a database, core and Redis number of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def run(self, *arguments: str) -> Any:
        command = [sys.executable, "-W", "ignore", str(ROOT / "deployment" / "standin" / "site.py"), *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    def harvest(self, *ways: str) -> None:
        found = self.run("harvest", *ways)
        assert all(one["errors"] == [] for one in found.values()), found

    def shows(self, way: str) -> dict[str, dict[str, Any]]:
        """Datasets by the identifier that they have with us."""
        return {(value(one, "identifier") or one["id"]): one for one in self.run("show")[way]}


def value(dataset: dict[str, Any], key: str) -> Any:
    """A field or an extra."""
    return dataset.get(key) or next((one["value"] for one in dataset.get("extras", ()) if one["key"] == key), None)


def settled(dataset: dict[str, Any]) -> Any:
    """A dataset without what every harvest writes anew."""

    def clean(found: Any) -> Any:
        if isinstance(found, dict):
            return {key: clean(one) for key, one in found.items() if key not in OF_THE_HARVESTER}
        if isinstance(found, list):
            kept = [
                one for one in found if not (isinstance(one, dict) and str(one.get("key", "")).startswith("harvest_"))
            ]
            return [clean(one) for one in kept]
        return found

    return clean(dataset)


@pytest.fixture(scope="module")
def environment(servers: Callable[[str], dict[str, str]]) -> dict[str, str]:
    """Addresses of the stand-in's own servers."""
    return {**servers("standin"), "CKAN_SITE_URL": "http://standin.example.si"}


@pytest.fixture
def address(catalogue: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Our portal on a real socket."""
    server = make_server("127.0.0.1", 0, catalogue.flask_app, threaded=True)
    address = f"http://127.0.0.1:{server.port}"
    for key in ("ckan.site_url", "ckanext.dcat.base_uri"):
        monkeypatch.setitem(tk.config, key, address)
    monkeypatch.setitem(tk.config, "kranj.feed.page_size", 2)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def act(catalogue: Any) -> Any:
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    return lambda name, **data: tk.get_action(name)({"ignore_auth": True, "user": user}, data)


@pytest.fixture
def made(act: Any, complete_dataset: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Three public datasets, a public description of closed data, and what nobody may see."""

    def create(title: str, **changes: Any) -> dict[str, Any]:
        titles = {"sl": title, "en": f"{title} (en)"}
        return act("package_create", **{**copy.deepcopy(complete_dataset), "title_translated": titles, **changes})

    found = {title: create(title) for title in ("Prva zbirka", "Druga zbirka", "Tretja zbirka")}
    found["Zaprti podatki"] = create(
        "Zaprti podatki", secrecy="osebni-podatki", protection_grounds=[{"ground": "osebni-podatki"}],
        access_method="on-request", aggregation="izvorni", license_id="",
        resources=[{"name_translated": {"sl": "Register"}, "format": "CSV"}],
        internal={**complete_dataset["internal"], "processing": {"purpose": "Naloga", "legal_basis": ["6-1-e"]}},
    )  # fmt: skip
    for level in ("internal", "organization", "restricted"):
        found[f"Skrivna {level}"] = create(f"Skrivna {level}", visibility=level)
    found["Skrivni osnutek"] = create("Skrivni osnutek", state="draft")
    return found


@pytest.fixture
def standin(environment: dict[str, str], address: str, made: dict[str, Any]) -> Standin:
    """Emptied and prepared."""
    site = Standin(environment)
    ckan = str(Path(sys.executable).with_name("ckan"))
    ini = str(ROOT / "deployment" / "standin" / "standin.ini")
    for command in (["db", "clean", "--yes"], ["search-index", "clear"]):
        subprocess.run([ckan, "-c", ini, *command], env=environment, capture_output=True, check=False)
    site.run("prepare", f"{address}/catalog.rdf", address)
    return site


def public(made: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for title, one in made.items() if not title.startswith("Skriv")}


def test_the_dcat_way(standin: Standin, made: dict[str, dict[str, Any]], act: Any) -> None:
    standin.harvest("dcat")
    first = standin.shows("dcat")
    ours = public(made)
    assert set(first) == set(ours)  # every public one once (a second of the same would collide), nothing else
    assert len(standin.run("show")["dcat"]) == len(ours)
    for identifier, found in first.items():
        own = ours[identifier]
        assert (found["title"], found["notes"]) == (own["title"], own["notes"])
        assert value(found, "publisher_name") == own["organization"]["title"]
        assert json.loads(value(found, "theme")) == ["http://publications.europa.eu/resource/authority/data-theme/TRAN"]
        assert len(found["resources"]) == len(own["resources"])
        if own["secrecy"] == "javno":
            one = found["resources"][0]
            assert one["license"] == "http://publications.europa.eu/resource/authority/licence/CC_BY_4_0"
            assert one["url"] == own["resources"][0]["url"]
            assert one["mimetype"].endswith("text/csv")
    standin.harvest("dcat")
    second = standin.shows("dcat")
    assert {key: settled(one) for key, one in second.items()} == {key: settled(one) for key, one in first.items()}
    withdrawn, deleted = made["Prva zbirka"]["id"], made["Druga zbirka"]["id"]
    act("package_patch", id=withdrawn, visibility="internal")
    act("package_delete", id=deleted)
    standin.harvest("dcat")
    assert set(standin.shows("dcat")) == set(ours) - {withdrawn, deleted}
    act("package_patch", id=withdrawn, visibility="public")
    standin.harvest("dcat")
    assert set(standin.shows("dcat")) == set(ours) - {deleted}


def test_the_ckan_way(standin: Standin, made: dict[str, dict[str, Any]]) -> None:
    standin.harvest("ckan")
    first = standin.shows("ckan")
    ours = public(made)
    assert set(first) == set(ours)
    for identifier, found in first.items():
        own = ours[identifier]
        assert (found["name"], found["title"], found["notes"]) == (own["name"], own["title"], own["notes"])
        assert (found.get("license_id") or "") == (own.get("license_id") or "")
        assert {one.get("url") or "" for one in found["resources"]} == {
            one.get("url") or "" for one in own["resources"]
        }
