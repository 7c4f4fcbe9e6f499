"""What may be uploaded: data, never pages, scripts or programs. Judged by the content, not by the name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import magic

from schemas import Problem

LOOKED_AT = 8192
"""Bytes of the beginning by which libmagic knows a kind."""

REFUSED = frozenset({
    "application/javascript", "application/vnd.microsoft.portable-executable", "application/x-dosexec",
    "application/x-executable", "application/x-mach-binary", "application/x-pie-executable", "application/x-sharedlib",
    "application/xhtml+xml", "image/svg+xml", "text/html", "text/javascript", "text/x-shellscript",
})  # fmt: skip
"""Media types that a browser or a machine would run."""


def problems(dataset: dict[str, Any]) -> Iterator[Problem]:
    """A problem for each resource whose uploaded file is none that the catalogue takes."""
    resources = dataset.get("resources")
    for index, resource in enumerate(resources if isinstance(resources, list) else ()):
        stream = getattr(resource.get("upload") if isinstance(resource, dict) else None, "stream", None)
        if stream is None:
            continue
        start = stream.read(LOOKED_AT)
        stream.seek(0)
        kind = magic.from_buffer(start, mime=True)
        if kind in REFUSED:
            yield Problem.of(f"resources[{index}].url", "upload-refused", kind=kind)
