"""A run that only says what it would do."""

from __future__ import annotations

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass

from ckanext.kranj.harvest import memory

from harvesters import Change, Gone, Held, Outcome, Removals


@dataclass
class PreviewSink(memory.Remembering):
    """Compares with what is stored; every change is only said."""

    def held(self, guids: Collection[str]) -> dict[str, Held]:
        """These datasets as they stand; people may save them meanwhile."""
        return memory.held_of(self.source_id, guids, lock=False)

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """Say what would be done."""
        return [Outcome(change.action, change.guid) for change in changes]

    def gone(self, present: Container[str]) -> list[Gone]:
        """What is missing now."""
        return memory.gone_of(self.source_id, present)[0]

    def remove(self, removals: Removals) -> None:
        """Nothing is noted."""

    def finish(self) -> None:
        """Nothing was written."""
