"""What sources answered, kept for a while in a folder that nobody else reads: to look up what was really sent."""

from __future__ import annotations

import gzip
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harvesters.http import Fetched

log = logging.getLogger(__name__)


@dataclass
class Vault:
    """A folder of bodies by their SHA-256, gzipped; equal bodies are kept once."""

    folder: Path
    days: int
    clock: Callable[[], float] = time.time

    def keep(self, answer: Fetched) -> None:
        """Store the body of an answer; a full or missing disk costs the copy, not the run."""
        path = self.path(answer.sha256)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.exists():
                os.utime(path, (self.clock(), self.clock()))
                return
            part = path.with_suffix(f".{os.getpid()}.part")
            part.touch(mode=0o600)
            part.write_bytes(gzip.compress(answer.content, 6, mtime=0))
            part.replace(path)
            os.utime(path, (self.clock(), self.clock()))
        except OSError as error:
            log.warning("the answer of a source could not be kept: %s", error.strerror)

    def path(self, sha256: str) -> Path:
        """Where a body lies."""
        return self.folder / f"{sha256}.gz"

    def read(self, sha256: str) -> bytes | None:
        """A body, as long as it is kept."""
        try:
            return gzip.decompress(self.path(sha256).read_bytes())
        except OSError:
            return None

    def expire(self) -> int:
        """Delete what is older than its days, and what a killed run left half written.

        Returns:
            How many files went.
        """
        gone = 0
        for path in self.folder.glob("*") if self.folder.is_dir() else ():
            age = self.clock() - path.stat().st_mtime
            if path.suffix in {".gz", ".part"} and age > (self.days * 86_400 if path.suffix == ".gz" else 3600):
                path.unlink(missing_ok=True)
                gone += 1
        return gone
