"""Records from a list in memory: the first connector that keeps the contract, and what tests are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.errors import SourceUnavailable


@dataclass(frozen=True)
class MemorySettings(Settings):
    """What the memory connector yields."""

    url: str = "memory:"
    records: list[dict[str, Any]] = field(default_factory=list)
    """``{"guid": …, "dataset": {…}, "internal": {…}}`` each; without ``dataset`` it is a broken record."""
    breaks_after: int | None = None
    """After so many records the source fails, as when a connection is lost."""


class Memory(Connector):
    """Yields what its settings hold."""

    name = "memory"
    title: ClassVar[dict[str, str]] = {"sl": "Seznam v pomnilniku", "en": "List in memory"}
    settings_class = MemorySettings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Yield the records in order."""
        settings = cast("MemorySettings", self.settings)
        for position, item in enumerate(settings.records):
            if position == settings.breaks_after:
                raise SourceUnavailable("the list broke off")
            guid = str(item.get("guid") or "")
            if not guid:
                yield ctx.rejected("", "no-identifier")
            elif not isinstance(item.get("dataset"), dict):
                yield ctx.rejected(guid, "unreadable-record", reason="no dataset")
            else:
                yield ctx.reading(guid, item["dataset"], internal=item.get("internal"))
        ctx.complete()
