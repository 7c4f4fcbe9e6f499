"""``deployment/test``: the test stack and the one command for the whole test suite."""

import argparse
import os
import re
import shlex

from . import jars, python
from .errors import StackError
from .servers import Servers
from .state import State, state_folder
from .supervise import Supervisor

DEFAULT_NAME = "main"
REDIS_DATABASES = 256


def servers_of(state: State) -> Servers:
    """The test stack's servers: own databases and cores, never the portal's."""
    return Servers(state, python.software(), durable=False)


def up(state: State) -> Servers:
    """Start the test servers, or find them running."""
    with state.locked():
        state.open()
        if state.values.setdefault("kind", "test") != "test":
            raise StackError(
                f"{state.folder} is the state folder of a portal.", "Set KRANJ_STATE to another folder for the tests."
            )
        state.save()
        python.install(tests=True)
        servers = servers_of(state)
        if servers.supervisor.running():
            servers.remember()
            servers.wait()
        else:
            servers.prepare()
            servers.supervisor.configure([server.program() for server in servers.all])
            servers.start()
    return servers


def environment(state: State, name: str) -> dict[str, str]:
    """The addresses of the database, core and Redis number that belong to ``name``; made when missing.

    Raises:
        StackError: the name is not usable, or there is no Redis database left.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", name):
        raise StackError(f"{name!r} is no name for a test database.", "Use small letters, digits and underscores.")
    servers = up(state)
    assert servers.postgres and servers.redis and servers.solr  # noqa: S101
    with state.locked():
        state.read()
        numbers: dict[str, int] = state.values.setdefault("names", {})
        if name not in numbers:
            numbers[name] = max(numbers.values(), default=0) + 1
            if numbers[name] >= REDIS_DATABASES:
                raise StackError("All Redis databases are in use.", "Run './deployment/test down --reset'.")
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


def main(arguments: list[str]) -> int:
    """Run one sub-command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="deployment/test")
    parser.add_argument("command", nargs="?", default="all")
    parser.add_argument("--name", default=os.environ.get("KRANJ_TEST_NAME") or DEFAULT_NAME)
    given, rest = parser.parse_known_args(arguments)
    state = State(state_folder(".state-test"))
    if given.command == "up":
        up(state)
    elif given.command == "env":
        for key, value in environment(state, given.name).items():
            print(f"export {key}={shlex.quote(value)}")
    elif given.command == "down":
        down(state)
    return 0
