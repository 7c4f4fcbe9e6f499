"""The words of harvesting in both languages: states, what happened to a record, frequencies, who did what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.kranj.language import language

from harvesters.errors import HarvestError
from harvesters.reasons import reason_of
from harvesters.settings_form import Mistyped
from schemas import dataset_fields, resource_fields, vocabulary

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
        "kept": ("obdržal skrbnik", "kept by a steward"),
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
    "finding": {
        "halted": ("Umiki čakajo na potrditev", "Withdrawals wait for confirmation"),
        "renamed": ("Verjetno preimenovan zapis", "Probably a renamed record"),
        "missing": ("Zapisa pri viru ni več", "The source no longer has the record"),
        "same-identifier": ("Ista oznaka v dveh virih", "The same identifier in two sources"),
        "likely-duplicate": ("Verjetno ista zbirka", "Probably the same dataset"),
        "conflict": ("Vir pravi drugače kot skrbnik", "The source says otherwise than the steward"),
        "proposal": ("Predlog, kjer vir molči", "A proposal where the source is silent"),
        "quarantined": ("Zapis je zadržan", "A record was set aside"),
        "unclaimed-table": ("Tabela, ki je ne opisuje nobena zbirka", "A table that no dataset describes"),
        "unclaimed-share": ("Mapa, ki je ne opisuje nobena zbirka", "A folder that no dataset describes"),
    },
    "answer": {
        "approve": ("Potrdi", "Confirm"),
        "reject": ("Zavrni", "Discard"),
        "different": ("Sta različni", "They are different"),
        "same": ("Sta ista zbirka", "They are the same"),
        "source": ("Vzemi vrednost vira", "Take the source's value"),
        "keep": ("Obdrži svojo", "Keep one's own"),
        "accept": ("Sprejmi", "Accept"),
        "release": ("Poskusi znova", "Try again"),
        "restore": ("Obnovi zbirko", "Restore the dataset"),
        "let-go": ("Prepusti viru", "Let the source decide"),
        "not-ours": ("Ne sodi v katalog", "Does not belong into the catalogue"),
    },
    "difference": {
        "new": ("novo", "new"),
        "changed": ("spremenjeno", "changed"),
        "gone": ("vir ne navaja več", "no longer given"),
        "kept": ("skrbnikova vrednost ostane", "the steward's value stays"),
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
        "restored": ("je obnovil umaknjeno", "restored what was withdrawn"),
        "let-go": ("je odločitev spet prepustil viru", "let the source decide again"),
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
        "{reason} {missing} missing, {renamed} renamed wait for a decision.",
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


def sentence(state: str, lang: str = "", **given: Any) -> str:
    """A state in one sentence, in the language of the page or in ``lang``."""
    english = (lang or language()) == "en"
    sl, en = SENTENCES[state]
    said: dict[str, Any] = {name: value for name, value in given.items() if isinstance(value, int | str)}
    said |= {name: moment(given[name]) for name in ("at", "heartbeat") if name in given}
    said |= {name: duration(given[name]) for name in ("seconds", "usual") if name in given}
    if "reason" in given:
        reason = reason_of(given["reason"]) if given["reason"] else None
        said["reason"] = (reason.en if english else reason.sl) if reason else ""
    if "counts" in given:
        names = WORDS["action"]
        counts = [
            f"{names[name][english]} {count}" for name, count in given["counts"].items() if count and name in names
        ]
        said["counts"] = ", ".join(counts) or ("no records" if english else "brez zapisov")
    return (en if english else sl).format_map(said).strip()


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


def of_value(path: str, value: Any) -> str:
    """A value of a field in one line, as people read it: labels for codes, the text in the language of the page."""
    if value in (None, "", [], {}):
        return "—"
    name = path.rpartition(".")[2] if path.startswith("resources.") else re.split(r"[.\[]", path)[0]
    fields = resource_fields() if path.startswith("resources.") else dataset_fields()
    codes = next((field.options.get("vocabulary") for field in fields if field.name == name), None)
    return _line(value, codes)[:300]


def _line(value: Any, codes: str | None) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_line(item, None)}" for key, item in value.items() if item not in (None, "", []))
    if isinstance(value, list):
        return ", ".join(_line(item, codes) for item in value)
    if codes and isinstance(value, str):
        return vocabulary(codes).label(value, language()) if value in vocabulary(codes).codes else value
    return str(value)


WIDTH, HEIGHT = 120, 28


def spark(line: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Two small lines, of records and of seconds, and the same in words for who does not see them.

    Returns:
        ``{"records": points, "seconds": points, "text"}``; points as SVG wants them, empty for fewer than two runs.
    """
    records = [float(point["records"]) for point in line]
    seconds = [float(point["seconds"] or 0) for point in line]
    if not line:
        return {"records": "", "seconds": "", "text": word("state", "new")}
    en = language() == "en"
    text = (
        f"Last {len(line)} runs: records from {min(records):g} to {max(records):g}, last {records[-1]:g}; "
        f"longest {duration(max(seconds))}, last {duration(seconds[-1])}."
        if en
        else f"Zadnjih prevzemov {len(line)}: zapisov {min(records):g} do {max(records):g}, zadnjič {records[-1]:g}; "
        f"najdlje {duration(max(seconds))}, zadnjič {duration(seconds[-1])}."
    )
    return {"records": _points(records), "seconds": _points(seconds), "text": text}


def _points(values: Sequence[float]) -> str:
    if len(values) < 2:
        return ""
    top, step = max(values) or 1.0, WIDTH / (len(values) - 1)
    return " ".join(
        f"{number * step:.1f},{HEIGHT - 2 - value / top * (HEIGHT - 4):.1f}" for number, value in enumerate(values)
    )


def refused(error: HarvestError) -> tk.ValidationError:
    """A wrong setting as CKAN refuses things: one sentence in the language of the request, then what was said."""
    if isinstance(error, Mistyped):
        return tk.ValidationError({"config": [f"[{error.code}] {error.words[language()]}"]})
    reason = reason_of(error.code)
    text = {"sl": reason.sl, "en": reason.en}[language()]
    return tk.ValidationError({"config": [f"[{reason.code}] {text} {reason.remedy[language()]} ({error})"]})
