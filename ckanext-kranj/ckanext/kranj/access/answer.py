"""A long answer of an action knows a quicker way into JSON than the one of CKAN's API."""

from __future__ import annotations

from typing import Any

import msgspec
from simplejson import RawJSON

_encoder = msgspec.json.Encoder(decimal_format="number")  # as CKAN's


class Answer(dict[str, Any]):
    """A dictionary like any other, until the API writes it.

    CKAN's API lets ``simplejson`` ask every value whether it has a ``for_json`` of its own (ckan/views/api.py,
    ``_finish``). This one has, and is written in one piece from what it then holds, as UTF-8 without escapes.
    """

    def for_json(self) -> RawJSON | dict[str, Any]:
        """It as JSON text; as itself where that way does not know a value, so that CKAN writes it or complains."""
        try:
            return RawJSON(_encoder.encode(self).decode())
        except (TypeError, ValueError, RecursionError):
            return dict(self)
