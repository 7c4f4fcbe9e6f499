"""How sources are doing, as actions: states, history, pause."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.kranj.harvest import decisions, health
from ckanext.kranj.harvest.logic.asked import Context, Data, source_of, sources_of, who

MOST_RUNS = 200


@tk.side_effect_free
def kranj_harvest_status(context: Context, data_dict: Data) -> list[dict[str, Any]]:
    """How sources are doing: ``[{"name", "type", "frequency", "state", "sentence", "last_run", "last_success",
    "heartbeat", "counts"}]``, of one ``source`` or of all that the caller may edit.
    """  # noqa: D205 the answer is the summary
    names = {item.name for item in sources_of(context, data_dict, "kranj_harvest_status")}
    return [row for row in health.rows() if row["name"] in names]


@tk.side_effect_free
def kranj_harvest_history(context: Context, data_dict: Data) -> list[dict[str, Any]]:
    """The last runs of a ``source``, the newest first; optionally ``limit``."""
    source = source_of(context, data_dict, "kranj_harvest_history")
    try:
        limit = min(max(int(data_dict.get("limit", 20)), 1), MOST_RUNS)
    except (TypeError, ValueError) as error:
        raise tk.ValidationError({"limit": ["[not-a-number]"]}) from error
    return health.history(source.id, limit)


def kranj_harvest_pause(context: Context, data_dict: Data) -> dict[str, Any]:
    """Keep a ``source`` from the schedule (``paused`` true, the default), or let it go on."""
    source = source_of(context, data_dict, "kranj_harvest_pause")
    paused = tk.asbool(data_dict.get("paused", True))
    decisions.pause(source.id, who(context), on=paused)
    return {"source": source.name, "paused": paused}
