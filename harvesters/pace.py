"""How fast we ask: a pause between two requests to one host, and an end when a host keeps failing (risk R35)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from harvesters.errors import HostGivenUp

Reserve = Callable[[str, float], float]
"""Host and pause -> seconds until the turn that was reserved for us, among all who ask that host."""

GIVEN_UP_AFTER = 5
"""Requests that fail one after the other."""


@dataclass
class Pace:
    """The pace of one session; with ``reserve`` that of all sessions together, wherever they run."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    reserve: Reserve | None = None
    _last: dict[str, float] = field(default_factory=dict)
    _failures: dict[str, int] = field(default_factory=dict)

    def wait(self, host: str, pause: float) -> None:
        """Let the pause of a host pass before it is asked again.

        Raises:
            HostGivenUp: it failed so often in a row that asking on would only be a nuisance.
        """
        if self._failures.get(host, 0) >= GIVEN_UP_AFTER:
            raise HostGivenUp(host, GIVEN_UP_AFTER)
        left = self._last.get(host, float("-inf")) + pause - self.clock()
        if pause > 0 and self.reserve is not None:
            left = max(left, self.reserve(host, pause))
        if left > 0:
            self.sleep(left)
        self._last[host] = self.clock()

    def worked(self, host: str) -> None:
        """The host answered."""
        self._failures.pop(host, None)

    def failed(self, host: str) -> None:
        """The host did not answer as a host should."""
        self._failures[host] = self._failures.get(host, 0) + 1
