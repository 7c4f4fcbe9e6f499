"""Actions of the plugin ``kranj_exchange``."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access.auth import user_of
from ckanext.kranj.exchange import batches
from ckanext.kranj.exchange.model import Batch
from ckanext.kranj.exchange.seen import still

from harvesters.checking import Checked, check_file
from harvesters.checking.cli import report
from schemas import Problem
from schemas.observations import nearest_station, stations

LARGEST_OF_STRANGERS = 10_000_000
"""Bytes of a file that is checked for somebody without an account."""

LONGEST = 6 * 3600
"""Seconds that a job may take; CKAN's three minutes are short of 5,000 rows."""


def _content(data_dict: dict[str, Any]) -> tuple[str, bytes]:
    name = str(tk.get_or_bust(data_dict, "name"))[:200]
    given = data_dict.get("content", data_dict.get("upload"))
    if hasattr(given, "read"):
        return name, given.read()
    try:
        return name, base64.b64decode(str(given), validate=True)
    except (binascii.Error, ValueError) as error:
        raise tk.ValidationError({"content": ["[shape] Base64"]}) from error


def kranj_check(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Check a file of descriptions; no account is needed and nothing is stored.

    Args:
        context: of CKAN.
        data_dict: ``{"name": file name, its ending tells the format, "content": base64}``.

    Returns:
        ``{"passed": bool, "descriptions": [{"place", "title", "passed", "problems": […]}]}``.
    """
    tk.check_access("kranj_check", context, data_dict)
    name, content = _content(data_dict)
    if len(content) > LARGEST_OF_STRANGERS:
        found = [Checked("", "", (Problem.of("", "file-too-large", limit=LARGEST_OF_STRANGERS),))]
    else:
        found = check_file(name, content)
    return {"passed": all(item.passed for item in found), "descriptions": report(found)}


@tk.side_effect_free
def kranj_nearest_station(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """The nearest public measuring station: before a new measuring point is set up.

    Args:
        context: of CKAN.
        data_dict: ``{"lon", "lat", optionally "property": what is measured}``.

    Returns:
        ``{"station": {…}, "distance_km": number, "source": …, "date": …}``.
    """
    tk.check_access("kranj_nearest_station", context, data_dict)
    try:
        lon, lat = float(tk.get_or_bust(data_dict, "lon")), float(tk.get_or_bust(data_dict, "lat"))
    except (TypeError, ValueError) as error:
        raise tk.ValidationError({"lon": ["[shape]"], "lat": ["[shape]"]}) from error
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise tk.ValidationError({"lon": ["[out-of-range]"], "lat": ["[out-of-range]"]})
    station, distance = nearest_station(lon, lat, str(data_dict.get("property", "")))
    return {"station": station, "distance_km": distance, "source": stations()["source"], "date": stations()["date"]}


def kranj_batch_create(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Compare a table (XLSX, CSV) with the catalogue; nothing is changed yet.

    Args:
        context: of CKAN.
        data_dict: ``{"name": file name, "content": base64}``; with ``"job": True`` a job compares it.

    Returns:
        As kranj_batch_show; its ``state`` is ``planning`` as long as the job is at it.
    """
    tk.check_access("kranj_batch_create", context, data_dict)
    name, content = _content(data_dict)
    batch = batches.receive(user_of(context).id, name, content)
    _start(batch, wait=not data_dict.get("job"))
    return _shown(context, batch)


@tk.side_effect_free
def kranj_batch_list(context: dict[str, Any], data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """The caller's latest twenty batches, newest first, without their rows."""
    tk.check_access("kranj_batch_list", context, data_dict)
    return batches.of_user(user_of(context).id)


@tk.side_effect_free
def kranj_batch_show(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """A batch: what it would change or changed, row by row.

    Args:
        context: of CKAN.
        data_dict: ``{"id": of the batch}``; of a large one a part: ``action`` (new, changed, unchanged, refused,
            failed), ``limit``, ``offset``.

    Returns:
        ``{"id", "name", "state", "rows": {action: count}, "progress": {state: count}, "result": [rows]}``; of datasets
        that the caller sees no longer only the place in the table.
    """
    batch = _batch(context, data_dict)
    try:
        limit, offset = data_dict.get("limit"), max(int(data_dict.get("offset") or 0), 0)
        limit = None if limit is None else max(int(limit), 0)
    except (TypeError, ValueError) as error:
        raise tk.ValidationError({"limit": ["[shape]"]}) from error
    rows = batches.result(batch, str(data_dict.get("action") or ""), limit, offset)
    return {**batches.summary(batch), "result": still(context, rows)}


def kranj_batch_apply(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Start the job that stores what a planned batch changes. ``{"id": …}``; returns as kranj_batch_show."""
    return _begin(context, data_dict, "planned", "applying")


def kranj_batch_undo(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Start the job that puts back what an applied batch changed. ``{"id": …}``; returns as kranj_batch_show."""
    return _begin(context, data_dict, "applied", "undoing")


def _batch(context: dict[str, Any], data_dict: dict[str, Any]) -> Batch:
    tk.check_access("kranj_batch_show", context, data_dict)
    batch = model.Session.get(Batch, str(tk.get_or_bust(data_dict, "id")))
    if batch is None:
        raise tk.ObjectNotFound
    return batch


def _begin(context: dict[str, Any], data_dict: dict[str, Any], needed: str, state: str) -> dict[str, Any]:
    batch = _batch(context, data_dict)
    if batch.state not in (needed, state):  # asked again, a job that was stopped goes on
        raise tk.ValidationError({"state": [f"[changed-meanwhile] {batch.state}"]})
    batches.begin(batch, state)
    _start(batch, wait=bool(data_dict.get("wait")))
    return _shown(context, batch)


def _start(batch: Batch, *, wait: bool) -> None:
    if wait:
        batches.work(batch.id)
        return
    tk.enqueue_job(batches.work, [batch.id], title=f"kranj batch {batch.name}", rq_kwargs={"timeout": LONGEST})


def _shown(context: dict[str, Any], batch: Batch) -> dict[str, Any]:
    return {**batches.summary(batch), "result": still(context, batches.result(batch))}
