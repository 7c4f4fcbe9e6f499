"""Who answers for data is told when their periods end: one mail a person, how many and where, never which."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.approval.tell import send_now
from ckanext.kranj.request.actions import stewards_of
from ckanext.kranj.retention import flow
from ckanext.kranj.retention.model import OPEN, Decision

AHEAD = timedelta(days=30)
"""Periods that end within this are announced."""


def send(today: date) -> int:
    """Tell stewards what waits for their decision and what comes; for a weekly run.

    Returns:
        How many people were told.
    """
    waiting: Counter[str] = Counter()
    coming: Counter[str] = Counter()
    people: dict[str, Any] = {}
    decided = {row.package_id for row in model.Session.query(Decision).filter(Decision.status.in_(OPEN))}
    for package, day in flow.ends():
        soon = day is not None and today < day <= today + AHEAD
        if package.id not in decided and not soon:
            continue
        for user in stewards_of(package):
            people[user.id] = user
            (waiting if package.id in decided else coming)[user.id] += 1
    address = tk.config["ckan.site_url"].rstrip("/") + "/retention"
    told = 0
    for identifier, user in sorted(people.items()):
        sl = f"Na odločitev o hrambi čaka: {waiting[identifier]}. V 30 dneh poteče rok: {coming[identifier]}."
        en = f"Waiting for a decision on retention: {waiting[identifier]}. Ending within 30 days: {coming[identifier]}."
        told += send_now(user, "Roki hrambe / Retention", f"{sl}\n{en}\n\n{address}\n")
    return told
