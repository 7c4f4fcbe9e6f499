"""What CKAN's pages call our own types of packages; CKAN would put the capitalised English name of the type there."""

from __future__ import annotations

NAMES: dict[str, dict[str, tuple[str, str]]] = {
    "dataset_series": {
        "breadcrumb": ("Nizi", "Series"),
        "facet label": ("Nizi", "Series"),
        "main nav": ("Nizi", "Series"),
        "page title": ("Nizi", "Series"),
        "content tab": ("Niz", "Series"),
        "add link": ("Dodaj niz", "Add a series"),
        "create label": ("Nov niz", "New series"),
        "create title": ("Nov niz", "New series"),
        "edit label": ("Uredi niz", "Edit the series"),
        "view label": ("Prikaži niz", "View the series"),
        "update label": ("Shrani niz", "Save the series"),
        "save label": ("Shrani niz", "Save the series"),
        "my label": ("Moji nizi", "My series"),
        "search placeholder": ("Išči po nizih …", "Search series …"),
        "search_placeholder": ("Išči po nizih …", "Search series …"),
        "delete confirmation": ("Ali res želite izbrisati ta niz?", "Do you really want to delete this series?"),
        "no description": ("Niz nima opisa.", "The series has no description."),
        "no any objects": ("Nizov še ni.", "There are no series yet."),
    },
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
