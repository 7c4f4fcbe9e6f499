"""The state folder: everything a running stack remembers, and nothing else does.

``state.json`` (mode 0600) holds the chosen ports, the random secrets and the finished preparation steps.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import secrets
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .errors import StackError

LAYOUT = 1  # raise when a state folder of an earlier layout can no longer be used as it is
ROOT = Path(__file__).resolve().parents[2]
SOCKET_PATH_MAX = 107 - len("/.s.PGSQL.5432.lock")  # sun_path of Linux, less the longest name inside
PLAIN_PATH = re.compile(r"[\w./+-]+", re.ASCII)  # needs no quoting in a URL or an ini file
OUTSIDE = Path("/var/lib/kranj-postgres")  # root's PostgreSQL, when its account cannot enter the state folder
FIRST_PORT = 20000
LAST_PORT = 32000  # below the range from which the kernel lends ports to outgoing connections


class State:
    """One state folder and its remembered values.

    Args:
        folder: where the state lives; made when missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(os.path.abspath(folder.expanduser()))
        self.file = self.folder / "state.json"
        self.values: dict[str, Any] = {}

    @property
    def key(self) -> str:
        """A short name of this state folder, different from every other's."""
        return hashlib.sha256(str(self.folder).encode()).hexdigest()[:10]

    @property
    def exists(self) -> bool:
        """Whether a stack was ever prepared here."""
        return self.file.exists()

    def make(self) -> None:
        """Make the folder when missing.

        Raises:
            StackError: it cannot be written.
        """
        mode = 0o711 if os.geteuid() == 0 else 0o700  # PostgreSQL's own account must pass through root's
        try:
            self.folder.mkdir(mode=mode, parents=True, exist_ok=True)
            for name in ("logs", "run", "files"):
                (self.folder / name).mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise explained(error, self.folder) from error

    def open(self) -> None:
        """Make the folder when missing and read what it remembers.

        Raises:
            StackError: the folder cannot be written, or belongs to another version or another program.
        """
        self.make()
        self.read()
        if not self.values:
            self.values = {"layout": LAYOUT, "ports": {}, "secrets": {}, "steps": {}}
            self.save()

    def read(self) -> None:
        """Read ``state.json``; a folder without it is empty state.

        Raises:
            StackError: unreadable, damaged, or written by another version.
        """
        try:
            self.values = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self.values = {}
            return
        except PermissionError as error:
            raise StackError(
                f"The state folder {self.folder} belongs to another account.",
                "Run the command as that account, or set KRANJ_STATE to a folder of your own.",
            ) from error
        except ValueError as error:
            raise StackError(
                f"{self.file} is damaged.", "Restore it from a backup, or start anew with './deployment/run reset'."
            ) from error
        layout = self.values.get("layout")
        if layout != LAYOUT:
            raise StackError(
                f"The state folder {self.folder} was written by another version (layout {layout}, needed {LAYOUT}).",
                "Use that version, set KRANJ_STATE to a new folder, or start anew with './deployment/run reset'.",
            )

    def save(self) -> None:
        """Write ``state.json`` so that a crash leaves the old one or the new one, never a torn one."""
        write_private(self.file, json.dumps(self.values, indent=1, sort_keys=True) + "\n")

    def secret(self, name: str) -> str:
        """The random secret of this name, made at its first use; letters and digits only."""
        known: dict[str, str] = self.values.setdefault("secrets", {})
        if name not in known:
            known[name] = secrets.token_hex(20)
            self.save()
        return known[name]

    def port(self, name: str, *, in_use_by_us: bool = False) -> int:
        """The remembered port of a server, or a new free one when there is none or somebody took it."""
        known: dict[str, int] = self.values.setdefault("ports", {})
        if name in known and (in_use_by_us or port_is_free(known[name])):
            return known[name]
        known[name] = free_port(set(known.values()))
        self.save()
        return known[name]

    @contextlib.contextmanager
    def locked(self, what: str = "lock", *, wait: bool = True) -> Iterator[None]:
        """Hold this folder's lock; the kernel drops it with the process, so it is never stale.

        Raises:
            BlockingIOError: another process holds it and ``wait`` is false.
        """
        self.make()
        try:
            handle = os.open(self.folder / what, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise explained(error, self.folder) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            yield
        finally:
            os.close(handle)

    def socket_folder(self, name: str, uid: int) -> Path:
        """A folder of mode 0700 for Unix sockets, short enough for the kernel and plain enough for a URL.

        Raises:
            StackError: somebody else made the fallback folder under the temporary folder.
        """
        folder = self.folder / "run" / name
        if os.geteuid() != uid:  # another account's socket cannot lie below our own 0700 folder
            folder = self.folder / f"{name}-socket"
        candidates = [folder, self._short_folder(name)]
        for candidate in candidates:
            if len(str(candidate)) <= SOCKET_PATH_MAX and PLAIN_PATH.fullmatch(str(candidate)):
                folder = candidate
                break
        else:
            raise StackError(
                f"The path {folder} is too long for a socket.",
                "Set KRANJ_STATE to a folder with a shorter path.",
            )
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700, parents=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (uid, os.geteuid()):
            raise StackError(
                f"{folder} belongs to another account.", "Remove it, or set KRANJ_STATE to another folder."
            )
        if found.st_uid != uid:
            os.chown(folder, uid, -1)
        folder.chmod(0o700)
        return folder

    def elsewhere(self) -> list[Path]:
        """Folders outside the state folder that may belong to it."""
        sockets = [self._short_folder(name) for name in ("pg", "sv")]
        return [*sockets, OUTSIDE / self.key, OUTSIDE / f"software-{self.key}"]

    def _short_folder(self, name: str) -> Path:
        base = Path("/tmp") if os.access("/tmp", os.W_OK) else Path(tempfile.gettempdir())  # noqa: S108
        return base / f"kranj-{self.key}-{name}"


def state_folder(default: str) -> Path:
    """The folder named by ``KRANJ_STATE``, or ``default`` inside the checkout."""
    return Path(os.environ.get("KRANJ_STATE") or ROOT / default)


def write_private(path: Path, text: str) -> None:
    """Write a file with mode 0600 in one step.

    Raises:
        StackError: the disk is full.
    """
    temporary = path.with_name(path.name + ".new")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
    except OSError as error:
        raise explained(error, path.parent) from error


def explained(error: OSError, folder: Path) -> StackError:
    """The sentence for a failure to write into ``folder``."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StackError(f"The disk that holds {folder} is full.", "Free some space and run the command again.")
    return StackError(
        f"The folder {folder} cannot be written ({error.strerror}).",
        "Run the command as the account that owns it, or set KRANJ_STATE to a folder of your own.",
    )


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(taken: set[int]) -> int:
    """A free port that none of ``taken`` is.

    Raises:
        StackError: none could be found.
    """
    for _ in range(500):
        port = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT)
        if port not in taken and port_is_free(port):
            return port
    raise StackError("No free port was found on 127.0.0.1.", "Stop some of the servers that run on this machine.")
