"""``--with-opsi``: the stand-in of the national portal beside the portal, a second, stock CKAN that harvests us."""

import json
import subprocess
import urllib.request
from typing import Any

from .errors import StackError
from .processes import marked, wait_until
from .progress import step
from .python import Software
from .servers import Servers
from .state import ROOT, State
from .supervise import Program, Supervisor

NAME = "opsi"
DATABASE = CORE = "standin"
REDIS = 1
FOLDER = ROOT / "deployment" / "standin"
SECONDS_TO_ANSWER = 120


class Standin:
    """The second site.

    Args:
        state: the opened state folder of the portal.
        software: the installation.
        servers: the portal's servers; the stand-in has a database, a core and a Redis number of its own on them.
    """

    def __init__(self, state: State, software: Software, servers: Servers) -> None:
        self.state, self.software, self.servers = state, software, servers

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.state.port(NAME, in_use_by_us=True)}"

    def program(self) -> Program:
        """How the supervisor runs it, when it is asked for."""
        command = [
            str(self.software.python), "-m", "gunicorn", "--bind", self.address.removeprefix("http://"),
            "--workers", "1", "--worker-class", "gthread", "--threads", "2", "--timeout", "120",
            "--pythonpath", str(ROOT / "deployment"), "wsgi:application",
        ]  # fmt: skip
        return Program(NAME, command, environment=self._environment(), autostart=False, priority=60, start_seconds=10)

    def bring_up(self, supervisor: Supervisor, portal: str) -> dict[str, Any]:
        """Prepare it, serve it, and have it harvest the portal both ways.

        Args:
            supervisor: of the portal.
            portal: the portal's address.

        Returns:
            By way (dcat, ckan): how many objects were harvested, and the errors.

        Raises:
            StackError: the portal's servers are somebody else's, or a step failed.
        """
        servers = self.servers
        if not (servers.postgres and servers.solr and servers.redis):
            raise StackError(
                "The stand-in of the national portal needs servers of this state folder.",
                "Start without --with-opsi, or without servers of your own.",
            )
        with step("Stand-in of the national portal: database and search index"):
            servers.postgres.ensure_database(DATABASE)
            servers.solr.ensure_core(CORE)
            self._site("prepare", f"{portal}/catalog.rdf", portal)
        with step("It harvests the portal, by DCAT and by the Action API"):
            found = self._site("harvest")
        with step("It answers"):
            supervisor.ensure_started(NAME)
            if not wait_until(self.answers, seconds=SECONDS_TO_ANSWER, alive=supervisor.running):
                raise StackError("The stand-in does not answer.", "See its log with './deployment/run logs opsi'.")
        return found

    def answers(self) -> bool:
        """Whether it answers an API call."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.address}/api/3/action/status_show", timeout=10) as answer:
                return bool(json.load(answer)["success"])
        except (OSError, ValueError, KeyError):
            return False

    def _environment(self) -> dict[str, str]:
        servers = self.servers
        if not (servers.postgres and servers.solr and servers.redis):
            return {}
        return {
            "CKAN_INI": str(FOLDER / "standin.ini"),
            "CKAN_SQLALCHEMY_URL": servers.postgres.url(DATABASE),
            "CKAN_SOLR_URL": servers.solr.url(CORE),
            "CKAN_REDIS_URL": servers.redis.url(REDIS),
            "CKAN_SITE_URL": self.address,
            "CKAN_STORAGE_PATH": str(self.state.folder / "standin"),
        }

    def _site(self, *arguments: str) -> Any:
        log = self.state.folder / "logs" / "standin.log"
        command = [str(self.software.python), "-W", "ignore", str(FOLDER / "site.py"), *arguments]
        with log.open("a", encoding="utf-8") as out:
            done = subprocess.run(
                command, env=marked(self.state, self._environment()), cwd=self.state.folder,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=out, text=True, check=False,
            )  # fmt: skip
        if done.returncode != 0:
            raise StackError(f"The stand-in's step '{arguments[0]}' failed.", f"The full text is in {log}.")
        return json.loads(done.stdout.splitlines()[-1])
