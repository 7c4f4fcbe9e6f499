"""The words of harvesting in both languages: states, what happened to a record, frequencies, who did what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.kranj.language import language

from harvesters.errors import HarvestError
from harvesters.reasons import reason_of
from harvesters.settings_form import Mistyped
from schemas import Field, dataset_fields, internal_fields, resource_fields

WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "frequency": {
        "MANUAL": ("samo na zahtevo", "only when asked"),
        "ALWAYS": ("vsako uro", "every hour"),
        "DAILY": ("vsak dan", "every day"),
        "WEEKLY": ("vsak teden", "every week"),
        "BIWEEKLY": ("vsaka dva tedna", "every two weeks"),
        "MONTHLY": ("vsak mesec", "every month"),
    },
    "action": {
        "create": ("novo", "new"),
        "update": ("spremenjeno", "changed"),
        "restore": ("obnovljeno", "restored"),
        "unchanged": ("nespremenjeno", "unchanged"),
        "error": ("zavrnjeno", "refused"),
        "held": ("čaka na odločitev", "waits for a decision"),
        "missing": ("manjka pri viru", "missing at the source"),
        "archived": ("arhivirano", "archived"),
        "draft": ("osnutki", "drafts"),
        "read": ("prebrano", "read"),
    },
    "input": {
        "title": ("Ime vira", "Name of the source"),
        "name": ("Ime vira", "Name of the source"),
        "url": ("Naslov vira", "Address of the source"),
        "owner_org": ("Organizacija", "Organisation"),
        "frequency": ("Kako pogosto", "How often"),
        "notes": ("Opis", "Description"),
    },
    "state": {
        "good": ("v redu", "good"),
        "new": ("še ni bil prevzet", "not run yet"),
        "running": ("prevzem teče", "running"),
        "paused": ("začasno ustavljen", "paused"),
        "halted": ("čaka na odločitev", "waits for a decision"),
        "stale": ("dolgo brez svežih opisov", "stale"),
        "failing": ("prevzem ne uspe", "failing"),
        "late": ("zamuja", "late"),
        "shrinking": ("se krči", "shrinking"),
        "slow": ("je počasnejši", "slow"),
    },
    "phase": {
        "idle": ("Zdaj ne teče", "Not running"),
        "waiting": ("Čaka, da ga prevzame strežnik", "Waits for the server to take it"),
        "running": ("Prevzem teče", "The harvest is running"),
        "stopping": ("Se ustavlja", "Is stopping"),
    },
    "event": {
        "created": ("je vir dodal", "added the source"),
        "settings": ("je spremenil nastavitve", "changed the settings"),
        "asked": ("je zahteval prevzem", "asked for a run"),
        "cancelled": ("je ustavil prevzem", "stopped the run"),
        "paused": ("je vir začasno ustavil", "paused the source"),
        "resumed": ("je vir spet zagnal", "resumed the source"),
        "quiet-hours": ("je določil mirne ure", "set quiet hours"),
        "approved": ("je potrdil umike", "confirmed withdrawals"),
        "discarded": ("je umike zavrnil", "discarded withdrawals"),
        "restored": ("je obnovil zbirko", "restored a dataset"),
        "released": ("je sprostil zadržane zapise", "released records that were set aside"),
        "decided": ("se je odločil o ugotovitvi", "decided about a finding"),
    },
    "auth": {
        "bearer": ("žeton (Bearer)", "token (Bearer)"),
        "basic": ("uporabnik in geslo (Basic)", "user and password (Basic)"),
        "header": ("ključ v glavi zahteve", "key in a header"),
        "query": ("ključ v naslovu", "key in the address"),
    },
}
"""Kind -> code -> Slovene, English."""


TONES = {
    **dict.fromkeys(("failing", "stale"), "bad"),
    **dict.fromkeys(("halted", "late", "shrinking", "slow"), "warn"),
    "good": "good",
}
"""State -> how loudly it is said."""


def word(kind: str, code: str) -> str:
    """The word for a code in the language of the page; a code without words stays as it is."""
    sl, en = WORDS[kind].get(code, (code, code))
    return en if language() == "en" else sl


def duration(seconds: float | None) -> str:
    """Seconds as people say them: 0.3 s, 45 s, 3 min, 2 h 5 min."""
    if seconds is None:
        return ""
    if 0 < seconds < 10:
        return f"{seconds:.1f} s".replace(".", "." if language() == "en" else ",", 1)
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


SENTENCES = {
    "paused": ("Ustavil {who}, {at}.", "Paused by {who}, {at}."),
    "running": ("Od {at}; zadnji znak življenja {heartbeat}.", "Since {at}; last sign of life {heartbeat}."),
    "new": ("Še ni bil prevzet.", "Not run yet."),
    "halted": (
        "{reason} Manjka {missing}, preimenovanih {renamed}.",
        "{reason} {missing} missing, {renamed} renamed.",
    ),
    "stale": ("Brez popolnega prevzema od {at}. {reason}", "No complete run since {at}. {reason}"),
    "failing": ("{reason}", "{reason}"),
    "late": (
        "Na vrsti je bil {at}, pa se ni začel; povejte upravljavcu portala.",
        "It was due {at} and did not begin; tell the operator of the portal.",
    ),
    "shrinking": ("Zapisov {records}, prej do {most}.", "{records} records, up to {most} before."),
    "slow": ("Zadnji prevzem {seconds}, navadno {usual}.", "Last run {seconds}, usually {usual}."),
    "good": ("{at}: {counts}.", "{at}: {counts}."),
}
"""State -> Slovene, English; the parts in braces are put in by ``sentence``."""


def sentence(state: str, **given: Any) -> str:
    """A state in one sentence, in the language of the page."""
    sl, en = SENTENCES[state]
    said: dict[str, Any] = {name: value for name, value in given.items() if isinstance(value, int | str)}
    said |= {name: moment(given[name]) for name in ("at", "heartbeat") if name in given}
    said |= {name: duration(given[name]) for name in ("seconds", "usual") if name in given}
    if "reason" in given:
        reason = reason_of(given["reason"]) if given["reason"] else None
        said["reason"] = (reason.en if language() == "en" else reason.sl) if reason else ""
    if "counts" in given:
        counts = [f"{word('action', name)} {count}" for name, count in given["counts"].items() if count]
        said["counts"] = ", ".join(counts) or ("no records" if language() == "en" else "brez zapisov")
    return (en if language() == "en" else sl).format_map(said).strip()


def moment(value: datetime | None) -> str:
    """A moment by the clock of the portal: 26. 11. 2026 22:25."""
    return tk.h.kranj_moment(value.isoformat()) if value else "?"


def outcome(run: Mapping[str, Any]) -> str:
    """How a run ended, in a few words.

    Args:
        run: as ``health.history`` gives it.
    """
    en = language() == "en"
    if run["finished"] is None:
        return "is running" if en else "teče"
    if run["halted"] and not run["decided_by"]:
        return word("state", "halted")
    if run["complete"]:
        return "complete" if en else "do konca"
    reason = reason_of(run["reason_code"]) if run["reason_code"] else None
    return (reason.en if en else reason.sl) if reason else ("not complete" if en else "ni do konca")


_CODE = re.compile(r"^\[[a-z-]+\] ")
_SAID = (
    (
        "There already is a Harvest Source",
        "Vir s tem naslovom že obstaja.",
        "There is a source with this address already.",
    ),
    ("That URL is already in use.", "Vir s tem imenom že obstaja.", "There is a source of this name already."),
    ("That name is already in use.", "Vir s tem imenom že obstaja.", "There is a source of this name already."),
    ("Missing value", "Izpolnite to polje.", "Fill in this field."),
)
"""What CKAN and ckanext-harvest say -> how it is said here."""


def of_message(message: str) -> str:
    """What was said about a form, without its code, in the words of this portal."""
    for start, sl, en in _SAID:
        if message.startswith((start, tk._(start))):
            return en if language() == "en" else sl
    return _CODE.sub("", message)


def of_path(path: str) -> str:
    """The place of a problem as people call it: ``resources[0].url`` → File 1: Address."""
    head, *rest = re.split(r"\.|\[|\]\.?", path)
    rest = [step for step in rest if step]
    if not head:
        return ""
    if head == "resources":
        number = int(rest[0]) + 1 if rest and rest[0].isdigit() else ""
        first = f"{'Resource' if language() == 'en' else 'Datoteka'} {number}".strip()
        return ": ".join([first, *(_label(resource_fields(), step) for step in rest[1:2])])
    if head == "internal" and rest:
        return _label(internal_fields(), rest[0])
    return _label(dataset_fields(), head)


def _label(fields: tuple[Field, ...], name: str) -> str:
    return next((field.label[language()] for field in fields if field.name == name), name)


def refused(error: HarvestError) -> tk.ValidationError:
    """A wrong setting as CKAN refuses things: one sentence in the language of the request, then what was said."""
    if isinstance(error, Mistyped):
        return tk.ValidationError({"config": [f"[{error.code}] {error.words[language()]}"]})
    reason = reason_of(error.code)
    text = {"sl": reason.sl, "en": reason.en}[language()]
    return tk.ValidationError({"config": [f"[{reason.code}] {text} {reason.remedy[language()]} ({error})"]})
