"""Where the values of a description come from: what was typed, and what was inherited and still is.

The note ``value_origin`` stands in the internal block; a value without a note was typed or came from a source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from schemas import Completed, complete_internal, dataset_fields, without_empty

ORIGIN = "value_origin"
_DATASET = frozenset(item.name for item in dataset_fields())


@dataclass(frozen=True)
class Before:
    """What is stored of the description that is being saved; all empty for a new one."""

    dataset: dict[str, Any] = field(default_factory=dict)
    block: dict[str, Any] = field(default_factory=dict)

    @property
    def known(self) -> dict[str, str]:
        """The notes taken so far."""
        return dict(self.block.get(ORIGIN) or {})


def block_of(  # noqa: PLR0913 each is said once, by one caller
    sent: Any,
    before: Before,
    completed: Completed,
    defaults: dict[str, Any] | None,
    *,
    draft: bool,
    steward: bool = False,
) -> dict[str, Any] | Any:
    """The internal block as it will be stored: what is sent over what is there, completed by what is inherited.

    Keys that are not sent stay as they are, so that a form or a source that knows a part of the block cannot take the
    rest away; a key sent empty is emptied. A wrong shape is handed on to be judged.

    Args:
        sent: the block as sent, or None.
        before: what is stored.
        completed: the completed description and where its values come from.
        defaults: of the organisation, for the internal block.
        draft: a draft of nothing stays nothing.
        steward: a person saves, not the portal itself (harvest): what replaces an inherited value is his word.
    """
    if not isinstance(sent, dict | None):
        return sent
    merged = without_empty({**before.block, **(sent or {})})
    if draft:
        return merged or (None if before.block or sent else defaults)
    merged.pop(ORIGIN, None)
    kept = {
        name: origin
        for name, origin in before.known.items()
        if name not in _DATASET and name in before.block and merged.get(name) == before.block[name]
    }
    block, added = complete_internal({**merged, ORIGIN: kept}, completed.dataset, defaults or {})
    del block[ORIGIN]
    noted = _of_dataset(before, completed) | {name: origin for name, origin in (kept | added).items() if name in block}
    if steward:  # what is still inherited stands in the notes by now
        there = completed.dataset.keys() | block.keys()
        noted |= {name: "steward" for name in before.known if name not in noted and name in there}
    return {**block, ORIGIN: noted} if noted else block


def _of_dataset(before: Before, completed: Completed) -> dict[str, str]:
    """A patch sends what was inherited back as if it were typed: unchanged, it still is inherited."""
    found = {name: origin for name, origin in completed.origins.items() if origin == "default"}
    return found | {
        name: origin
        for name, origin in before.known.items()
        if name not in completed.origins
        and name in before.dataset
        and completed.dataset.get(name) == before.dataset[name]
    }
