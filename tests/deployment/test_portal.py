"""A whole portal in a folder of its own: starts, survives kills, stops without a trace, continues where it was."""

import json
import os
import re
import signal
import socket
import time
import urllib.request

import pytest
import requests
from stack.processes import processes
from stack.state import State

PROGRAMS = {"postgres", "redis", "solr", "demo", "web", "worker", "jobs"}


@pytest.fixture(scope="module")
def portal(tmp_path_factory, command):
    """A detached portal; its state folder has a space and a letter outside ASCII in its name."""
    state = State(tmp_path_factory.mktemp("čebelnjak v Kranju"))

    def run(*arguments):
        return command("run", *arguments, timeout=280, KRANJ_STATE=state.folder)

    started = run("--detach")
    try:
        assert started.returncode == 0, started.stdout + started.stderr
        yield state, run, started.stdout
    finally:
        run("stop")
        run("reset", "--yes")


def status(run):
    done = run("status", "--json")
    return json.loads(done.stdout)


def until_running(run, seconds=90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = status(run)
        if found["running"]:
            return found
        time.sleep(0.5)
    raise AssertionError(f"not running after {seconds} s: {found}")


def get(address):
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read().decode()


def test_it_serves_the_harvested_city(portal):
    _, run, output = portal
    found = until_running(run)
    assert {item["name"] for item in found["programs"]} == PROGRAMS
    assert found["datasets"] >= 60
    assert f"with {found['datasets']} public datasets" in output
    assert "✗" not in output
    answer = json.loads(get(f"{found['address']}/api/3/action/package_search?rows=1000"))["result"]
    assert len(answer["results"]) == answer["count"] == found["datasets"]


def test_the_password_is_shown_once_and_opens_the_portal(portal):
    state, run, output = portal
    password = re.search(r"password: (\S+)", output)[1]
    again = run("--detach")
    assert again.returncode == 0
    assert password not in again.stdout
    assert password not in state.file.read_text(encoding="utf-8")
    address = status(run)["address"]
    with requests.Session() as browser:
        form = browser.get(f"{address}/user/login", timeout=30).text
        token = re.search(r'name="_csrf_token"[^>]*value="([^"]+)"', form)[1]
        fields = {"_csrf_token": token, "login": "admin", "password": password}
        browser.post(f"{address}/user/login", data=fields, timeout=30)
        assert browser.get(f"{address}/ckan-admin", timeout=30).status_code == 200
    assert requests.get(f"{address}/ckan-admin", timeout=30).url.partition("?")[0].endswith("/user/login")


def test_secrets_are_for_the_owner_only(portal):
    state, *_ = portal
    for name in ("state.json", "ckan.ini", "redis.conf", "supervisor.conf"):
        assert (state.folder / name).stat().st_mode & 0o077 == 0, name


@pytest.mark.parametrize("name", [*sorted(PROGRAMS), "supervisor", "keeper"])
def test_a_killed_process_comes_back_by_itself(portal, name):
    state, run, _ = portal
    before = until_running(run)
    if name == "supervisor":
        pid = int((state.folder / "run" / "supervisor.pid").read_text())
    elif name == "keeper":
        pid = int((state.folder / "keeper.lock").read_text())
    else:
        pid = next(item["pid"] for item in before["programs"] if item["name"] == name)
    os.kill(pid, signal.SIGKILL)
    time.sleep(1.5)
    assert until_running(run)["datasets"] == before["datasets"]


def test_kill_everything_then_run_again_then_stop(portal):
    state, run, _ = portal
    assert run("--detach").returncode == 0
    before = until_running(run)["datasets"]
    state.read()
    for pid in processes(state):
        os.kill(pid, signal.SIGKILL)
    assert run("status").returncode == 3
    assert run("--detach").returncode == 0
    assert until_running(run)["datasets"] == before
    assert run("stop").returncode == 0
    assert processes(state) == []
    again = run("--detach")
    assert again.returncode == 0
    assert "First harvest" not in again.stdout
    assert until_running(run)["datasets"] == before


def test_a_taken_port_is_one_sentence(portal):
    state, run, _ = portal
    assert run("stop").returncode == 0
    state.read()
    with socket.create_server(("127.0.0.1", state.values["ports"]["web"])):
        done = run("--detach")
    assert done.returncode == 1
    assert "is in use by another program" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr
    assert processes(state) == []
