"""Zip archives of sources: looked at before anything is unpacked, unpacked into memory only (risk R8)."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from dataclasses import dataclass

from harvesters.errors import BodyTooLarge, Unreadable
from harvesters.http import Fetched

MOST_ENTRIES = 5_000
MOST_BYTES = 500_000_000
"""Of all entries together, unpacked."""
HIGHEST_RATIO = 100
"""Unpacked to packed; text reaches about 20."""
_SMALL = 1_000_000
"""A short entry of blanks packs better than any limit; it does no harm."""
_NESTED = (".zip", ".gz", ".7z", ".rar", ".bz2", ".xz", ".tar", ".tgz")
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Archive:
    """A zip file whose table of contents was checked."""

    url: str
    _zip: zipfile.ZipFile

    def names(self) -> list[str]:
        """The files in it, by name."""
        return sorted(item.filename for item in self._zip.infolist() if not item.is_dir())

    def read(self, name: str, *, limit: int = 50_000_000) -> bytes:
        """One file.

        Raises:
            Unreadable: there is none of that name, or it is broken or encrypted.
            BodyTooLarge: it unpacks to more than ``limit``, whatever the table of contents says.
        """
        parts, size = [], 0
        try:
            with self._zip.open(name) as stream:
                while piece := stream.read(_CHUNK):
                    size += len(piece)
                    if size > limit:
                        raise BodyTooLarge(self.url, limit)
                    parts.append(piece)
        except KeyError as error:
            raise Unreadable(self.url, "zip", f"no file {name}") from error
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
            raise Unreadable(self.url, "zip", str(error)) from error
        return b"".join(parts)


def archive_of(answer: Fetched) -> Archive:
    """Open a zip file.

    Raises:
        Unreadable: it is none, or it holds what no honest archive holds: paths upwards, links, archives in it.
        BodyTooLarge: it would unpack to more than we hold.
    """
    try:
        found = zipfile.ZipFile(io.BytesIO(answer.content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Unreadable(answer.url, "zip", str(error)) from error
    items = found.infolist()
    if len(items) > MOST_ENTRIES:
        raise Unreadable(answer.url, "zip", f"more than {MOST_ENTRIES:,} files")
    if sum(item.file_size for item in items) > MOST_BYTES:
        raise BodyTooLarge(answer.url, MOST_BYTES)
    names = set()
    for item in items:
        reason = _unwanted(item)
        if item.filename in names:
            reason = "two files of one name"
        if reason:
            raise Unreadable(answer.url, "zip", f"{item.filename}: {reason}")
        names.add(item.filename)
    return Archive(answer.url, found)


def _unwanted(item: zipfile.ZipInfo) -> str:
    parts = item.filename.replace("\\", "/").split("/")
    if item.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        return "a path that leads out of the archive"
    if stat.S_ISLNK(item.external_attr >> 16):
        return "a link"
    if item.filename.casefold().endswith(_NESTED):
        return "an archive in the archive"
    if item.file_size > _SMALL and item.file_size > HIGHEST_RATIO * max(item.compress_size, 1):
        return f"packed more than {HIGHEST_RATIO} times"
    return ""
