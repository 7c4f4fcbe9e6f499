"""The portal of one state folder: servers, demo city, web server, harvest worker and jobs under one supervisor."""

import contextlib
import json
import os
import socket
import time
import urllib.request
from typing import Any

from . import config, python, steps
from .errors import StackError
from .processes import end_leftovers, wait_until
from .progress import say, step
from .python import Software
from .servers import Servers
from .standin import NAME as STANDIN
from .standin import Standin
from .state import ROOT, State, port_is_free
from .supervise import Program

FIRST_CHOICE = 5000
EXTERNAL = {"postgres": "CKAN_SQLALCHEMY_URL", "solr": "CKAN_SOLR_URL", "redis": "CKAN_REDIS_URL"}
ADDRESS = "CKAN_SITE_URL"
DATABASE = "kranj"
CORE = "kranj"
SECONDS_TO_ANSWER = 120


class Portal:
    """Everything ``deployment/run`` starts.

    Args:
        state: the opened state folder.
        software: the installation.
        look_only: leave the servers alone; enough for reading the portal's condition and for stopping it.
    """

    def __init__(self, state: State, software: Software, *, look_only: bool = False) -> None:
        self.state = state
        self.software = software
        self.external: dict[str, str] = state.values.get("external", {})
        only = () if look_only else tuple(name for name in EXTERNAL if name not in self.external)
        self.servers = Servers(state, software, only=only)
        self.supervisor = self.servers.supervisor
        self.standin = Standin(state, software, self.servers)

    @property
    def port(self) -> int:
        """The port of the portal."""
        return int(self.state.values["ports"]["web"])

    @property
    def local_url(self) -> str:
        """The address on this machine."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def site_url(self) -> str:
        """The address people use: ``CKAN_SITE_URL`` of the first start, else the local one."""
        return self.external.get("site_url", self.local_url).rstrip("/")

    def answers(self) -> bool:
        """Whether the portal answers an API call."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.local_url}/api/3/action/status_show", timeout=10) as answer:
                return bool(json.load(answer)["success"])
        except (OSError, ValueError, KeyError):
            return False

    def datasets(self) -> int | None:
        """How many public datasets the portal shows; nothing when it does not answer."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.local_url}/api/3/action/package_search?rows=0", timeout=20) as answer:
                return int(json.load(answer)["result"]["count"])
        except (OSError, ValueError, KeyError):
            return None

    def bring_up(self) -> None:
        """Start the servers, prepare the catalogue, serve it. Finds what is running and continues there.

        Raises:
            StackError: something stands in the way; says what and how to mend it.
        """
        python.check_space(self.state.folder, 300)
        if not self.supervisor.running():
            self.start_servers()
        else:
            self.servers.remember()
            self.servers.wait()
        self._own_rooms()
        steps.do(self.state, self.software)
        with step("The portal answers"):
            self.supervisor.ensure_started("web")
            if not wait_until(self.answers, seconds=SECONDS_TO_ANSWER, alive=self.supervisor.running):
                raise StackError("The portal does not answer.", f"See {self.state.folder / 'logs' / 'web.log'}.")
        self.start_programs()  # the worker last: on two processors it would slow the portal's start

    def start_servers(self) -> None:
        """Start the supervisor with the servers and wait until they answer."""
        self.servers.prepare()
        self.choose_web_port()
        self.state.port("demo")
        self.state.port(STANDIN)
        self.supervisor.configure([
            *(server.program() for server in self.servers.all), *self._programs(), self.standin.program(),
        ])  # fmt: skip
        self.servers.start()

    def start_programs(self) -> None:
        """Start what needs the servers."""
        for program in self._programs():
            self.supervisor.ensure_started(program.name)

    def choose_web_port(self, wish: int | None = None) -> None:
        """Choose the portal's port once: 5000, or the next free one; it stays, for it is part of every address.

        Raises:
            StackError: the chosen port is in use by another program.
        """
        ports = self.state.values["ports"]
        chosen = wish or ports.get("web")
        if chosen is None:
            chosen = next((n for n in range(FIRST_CHOICE, FIRST_CHOICE + 500) if port_is_free(n)), FIRST_CHOICE)
        if not port_is_free(chosen):
            raise StackError(
                f"Port {chosen} is in use by another program.",
                "Stop that program, or choose another port: ./deployment/run --port NUMBER.",
            )
        if ports.get("web") != chosen:
            ports["web"] = chosen
            self.state.save()

    def show(self) -> dict[str, Any]:
        """What ``status`` prints."""
        programs = [
            {
                "name": item["name"],
                "state": item["statename"].lower(),
                "pid": item["pid"],
                "seconds": int(item["now"] - item["start"]) if item["pid"] else 0,
            }
            for item in self.supervisor.programs()
            if item["name"] != STANDIN or item["pid"]  # it runs only where it was asked for
        ]
        answers = bool(programs) and "web" in self.state.values["ports"] and self.answers()
        datasets = self.datasets() if answers else None
        all_up = all(item["state"] in ("running", "starting") for item in programs)
        return {
            "running": datasets is not None and all_up,
            "answers": answers,
            "address": self.site_url if "web" in self.state.values["ports"] else None,
            "datasets": datasets,
            "state": str(self.state.folder),
            "programs": programs,
            "external": sorted(name for name in self.external if name in EXTERNAL),
        }

    def _own_rooms(self) -> None:
        """Database and core, then the configuration that names them."""
        servers = self.servers
        with step("Database and search index"):
            if servers.postgres:
                servers.postgres.ensure_database(DATABASE)
            if servers.solr:
                servers.solr.ensure_core(CORE)
        config.write(
            self.state,
            site_url=self.site_url,
            database=servers.postgres.url(DATABASE) if servers.postgres else self.external["postgres"],
            solr=servers.solr.url(CORE) if servers.solr else self.external["solr"],
            redis=servers.redis.url(0) if servers.redis else self.external["redis"],
        )
        self.supervisor.ensure_started("demo")
        port = self.state.values["ports"]["demo"]
        if not wait_until(lambda: _listens(port), seconds=30, alive=self.supervisor.running):
            say(f"  ✗  The demo city does not answer, see {self.state.folder / 'logs' / 'demo.log'}")

    def _programs(self) -> list[Program]:
        python_, ini = str(self.software.python), str(config.path(self.state))
        demo = self.state.values["ports"]["demo"]
        web = [
            "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--workers", "2", "--worker-class", "gthread",
            "--threads", "4", "--timeout", "120", "--graceful-timeout", "15", "--pythonpath",
            str(ROOT / "deployment"), "wsgi:application",
        ]  # fmt: skip
        return [
            Program(
                "demo",
                [python_, str(ROOT / "deployment" / "demo" / "server.py"), "--port", str(demo)],
                autostart=False,
                priority=20,
            ),
            Program(
                "web", [python_, *web], environment={"CKAN_INI": ini}, autostart=False, priority=40, start_seconds=10
            ),
            Program(
                "worker",
                [str(self.software.tool("ckan")), "-c", ini, "kranj", "harvest", "worker"],
                autostart=False,
                priority=50,
                start_seconds=10,
            ),
            Program(
                "jobs",  # what takes longer than a request: imports of tables, among others
                [str(self.software.tool("ckan")), "-c", ini, "jobs", "worker"],
                autostart=False,
                priority=50,
                start_seconds=10,
            ),
        ]


def adopt_environment(state: State) -> None:
    """Remember the servers the environment names, so that every later command uses the same ones.

    The variables then leave the environment: a later shell without them must not change where data goes.

    Raises:
        StackError: they name the test stack, or an embedded server of this folder already holds data.
    """
    known: dict[str, str] = state.values.setdefault("external", {})
    for name, variable in (*EXTERNAL.items(), ("site_url", ADDRESS)):
        value = os.environ.pop(variable, None)
        if not value or known.get(name) == value:
            continue
        if "/kranj_test_" in value:
            raise StackError(
                f"{variable} names a database or core of the tests.",
                f"Unset it (unset {variable}) to start the portal.",
            )
        if name in EXTERNAL and state.values["steps"] and name not in known:
            raise StackError(
                f"This state folder has its own {name} server, and {variable} names another one.",
                f"Unset {variable}, or set KRANJ_STATE to a new folder for the portal on the other servers.",
            )
        known[name] = value
        state.save()


def end_all(state: State, servers: Servers) -> None:
    """Stop the supervisor and end whatever is left of this state folder."""
    servers.supervisor.stop()
    end_leftovers(state)


def watch(portal: Portal) -> None:
    """Look after the supervisor itself until interrupted: when it is killed, clean up and start it again."""
    while True:
        time.sleep(1)
        if portal.supervisor.running():
            continue
        time.sleep(1)
        if portal.supervisor.running():
            continue
        with contextlib.suppress(StackError):  # its sentence is in the logs; try again until it works
            portal.start_servers()
            portal.start_programs()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
