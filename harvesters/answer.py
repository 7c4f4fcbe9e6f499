"""A question to a source and its answer."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from harvesters.errors import Unreadable
from harvesters.text import decode


@dataclass(frozen=True)
class Mark:
    """How to recognise that an address still answers as it did."""

    method: str
    url: str
    accept: str
    sha256: str
    etag: str = ""
    last_modified: str = ""
    body: bytes | None = None
    content_type: str = ""

    def conditions(self) -> dict[str, str]:
        """The headers that let the server answer 304."""
        found = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True)
class Fetched:
    """A complete answer."""

    url: str
    content: bytes
    content_type: str
    charset: str | None
    etag: str = ""
    last_modified: str = ""

    @cached_property
    def sha256(self) -> str:
        """SHA-256 (hex) of the body."""
        return hashlib.sha256(self.content).hexdigest()

    def text(self) -> tuple[str, str | None]:
        """The body as text, and the charset when it had to be guessed."""
        return decode(self.content, self.charset)

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            Unreadable: it is not JSON.
        """
        try:
            return json.loads(self.text()[0])
        except (ValueError, RecursionError) as error:
            raise Unreadable(self.url, "JSON", str(error)) from error


@dataclass(frozen=True)
class Question:
    """A request as it is asked and, if need be, asked again."""

    method: str
    url: str
    accept: str
    body: bytes | None = None
    content_type: str = ""

    @property
    def key(self) -> tuple[str, str, bytes | None]:
        """What makes two questions one."""
        return self.method, self.url, self.body

    def mark(self, answer: Fetched) -> Mark:
        """How to recognise that the answer is still the same."""
        return Mark(
            self.method,
            self.url,
            self.accept,
            answer.sha256,
            answer.etag,
            answer.last_modified,
            self.body,
            self.content_type,
        )
