"""The daily e-mail about sources: one for each steward, about the sources of his organisations.

Mail is read on many screens: it names sources and numbers; no dataset, no address of a source, no value.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import mailer

from ckanext.kranj.harvest import health, words
from ckanext.kranj.harvest.model import HarvestRun

log = logging.getLogger(__name__)

ATTENTION = ("failing", "stale", "halted", "late", "shrinking", "slow")
"""States that are said; the others are no news."""
DAY = timedelta(days=1)
_STEWARDS = sa.text(
    'SELECT member.group_id, "user".id, "user".name, coalesce("user".fullname, "user".name) AS fullname, "user".email'
    ' FROM member JOIN "user" ON "user".id = member.table_id'
    " WHERE member.table_name = 'user' AND member.state = 'active' AND member.capacity IN ('admin', 'editor')"
    " AND \"user\".state = 'active' AND member.group_id = ANY(:owners)"
)


def digests(now: datetime | None = None) -> list[dict[str, Any]]:
    """What each steward is to know about the last day; who has nothing to know gets nothing.

    Returns:
        ``[{"user", "name", "email", "sources": [{"name", "title", "state", "sentence": {sl, en}, "counts"}]}]``.
    """
    moment = now or datetime.now(tz=UTC)
    news = {row["id"]: row for row in _news(moment)}
    owners = dict(
        model.Session.query(model.Package.id, model.Package.owner_org).filter(model.Package.id.in_(list(news))).all()
    )
    found: dict[str, dict[str, Any]] = {}
    for row in model.Session.execute(_STEWARDS, {"owners": sorted(set(filter(None, owners.values())))}):
        mine = [news[identifier] for identifier, owner in owners.items() if owner == row.group_id]
        entry = {"user": row.name, "name": row.fullname, "email": row.email, "sources": []}
        found.setdefault(row.id, entry)["sources"] += mine
    for entry in found.values():
        entry["sources"].sort(key=lambda item: (health.STATES.index(item["state"]), item["title"].casefold()))
    return sorted(found.values(), key=lambda entry: entry["user"])


def _news(now: datetime) -> list[dict[str, Any]]:
    """Sources that need attention, or brought or refused something in the last day."""
    english = {row["id"]: row["sentence"] for row in health.rows(now=now, lang="en")}
    runs = model.Session.query(HarvestRun.source_id, HarvestRun.counts).filter(HarvestRun.started > now - DAY)
    counts: dict[str, dict[str, int]] = {}
    for source_id, given in runs:
        total = counts.setdefault(source_id, {})
        for name in ("create", "update", "restore", "error", "archived"):
            total[name] = total.get(name, 0) + int((given or {}).get(name, 0))
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "title": row["title"],
            "state": row["state"],
            "sentence": {"sl": row["sentence"], "en": english[row["id"]]},
            "counts": {name: count for name, count in counts.get(row["id"], {}).items() if count},
        }
        for row in health.rows(now=now, lang="sl")
        if row["state"] in ATTENTION or any(counts.get(row["id"], {}).values())
    ]


def text(digest: dict[str, Any]) -> str:
    """The body of the e-mail, Slovene first."""
    site = str(tk.config["ckan.site_url"]).rstrip("/")
    parts = []
    for lang, hello, more in (
        ("sl", "Stanje vaših virov prevzema v zadnjem dnevu", "Podrobnosti"),
        ("en", "Your harvest sources in the last day", "Details"),
    ):
        lines = [f"{hello}:", ""]
        for item in digest["sources"]:
            sl, en = words.WORDS["state"][item["state"]]
            lines.append(f"* {item['title']}: {en if lang == 'en' else sl}")
            if item["state"] in ATTENTION:
                lines.append(f"  {item['sentence'][lang]}")
            names = words.WORDS["action"]
            said = [f"{names[name][lang == 'en']} {count}" for name, count in item["counts"].items()]
            lines += [f"  {', '.join(said)}"] if said else []
        lines += ["", f"{more}: {site}{'/en' if lang == 'en' else ''}/harvest/health"]
        parts.append("\n".join(lines))
    return "\n\n----\n\n".join(parts) + "\n"


def sent(item: dict[str, Any]) -> bool:
    """Send one of the ``digests``.

    Returns:
        Whether the mail server took it.
    """
    subject = "Prevzemi v zadnjem dnevu / Harvests of the last day"
    try:
        mailer.mail_recipient(item["name"], item["email"], subject, text(item))
    except (mailer.MailerException, OSError) as error:
        log.warning("a digest of harvests could not be sent: %s", error)
        return False
    return True
