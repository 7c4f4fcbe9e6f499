"""One after the other: of two who do the same in the same moment the second sees what the first did."""

from __future__ import annotations

import sqlalchemy as sa

from ckan import model

_WAIT = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


def alone(*what: str) -> None:
    """Wait until nobody else is here with the same words; until the transaction ends nobody else passes.

    Args:
        what: names what is done and to what, for example ``"retention", dataset id``.
    """
    model.Session.execute(_WAIT, {"key": " ".join(what)})
