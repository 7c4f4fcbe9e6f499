"""A run that only says what it would do."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from ckanext.kranj.harvest import memory

from harvesters import Change, Gone, Outcome, Removals


@dataclass
class PreviewSink(memory.Remembering):
    """Compares with what is stored; every change is only said."""

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
