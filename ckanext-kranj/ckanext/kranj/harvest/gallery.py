"""The systems that can be added as sources: prepared ones by content area, and every kind of source."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from ckan import model

from ckanext.kranj.harvest import config
from ckanext.kranj.harvest.kinds import HIDDEN
from ckanext.kranj.language import language

from harvesters import Preset, installed_connectors, preset_named, presets
from schemas import vocabulary

OTHER = ""
"""The area of a prepared source whose records each say their own."""
_MARK = " (predstavitveni podatki)"
_LATIN = str.maketrans("čšžćđ", "cszcd")


def url_of(preset: Preset) -> str:
    """Where a prepared source is; of the demonstration city below the address that the portal knows."""
    return urljoin(config.demo_url() + "/", preset.url.lstrip("/")) if preset.demo else preset.url


def offered() -> list[Preset]:
    """The prepared sources that this portal can read, by title."""
    known = (item for item in presets().values() if not item.demo or config.demo_url())
    return sorted(known, key=lambda item: item.title.casefold())


def is_offered(slug: str) -> bool:
    """Whether a prepared source of that slug can be added here."""
    return slug in presets() and (not preset_named(slug).demo or bool(config.demo_url()))


def shown(query: str = "") -> dict[str, Any]:
    """The gallery, in the language of the page.

    Args:
        query: words that must all occur in title, description, kind or area; accents make no difference.

    Returns:
        ``{"areas": [{"code", "label", "systems": […]}], "kinds": [{"name", "title"}]}``; a system has ``slug``,
        ``title``, ``notes``, ``kind``, ``demo``, ``url`` and ``exists`` (it is a source already).
    """
    names = [item.slug for item in offered()]
    there = {name for (name,) in model.Session.query(model.Package.name).filter(
        model.Package.name.in_(names), model.Package.type == "harvest", model.Package.state == "active"
    )}  # fmt: skip
    areas, found = vocabulary("content_area"), {}
    for preset in offered():
        code = next(iter(preset.defaults.get("content_area") or ()), OTHER)
        label = areas.label(code, language()) if code else {"sl": "Več področij", "en": "Several areas"}[language()]
        system = _system(preset, exists=preset.slug in there)
        if _matches(query, system["title"], system["notes"], system["kind"], label):
            found.setdefault(code, {"code": code, "label": label, "systems": []})["systems"].append(system)
    order = [*areas.codes, OTHER]
    kinds = [
        {"name": name, "title": connector.title[language()]}
        for name, connector in installed_connectors().items()
        if name not in HIDDEN and _matches(query, name, connector.title[language()])
    ]
    return {
        "areas": sorted(found.values(), key=lambda area: order.index(area["code"])),
        "kinds": sorted(kinds, key=lambda kind: kind["title"].casefold()),
    }


def _system(preset: Preset, *, exists: bool) -> dict[str, Any]:
    return {
        "slug": preset.slug,
        "title": preset.title.removesuffix(_MARK) if preset.demo else preset.title,
        "notes": preset.notes,
        "kind": installed_connectors()[preset.connector].title[language()],
        "demo": preset.demo,
        "url": url_of(preset),
        "exists": exists,
    }


def _matches(query: str, *texts: str) -> bool:
    whole = _plain(" ".join(texts))
    return all(word in whole for word in _plain(query).split())


def _plain(text: str) -> str:
    return text.casefold().translate(_LATIN)
