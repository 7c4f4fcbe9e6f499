"""``deployment/test``: the test stack and the one command for the whole test suite."""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from . import jars, python
from .errors import StackError
from .processes import marked
from .progress import say, step
from .servers import Servers
from .state import ROOT, State, state_folder
from .supervise import Supervisor

HELP = """\
Run the tests on servers of their own, never the portal's.

  test                    everything: style, types, packages, unit tests, tests with servers
  test unit               the part that needs no servers (seconds)
  test long               the large-number runs
  test PYTEST-ARGUMENTS   these tests only, for example: test tests/schemas -k frequency
  test up | down          start the test servers and leave them running | stop them
  test env [--name NAME]  print the addresses of a database, core and Redis number of one's own

KRANJ_STATE=DIR           another state folder for the test servers (default: .state-test)
KRANJ_CORPUS=DIR          recorded responses of real systems; tests over them skip without it
"""
DEFAULT_NAME = "main"
REDIS_DATABASES = 256
WITHOUT_CKAN = ["-p", "no:ckan", "-p", "no:ckan_fixtures", "-o", "addopts=--import-mode=importlib --strict-markers -ra"]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main(arguments: list[str]) -> int:
    """Run one sub-command; returns the exit status."""
    state = State(state_folder(".state-test"))
    first, rest = (arguments[0], arguments[1:]) if arguments else ("all", [])
    if first in ("-h", "--help"):
        say(HELP)
    elif first == "up":
        up(state)
    elif first == "down":
        down(state)
    elif first == "env":
        _print_environment(state, rest)
    elif first == "unit":
        _install(state)
        return _pytest(state, [*WITHOUT_CKAN, "-m", "unit and not long", *rest])
    else:
        return _suite(state, first, rest, arguments)
    return 0


def servers_of(state: State) -> Servers:
    """The test stack's servers: own databases and cores, never the portal's."""
    return Servers(state, python.software(), durable=False)


def up(state: State) -> Servers:
    """Start the test servers, or find them running.

    Raises:
        StackError: the state folder is a portal's, or a server does not start.
    """
    _install(state)
    with state.locked():
        state.open()
        if state.values.setdefault("kind", "test") != "test":
            raise StackError(
                f"{state.folder} is the state folder of a portal.", "Set KRANJ_STATE to another folder for the tests."
            )
        state.save()
        servers = servers_of(state)
        if servers.supervisor.running():
            servers.remember()
            servers.wait()
        else:
            servers.prepare()
            servers.supervisor.configure([server.program() for server in servers.all])
            servers.start()
    return servers


def environment(state: State, servers: Servers, name: str) -> dict[str, str]:
    """The addresses of the database, core and Redis number that belong to ``name``; made when missing.

    Raises:
        StackError: the name is not usable, or there is no Redis database left.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", name):
        raise StackError(f"{name!r} is no name for a test database.", "Use small letters, digits and underscores.")
    if not (servers.postgres and servers.redis and servers.solr):
        raise StackError("The test stack lacks a server.", "Start it with './deployment/test up'.")
    with state.locked():
        state.read()
        numbers: dict[str, int] = state.values.setdefault("names", {})
        if name not in numbers:
            numbers[name] = max(numbers.values(), default=0) + 1
            if numbers[name] >= REDIS_DATABASES:
                raise StackError("All Redis databases are in use.", f"Stop the servers and delete {state.folder}.")
            state.save()
        servers.postgres.ensure_database(f"kranj_test_{name}")
        servers.solr.ensure_core(f"kranj_test_{name}")
    return {
        "CKAN_SQLALCHEMY_URL": servers.postgres.url(f"kranj_test_{name}"),
        "CKAN_SOLR_URL": servers.solr.url(f"kranj_test_{name}"),
        "CKAN_REDIS_URL": servers.redis.url(numbers[name]),
    }


def down(state: State) -> None:
    """Stop the test servers and everything they started."""
    with state.locked():
        if state.exists:
            state.open()
            Supervisor(state, python.software()).stop()


def _suite(state: State, first: str, rest: list[str], arguments: list[str]) -> int:
    """Checks and tests with servers; whatever this call started is stopped at its end, also after Ctrl-C."""
    whole = first == "all" and not rest
    _install(state)
    failed = []
    if whole:
        _install_browser()
        failed = [label for label, command in _checks() if not _check(label, command)]
    with _running(state) as servers:
        addresses = environment(state, servers, os.environ.get("KRANJ_TEST_NAME") or DEFAULT_NAME)
        if whole:
            chosen = ["-m", "not long"]
        elif first == "long":
            chosen = ["-m", "long", *rest]
        else:
            chosen = arguments
        status = _pytest(state, chosen, addresses)
    if failed:
        print(f"Failed besides: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else status


@contextmanager
def _running(state: State) -> Iterator[Servers]:
    """The test servers for the time of one run; left running when they ran before."""
    already = state.exists and Supervisor(state, python.software()).running()
    try:
        yield up(state)
    finally:
        if not already:
            down(state)


def _install(state: State) -> None:
    state.make()
    with python.installing():
        python.install(tests=True)
        jars.install(python.software())


def _checks() -> list[tuple[str, list[str]]]:
    tool = python.software().tool
    return [
        ("ruff check", [str(tool("ruff")), "check", "."]),
        ("ruff format", [str(tool("ruff")), "format", "--check", "."]),
        ("mypy", [str(tool("mypy"))]),
        ("pip check", [str(tool("python")), "-m", "pip", "check", "--disable-pip-version-check"]),
    ]


def _check(label: str, command: list[str]) -> bool:
    with step(label) as result:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        result.good = done.returncode == 0
    if not result.good:
        say(f"{done.stdout}{done.stderr}".strip())
    return result.good


def _pytest(state: State, arguments: list[str], addresses: dict[str, str] | None = None) -> int:
    """Run pytest; its closing line is the last line of this command."""
    values = marked(state, addresses)
    values.setdefault("KRANJ_CHROMIUM", next((found for name in CHROMIUM if (found := shutil.which(name))), ""))
    command = [str(python.software().python), "-m", "pytest", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, env=values)
    try:
        status = process.wait()
    except KeyboardInterrupt:
        process.wait()  # the terminal told pytest, too; it reports and ends
        raise
    return status


def _install_browser() -> None:
    """Fetch Debian's chromium for the browser tests where this account may install packages."""
    if any(shutil.which(name) for name in CHROMIUM):
        return
    apt = shutil.which("apt-get")
    if os.geteuid() != 0 or not apt:
        say("  -  No chromium and no right to install it: browser tests are skipped (apt install chromium).")
        return
    values = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with step("Chromium for the browser tests"):
        install = [apt, "install", "-y", "-q", "--no-install-recommends", "chromium"]
        for command in (install, [apt, "update", "-q"], install):
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env=values, check=False)
            if command is install and done.returncode == 0:
                break
    if not any(shutil.which(name) for name in CHROMIUM):
        say("  -  Chromium could not be installed: browser tests are skipped.")


def _print_environment(state: State, arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="deployment/test env")
    parser.add_argument("--name", default=os.environ.get("KRANJ_TEST_NAME") or DEFAULT_NAME)
    name = parser.parse_args(arguments).name
    for key, value in environment(state, up(state), name).items():
        print(f"export {key}={shlex.quote(value)}")
