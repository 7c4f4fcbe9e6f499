"""Which processes belong to a state folder, and how they are ended: by number and check, never by name."""

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from .state import OUTSIDE, State

MARK = "KRANJ_STATE_MARK"  # every process of a stack carries its state folder under this name


def die_with_parent() -> None:
    """In a child, before its program starts: let the kernel end it when this process is killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def marked(state: State, extra: dict[str, str] | None = None) -> dict[str, str]:
    """The environment for a process of this stack; by it the process is found again."""
    return {**os.environ, MARK: str(state.folder), "PYTHONUNBUFFERED": "1", **(extra or {})}


def processes(state: State) -> list[int]:
    """The processes of this state folder: by the mark they inherited, or as servers at work in its data folders.

    PostgreSQL and Redis write their title over their environment, so the mark alone would miss them.
    This process and those it descends from are never among them.
    """
    mark = f"{MARK}={state.folder}".encode()
    rooms = {
        "postgres": {str(state.folder / "postgres" / "data"), str(OUTSIDE / state.key / "data")},
        "redis-server": {str(state.folder / "redis")},
    }
    own = _ancestors()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) in own:
            continue
        with contextlib.suppress(OSError):
            if entry.stat().st_uid != os.geteuid() and os.geteuid() != 0:
                continue
            program = (entry / "exe").readlink().name.removesuffix(" (deleted)")
            at_work = str((entry / "cwd").readlink()) in rooms.get(program, ())
            if (at_work or mark in (entry / "environ").read_bytes().split(b"\0")) and alive(int(entry.name)):
                found.append(int(entry.name))
    return found


def end_leftovers(state: State, *, grace: float = 15) -> int:
    """End this folder's processes that no supervisor looks after; returns how many there were."""
    first = processes(state)
    _signal(first, signal.SIGTERM)
    for pid in first:  # SIGTERM makes PostgreSQL wait for its clients, SIGINT does not
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/cwd").readlink().name == "data":
                os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + grace
    left = first
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = processes(state)
    while left:
        _signal(left, signal.SIGKILL)
        time.sleep(0.1)
        left = processes(state)
    return len(first)


def wait_until(ready: Callable[[], bool], *, seconds: float, alive: Callable[[], bool] = lambda: True) -> bool:
    """Wait until ``ready`` is true; false when time is over or ``alive`` turned false."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline or not alive():
            return False
        time.sleep(0.1)
    return True


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _ancestors() -> set[int]:
    pid, found = os.getpid(), set()
    while pid > 0 and pid not in found:
        found.add(pid)
        try:
            text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        except OSError:
            break
        pid = int(text.rpartition(")")[2].split()[1])
    return found
