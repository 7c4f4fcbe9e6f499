"""The words of harvesting in both languages: states, what happened to a record, frequencies, who did what."""

from __future__ import annotations

import re

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
    "auth": {
        "bearer": ("žeton (Bearer)", "token (Bearer)"),
        "basic": ("uporabnik in geslo (Basic)", "user and password (Basic)"),
        "header": ("ključ v glavi zahteve", "key in a header"),
        "query": ("ključ v naslovu", "key in the address"),
    },
}
"""Kind -> code -> Slovene, English."""


def word(kind: str, code: str) -> str:
    """The word for a code in the language of the page; a code without words stays as it is."""
    sl, en = WORDS[kind].get(code, (code, code))
    return en if language() == "en" else sl


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
