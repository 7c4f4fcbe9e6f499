"""What CKAN's pages call our own types of packages; CKAN would put the capitalised English name of the type there."""

from __future__ import annotations

NAMES: dict[str, dict[str, tuple[str, str]]] = {
    "system": {
        "breadcrumb": ("Sistemi", "Systems"),
        "facet label": ("Sistemi", "Systems"),
        "main nav": ("Sistemi", "Systems"),
        "page title": ("Sistemi", "Systems"),
        "content tab": ("Sistem", "System"),
        "add link": ("Dodaj sistem", "Add a system"),
        "create label": ("Nov sistem", "New system"),
        "create title": ("Nov sistem", "New system"),
        "edit label": ("Uredi sistem", "Edit the system"),
        "view label": ("Prikaži sistem", "View the system"),
        "update label": ("Shrani sistem", "Save the system"),
        "save label": ("Shrani sistem", "Save the system"),
        "my label": ("Moji sistemi", "My systems"),
        "search placeholder": ("Išči po sistemih …", "Search systems …"),
        "search_placeholder": ("Išči po sistemih …", "Search systems …"),
        "delete confirmation": ("Ali res želite izbrisati ta sistem?", "Do you really want to delete this system?"),
        "no description": ("Sistem nima opisa.", "The system has no description."),
        "no any objects": ("Register sistemov je prazen.", "The register of systems is empty."),
    },
}
"""By type and purpose (ckan.lib.helpers.humanize_entity_type): Slovene, English."""


def name_for(object_type: str, purpose: str) -> tuple[str, str] | None:
    """The words of a type for a purpose, Slovene and English; None leaves it to CKAN."""
    return NAMES.get(object_type, {}).get(purpose)
