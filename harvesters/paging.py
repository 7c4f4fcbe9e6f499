"""Turning pages without going round in circles, for every protocol that has pages (risk R16)."""

from __future__ import annotations

from dataclasses import dataclass, field

from harvesters.errors import EndlessPaging
from harvesters.http import Fetched

MOST_PAGES = 1000


@dataclass
class PageGuard:
    """Remembers the pages of one run.

    Example::

        guard = PageGuard()
        while address:
            guard.turn(address)
            answer = ctx.fetch(address)
            guard.read(answer)
    """

    most: int = MOST_PAGES
    """After so many pages it is no longer believed that there is an end."""
    _addresses: set[str] = field(default_factory=set)
    _bodies: set[str] = field(default_factory=set)

    def turn(self, address: str) -> None:
        """Before a page is read; for questions that are posted, ``address`` is anything that names the page.

        Raises:
            EndlessPaging: it was read before, or there are too many.
        """
        if address in self._addresses:
            raise EndlessPaging(address, "this page was read before: the pages lead in a circle")
        if len(self._addresses) >= self.most:
            raise EndlessPaging(address, f"more than {self.most} pages")
        self._addresses.add(address)

    def read(self, answer: Fetched) -> None:
        """After a page was read.

        Raises:
            EndlessPaging: the same page came under another address.
        """
        if answer.sha256 in self._bodies:
            raise EndlessPaging(answer.url, "two pages are equal to the byte")
        self._bodies.add(answer.sha256)
