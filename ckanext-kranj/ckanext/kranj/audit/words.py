"""Words of the page "kdo je kaj naredil": what happened, who acts when nobody is named, and what codes mean."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.language import in_language, language, title_of
from ckanext.kranj.retention.words import DECISION, STATUS

from schemas import vocabulary

SENTENCES = {
    ("package", "insert"): ("je ustvaril/a opis", "created the description"),
    ("package", "update"): ("je spremenil/a opis", "changed the description"),
    ("package", "delete"): ("je dokončno odstranil/a opis", "purged the description"),
    ("resource", "insert"): ("je dodal/a vir", "added a resource"),
    ("resource", "update"): ("je spremenil/a vir", "changed a resource"),
    ("resource", "delete"): ("je odstranil/a vir", "removed a resource"),
    ("kranj_internal", "insert"): ("je zapisal/a notranji del", "wrote the internal block"),
    ("kranj_internal", "update"): ("je spremenil/a notranji del", "changed the internal block"),
    ("kranj_internal", "delete"): ("je odstranil/a notranji del", "removed the internal block"),
    ("package_member", "insert"): ("je povabil/a sodelavca", "invited a collaborator"),
    ("package_member", "update"): ("je spremenil/a vlogo sodelavca", "changed the role of a collaborator"),
    ("package_member", "delete"): ("je odstranil/a sodelavca", "removed a collaborator"),
    ("kranj_approval", "insert"): ("je predlagal/a spremembo vidnosti", "proposed a change of visibility"),
    ("kranj_approval", "update"): ("je odločil/a o vidnosti", "decided about the visibility"),
    ("kranj_access_request", "insert"): ("je zaprosil/a za podatke", "asked for the data"),
    ("kranj_access_request", "update"): ("je odgovoril/a na prošnjo za podatke", "answered a request for the data"),
    ("kranj_retention_decision", "insert"): ("je ugotovil/a potek roka hrambe", "found that the retention ended"),
    ("kranj_retention_decision", "update"): ("je odločal/a o roku hrambe", "acted on the end of the retention"),
    ("kranj_retention_event", "insert"): (
        "je zapisal/a dogodek, od katerega teče rok hrambe",
        "noted what the retention runs from",
    ),
    ("kranj_retention_hold", "insert"): ("je zadržal/a uničenje podatkov", "placed a hold on the data"),
    ("kranj_retention_hold", "update"): ("je umaknil/a zadržanje podatkov", "lifted the hold on the data"),
    ("member", "insert"): ("je uvrstil/a zbirko v področje", "put the dataset into an area"),
    ("member", "update"): ("je spremenil/a uvrstitev zbirke v področje", "changed the area of the dataset"),
    ("member", "delete"): ("je umaknil/a zbirko iz področja", "took the dataset out of an area"),
    ("package", "show"): ("je bral/a opis", "read the description"),
    ("internal", "show"): ("je bral/a notranji del", "read the internal block"),
}
"""What happened: kind of object and operation -> Slovene, English."""

OTHERWISE = ("je spremenil/a nekaj drugega pri zbirki", "changed something else of the dataset")

ACTORS = {
    "anonymous": ("Neprijavljen obiskovalec", "A visitor without a login"),
    "machine": ("Upravljavec strežnika", "The operator of the server"),
    "db": ("Portal", "The portal"),
    "unknown": ("Neznan račun", "An unknown account"),
}
"""Who acts when it is no account: what stands before the colon -> Slovene, English."""

LABELS = {
    "status": ("Stanje", "Status"),
    "state": ("Stanje opisa", "State of the description"),
    "wanted": ("Predlagana vidnost", "Proposed level"),
    "level": ("Vidnost pred predlogom", "Level before the proposal"),
    "decision": ("Odločitev", "Decision"),
    "capacity": ("Vloga", "Role"),
    "user_id": ("Oseba", "Person"),
    "owner_org": ("Lastnik", "Owner"),
}
"""Names of columns that say something to people; of tables other than descriptions and files no others are shown."""

CODES = {
    "status": {
        "waiting": ("čaka", "waiting"),
        "approved": ("odobreno, čaka na dan objave", "approved, waits for its day"),
        "returned": ("vrnjeno", "returned"),
        "withdrawn": ("umaknjeno", "withdrawn"),
        "granted": ("odobreno", "granted"),
        "refused": ("zavrnjeno", "refused"),
        **STATUS,
    },
    "state": {
        "active": ("veljaven", "active"),
        "draft": ("osnutek", "draft"),
        "deleted": ("izbrisan", "deleted"),
    },
    "decision": DECISION,
    "capacity": {
        "member": ("bralec", "reader"),
        "editor": ("urednik", "editor"),
        "admin": ("skrbnik", "steward"),
    },
}
"""Codes of those columns in words."""


def sentence(object_type: str, operation: str) -> str:
    """What happened, in the language of the page."""
    return in_language(*SENTENCES.get((object_type, operation), OTHERWISE))


def actor(name: str) -> str:
    """Who acted, as people call them."""
    user = model.User.get(name)
    if user is not None and user.name == tk.config["ckan.site_id"]:
        return in_language(*ACTORS["db"])  # the account in whose name CKAN itself acts, harvesting included
    if user is not None:
        return str(user.display_name)
    kind = name.partition(":")[0]
    return in_language(*ACTORS[kind]) if kind in ACTORS else name


def label(column: str) -> str | None:
    """What people call a column; None where there is no word for it."""
    return in_language(*LABELS[column]) if column in LABELS else None


def code(column: str, value: Any) -> str | None:
    """A value of such a column in words; None where it is none of those."""
    text = str(value)
    if column in ("wanted", "level"):
        levels = vocabulary("visibility")
        return levels.label(text, language()) if text in levels.codes else None
    if column == "user_id":
        return actor(text)
    if column == "owner_org":
        owner = model.Group.get(text)
        return title_of(owner) if owner is not None else None
    words = CODES.get(column, {}).get(text)
    return in_language(*words) if words else None
