"""Folders of the city, opened to be looked at only: the edge of the connector ``folder``.

An administrator names them on the machine (``KRANJ_FOLDER_<NAME>``); a source says ``folder://<name>`` (risk R31).
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

from harvesters.errors import BodyTooLarge, ConnectionFailed, MissingSetting
from harvesters.http import Fetched

Found = TypeVar("Found")

YOUNG = 60.0
"""Seconds a file must have been left alone: a younger one may still be written."""
LARGEST = 50_000_000
_TRIES = 3


@dataclass(frozen=True)
class Folder:
    """A folder by its name on this machine."""

    name: str
    root: Path
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    young: list[str] = field(default_factory=list)
    """Files passed over because they may still be written."""

    def files(self, pattern: str) -> Iterator[str]:
        """Files below the folder by their relative paths, sorted; nothing that a link leads out of it.

        Raises:
            ConnectionFailed: the folder is not there or empty, as when a share is not mounted.
        """
        found = self._patiently(lambda: sorted(self.root.glob(pattern)))
        if not self._patiently(lambda: any(self.root.iterdir())):
            raise ConnectionFailed(f"folder://{self.name}", "the folder is empty: is the share mounted?")
        for path in found:
            if not self._within(path):
                continue
            name = path.relative_to(self.root).as_posix()
            if self._is_young(path):
                self.young.append(name)
            else:
                yield name

    def _within(self, path: Path) -> bool:
        """Whether it is a file of this folder, and no link leads to it."""
        return path.is_file() and not path.is_symlink() and path.resolve().is_relative_to(self.root.resolve())

    def _is_young(self, path: Path) -> bool:
        return self.now() - path.stat().st_mtime < YOUNG

    def unclaimed(self, claimed: Iterable[str]) -> list[str]:
        """Folders with files of which none, there or below, belongs to a dataset; of those inside each other the first.

        Args:
            claimed: relative paths of files (and folders) that do.
        """
        paths = [PurePosixPath(name) for name in (*claimed, *self.young)]
        known = {"."} | {item.as_posix() for path in paths for item in (path, *path.parents)}
        found: list[str] = []
        for path in self._patiently(lambda: sorted(self.root.rglob("*"))):
            name = path.relative_to(self.root).parent.as_posix()
            inside = any(name == other or name.startswith(f"{other}/") for other in found)
            hidden = any(part.startswith(".") for part in path.relative_to(self.root).parts)
            if name not in known and not inside and not hidden and path.is_file() and not path.is_symlink():
                top = PurePosixPath(name)
                above = [parent.as_posix() for parent in (top, *top.parents) if parent.as_posix() not in known]
                found.append(above[-1])
        return found

    def read(self, name: str) -> Fetched:
        """A file as if it had been fetched.

        Raises:
            ConnectionFailed: it cannot be read, may still be written, or is outside of the folder.
            BodyTooLarge: it is larger than a description needs.
        """
        path = self.root / name
        address = f"folder://{self.name}/{name}"
        if self._patiently(lambda: path.stat().st_size) > LARGEST:
            raise BodyTooLarge(address, LARGEST)
        # Asked again when it is read: what lies beside a file was not listed, and a share changes meanwhile.
        if not self._patiently(lambda: self._within(path)):
            raise ConnectionFailed(address, "it is a link, or leads out of the folder")
        if self._patiently(lambda: self._is_young(path)):
            raise ConnectionFailed(address, "it may still be written")
        return Fetched(address, self._patiently(path.read_bytes), "", None)

    def _patiently(self, read: Callable[[], Found]) -> Found:
        """Shares over WebDAV answer EIO now and then; the third time it is meant."""
        for attempt in range(1, _TRIES + 1):
            try:
                return read()
            except OSError as error:
                if error.errno != errno.EIO or attempt == _TRIES:
                    raise ConnectionFailed(f"folder://{self.name}", error.strerror or str(error)) from error
                self.sleep(float(attempt))
        raise AssertionError("unreachable")


OpenFolder = Callable[[str], Folder]


def open_folder(name: str) -> Folder:
    """A folder by its name on this machine.

    Raises:
        MissingSetting: this machine has none of that name.
        ConnectionFailed: it is not there.
    """
    variable = f"KRANJ_FOLDER_{name.upper().replace('-', '_')}"
    if not os.environ.get(variable):
        raise MissingSetting("folder", variable)
    root = Path(os.environ[variable])
    if not root.is_dir():
        raise ConnectionFailed(f"folder://{name}", "there is no such folder")
    return Folder(name, root)
