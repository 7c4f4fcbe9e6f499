"""The supervisor: starts programs, restarts those that die, keeps their logs, and leaves nobody behind."""

import contextlib
import http.client
import os
import shlex
import socket
import subprocess
import time
import xmlrpc.client
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import StackError
from .processes import alive, end_leftovers, marked
from .python import Software
from .state import State, write_private


@dataclass
class Program:
    """One supervised program."""

    name: str
    command: list[str]
    user: str | None = None
    folder: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)
    stop_signal: str = "TERM"
    stop_wait: int = 20
    priority: int = 50
    autostart: bool = True
    start_seconds: int = 1  # dying earlier than this counts as a failed start: the next try waits longer


class Supervisor:
    """The supervisor of one state folder.

    Args:
        state: the opened state folder.
        software: where supervisord is installed.
    """

    def __init__(self, state: State, software: Software) -> None:
        self.state = state
        self.software = software
        self.socket = state.socket_folder("sv", os.geteuid()) / "supervisor"

    def configure(self, programs: Iterable[Program]) -> None:
        """Write the program file."""
        logs = self.state.folder / "logs"
        common = {
            "unix_http_server": {"file": self.socket, "chmod": "0700"},
            "supervisord": {
                "logfile": logs / "supervisor.log",
                "logfile_maxbytes": "5MB",
                "logfile_backups": 1,
                "pidfile": self.state.folder / "run" / "supervisor.pid",
                "childlogdir": logs,
                "nodaemon": "true",
                "silent": "true",
                **({"user": "root"} if os.geteuid() == 0 else {}),
            },
            "rpcinterface:supervisor": {
                "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
            },
        }
        sections: dict[str, dict[str, Any]] = {**common}
        for program in programs:
            values: dict[str, Any] = {
                "command": shlex.join(program.command),
                "directory": program.folder or self.state.folder,
                "autostart": str(program.autostart).lower(),
                "autorestart": "true",
                "startsecs": program.start_seconds,
                "startretries": 100000,  # a full disk or a taken port ends some day; then it must come back
                "stopsignal": program.stop_signal,
                "stopwaitsecs": program.stop_wait,
                "stopasgroup": "false",
                "killasgroup": "true",
                "priority": program.priority,
                "redirect_stderr": "true",
                "stdout_logfile": logs / f"{program.name}.log",
                "stdout_logfile_maxbytes": "10MB",
                "stdout_logfile_backups": 2,
            }
            if program.user:
                values["user"] = program.user
            if program.environment:
                values["environment"] = ",".join(f'{k}="{v}"' for k, v in program.environment.items())
            sections[f"program:{program.name}"] = values
        text = ""
        for section, options in sections.items():
            text += f"[{section}]\n"
            text += "".join(f"{k} = {str(v).replace('%', '%%')}\n" for k, v in options.items()) + "\n"
        write_private(self.state.folder / "supervisor.conf", text)

    def start(self) -> "subprocess.Popen[bytes]":
        """Start supervisord in a session of its own, so that a closed terminal does not end it.

        Raises:
            StackError: it ended at once.
        """
        self.socket.unlink(missing_ok=True)
        command = [str(self.software.python), "-m", "supervisor.supervisord"]
        with (self.state.folder / "logs" / "supervisor.out").open("wb") as out:
            process = subprocess.Popen(
                [*command, "-c", str(self.state.folder / "supervisor.conf")],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=self.state.folder,
                env=marked(self.state),
                start_new_session=True,
            )
        deadline = time.monotonic() + 20
        while not self.running():
            if process.poll() is not None or time.monotonic() > deadline:
                raise StackError(
                    "The supervisor did not start.", f"See {self.state.folder / 'logs' / 'supervisor.out'}."
                )
            time.sleep(0.05)
        return process

    def running(self) -> bool:
        """Whether a supervisor of this state folder answers."""
        try:
            self.call("supervisor.getPID")
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return False
        return True

    def pid(self) -> int:
        """The process number of the running supervisor, 0 when there is none."""
        try:
            return int(self.call("supervisor.getPID"))
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return 0

    def call(self, method: str, *arguments: Any) -> Any:
        """One call of the supervisor's XML-RPC interface over its socket."""
        body = xmlrpc.client.dumps(arguments, method)
        line = _UnixConnection(str(self.socket))
        try:
            line.request("POST", "/RPC2", body.encode(), {"Content-Type": "text/xml"})
            answer = line.getresponse().read()
        finally:
            line.close()
        return xmlrpc.client.loads(answer.decode())[0][0]

    def programs(self) -> list[dict[str, Any]]:
        """What the supervisor knows of each program; empty when it does not run."""
        try:
            return list(self.call("supervisor.getAllProcessInfo"))
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return []

    def ensure_started(self, name: str) -> None:
        """Start one program unless it runs already."""
        with contextlib.suppress(xmlrpc.client.Fault):  # already started, or being retried
            self.call("supervisor.startProcess", name, False)

    def stop(self) -> None:
        """Stop everything in order, then end what is left of this state folder."""
        pid = self.pid()
        if pid:
            with contextlib.suppress(OSError, http.client.HTTPException, xmlrpc.client.Error):
                self.call("supervisor.shutdown")
            deadline = time.monotonic() + 90
            while alive(pid) and time.monotonic() < deadline:
                time.sleep(0.05)
        end_leftovers(self.state)
        self.socket.unlink(missing_ok=True)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)
