"""A hold keeps the data, and the description that says what they are."""

from __future__ import annotations

from ckanext.kranj.catalogue.describe import refuse
from ckanext.kranj.database.alone import alone
from ckanext.kranj.retention.model import Hold


def demand_free(package_id: str) -> None:
    """Let pass what takes a description away, one at a time.

    Raises:
        tk.ValidationError: a hold is in force (``on-hold``).
    """
    alone("retention", package_id)
    if Hold.of(package_id) is not None:
        raise refuse("id", "on-hold")
