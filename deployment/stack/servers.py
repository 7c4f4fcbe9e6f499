"""PostgreSQL, Redis and Solr of one state folder, together."""

import subprocess

from . import jars
from .errors import StackError
from .postgres import Postgres
from .processes import end_leftovers, wait_until
from .progress import step
from .python import Software
from .redis import Redis
from .solr import Solr
from .state import State
from .supervise import Supervisor

SECONDS_TO_ANSWER = 90


class Servers:
    """The servers of one state folder and the supervisor that looks after them.

    Args:
        state: the opened state folder.
        software: the installation.
        durable: false when the contents may be lost in a power failure (tests).
        only: names of the servers wanted; the others are somebody else's.
    """

    def __init__(
        self,
        state: State,
        software: Software,
        *,
        durable: bool = True,
        only: tuple[str, ...] = ("postgres", "redis", "solr"),
    ) -> None:
        self.state = state
        self.supervisor = Supervisor(state, software)
        self.software = software
        self.postgres = Postgres(state, software, durable=durable) if "postgres" in only else None
        self.redis = Redis(state, software, databases=16 if durable else 256) if "redis" in only else None
        self.solr = Solr(state, software) if "solr" in only else None
        self.all: list[Postgres | Redis | Solr] = [s for s in (self.postgres, self.redis, self.solr) if s]

    def prepare(self) -> None:
        """End what an earlier, killed stack left, then make folders and configuration."""
        end_leftovers(self.state)
        if self.solr:
            jars.install(self.software)
        for server in self.all:
            server.prepare()

    def remember(self) -> None:
        """Take the ports a running stack uses, without testing them."""
        for server in (self.redis, self.solr):
            if server:
                server.port = self.state.port(server.name, in_use_by_us=True)

    def ready(self) -> bool:
        """Whether every server answers."""
        return all(server.ready() for server in self.all)

    def wait(self) -> None:
        """Wait until every server answers.

        Raises:
            StackError: one of them does not; says which, and where its log is.
        """
        for server in self.all:
            if not wait_until(server.ready, seconds=SECONDS_TO_ANSWER, alive=self.supervisor.running):
                log = self.state.folder / "logs" / f"{server.name}.log"
                raise StackError(f"{server.name} does not answer: {_last_words(log)}.", f"See {log}.")

    def start(self) -> "subprocess.Popen[bytes]":
        """Start supervisor and servers; the caller has prepared and configured them."""
        process = self.supervisor.start()
        with step("PostgreSQL, Redis and Solr answer"):
            self.wait()
        return process


def _last_words(log: object) -> str:
    try:
        with open(str(log), encoding="utf-8", errors="replace") as source:
            lines = [line.strip() for line in source.readlines()[-40:] if line.strip()]
    except OSError:
        return "it wrote no log"
    telling = [line for line in lines if any(word in line for word in ("FATAL", "ERROR", "Exception", "No space"))]
    return (telling or lines or ["it wrote no log"])[-1].rstrip(".")[:200]
