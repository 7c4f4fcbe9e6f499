"""Template helpers of the plugin ``kranj``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj import config
from ckanext.kranj.approval.checklist import DOUBT_WORDS
from ckanext.kranj.approval.model import Approval
from ckanext.kranj.catalogue import adopt, dataset_page, form_page, heirs, series, type_names
from ckanext.kranj.catalogue.complaints import parsed
from ckanext.kranj.catalogue.durations import in_words
from ckanext.kranj.catalogue.map import map_window
from ckanext.kranj.catalogue.places import place
from ckanext.kranj.catalogue.rectangle import sides_of
from ckanext.kranj.catalogue.systems.actions import entry_of
from ckanext.kranj.desk import cards
from ckanext.kranj.language import in_language, language, title_of
from ckanext.kranj.retention import words as retention_words

from schemas import vocabulary
from schemas.inheritance import site_defaults
from schemas.kinds import parse_date

kranj_adoptable = adopt.kranj_adoptable
kranj_followed = heirs.kranj_followed
kranj_complaints = form_page.kranj_complaints
kranj_form_steps = form_page.kranj_form_steps
kranj_lacking_defaults = adopt.kranj_lacking_defaults
kranj_owner = form_page.kranj_owner
kranj_system_titles = form_page.kranj_system_titles
kranj_internal_field_definitions = form_page.kranj_internal_field_definitions


kranj_first_facts = dataset_page.first_facts
kranj_place = place


def kranj_sections(fields: list[dict[str, Any]], dataset: dict[str, Any]) -> list[dict[str, Any]]:
    """What is known of a dataset, by the form's steps, in the language of the page."""
    return dataset_page.sections(fields, dataset, language())


def kranj_vocabulary_choices(field: dict[str, Any], first: Sequence[str] = ()) -> list[dict[str, str]]:
    """The codes of a field's list with labels in the language of the page, as scheming wants choices.

    Args:
        field: as scheming knows it.
        first: codes that stand before the others, in this order.
    """
    entries = vocabulary(field["vocabulary"])
    codes = [code for code in first if code in entries] + [code for code in entries.codes if code not in first]
    return [{"value": code, "label": entries.label(code, language())} for code in codes]


def kranj_series_members(pkg: dict[str, Any]) -> list[dict[str, str]]:
    """Datasets of a series that the visitor sees."""
    return series.members(pkg)


def kranj_series_named(identifiers: list[str]) -> list[dict[str, str]]:
    """Series of a dataset with their names, as far as the visitor sees them."""
    return series.named(identifiers)


def kranj_concepts(field: dict[str, Any]) -> dict[str, str]:
    """The concepts that a field of addresses offers: address and label in the language of the page."""
    entries = vocabulary(field["concepts"])
    return {str(entries.uri(code)): entries.label(code, language()) for code in entries.codes}


def kranj_label(name: str, code: str) -> str:
    """The label of a code in the language of the page."""
    return vocabulary(name).label(code, language())


def kranj_translated(value: Any) -> str:
    """The text of a {sl, en} value in the language of the page, else in Slovene."""
    if not isinstance(value, dict):
        return str(value or "")
    return value.get(language()) or value.get("sl") or next(iter(value.values()), "")


def kranj_translated_list(value: Any) -> list[str]:
    """The texts of a {sl: […], en: […]} value in the language of the page, else in Slovene."""
    return (value.get(language()) or value.get("sl") or []) if isinstance(value, dict) else []


def kranj_title(dataset: dict[str, Any]) -> str:
    """The title of a dataset, organisation or content area in the language of the page."""
    return kranj_translated(dataset.get("title_translated") or {}) or dataset.get("title") or dataset.get("name") or ""


def kranj_owner_title(dataset: dict[str, Any]) -> str:
    """The name of the organisation that owns a dataset, in the language of the page; empty when it has none."""
    owner = model.Session.get(model.Group, dataset.get("owner_org") or "")  # asked once a page, however long the list
    return title_of(owner) if owner else ""


def kranj_area(group: dict[str, Any]) -> str:
    """The name of a content area in the language of the page; a group that is none keeps its title."""
    areas = vocabulary("content_area")
    return areas.label(group["name"], language()) if group["name"] in areas.codes else kranj_title(group)


def kranj_text(sl: str, en: str) -> str:
    """The one of two texts that is in the language of the page."""
    return in_language(sl, en)


def kranj_doubt(code: str) -> str:
    """What a doubt of an approval's checklist means."""
    return in_language(*DOUBT_WORDS[code]) if code in DOUBT_WORDS else code


def kranj_proposal(dataset: dict[str, Any]) -> dict[str, Any] | None:
    """The latest proposal of a level for the page of a dataset; None to those who may propose none."""
    if dataset.get("type") != "dataset" or not tk.current_user.is_authenticated:
        return None
    last = Approval.last_of(dataset["id"])
    if last is None or not tk.h.check_access("kranj_level_preview", {"id": dataset["id"]}):
        return None
    return last.told()


def kranj_drafts() -> list[dict[str, Any]]:
    """Drafts that the visitor sees, those that were edited last first."""
    found: list[dict[str, Any]] = cards.drafts(rows=100)["results"]
    return found


def kranj_retention_word(column: str, code: str) -> str:
    """A status or a decision of retention in words."""
    return retention_words.said(column, code)


def kranj_site_title() -> str:
    """The portal's name in the language of the page."""
    title = str(tk.g.site_title)
    return in_language(title, config.title_en() or title)


def kranj_demo() -> bool:
    """Whether the portal shows demonstration data."""
    return config.demo()


def kranj_oidc() -> str:
    """What people call the OpenID provider with which they may log in; empty where there is none."""
    return config.oidc_label() if config.oidc() else ""


def kranj_token_days() -> tuple[int, int]:
    """Days that an API token is good for: when nobody says otherwise, and at the most."""
    return config.token_days(), config.token_most_days()


def kranj_said(text: Any) -> str:
    """What a library said in English, in the language of the page; what has no translation stays as it is."""
    return tk._(text) if isinstance(text, str) and text else ""


def kranj_errors(errors: Any) -> list[str]:
    """Problems of a field without codes and paths: stewards read sentences, programs read codes."""
    texts = [errors] if isinstance(errors, str) else errors or []
    return [parsed(text)[1] for text in texts if isinstance(text, str)]


def kranj_value(field: dict[str, Any], value: Any) -> str:
    """A value as the page of a dataset shows it, by the display snippet of its field."""
    return tk.h.snippet("scheming/snippets/display_field.html", field=field, data={field["field_name"]: value})


def kranj_system(system_id: str) -> dict[str, Any] | None:
    """An entry of the register of systems for its page, or None when the visitor does not see it."""
    return entry_of({"user": tk.current_user.name}, system_id)


def kranj_columns(resource_id: str) -> list[dict[str, Any]]:
    """The data dictionary of a resource for its page; empty when there is none or the visitor may not see it.

    ``gone``: the day since when the source has a column no longer.
    """
    try:
        shown = tk.get_action("kranj_columns_show")({}, {"id": resource_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return []
    return [{**column, "gone": shown["gone"].get(column["name"])} for column in shown["columns"]]


def kranj_sides(geometry: Any) -> dict[str, float] | None:
    """The four sides of a GeoJSON text that is a rectangle, else None."""
    return sides_of(geometry)


def kranj_map(sides: dict[str, float] | None) -> dict[str, Any]:
    """What the map of the form draws: its window, the city's frame, the rectangle chosen so far."""
    return map_window(sides_of(site_defaults()["spatial_coverage"][0]["bbox"]), sides)


def kranj_duration(value: str) -> str:
    """A duration as people say it: 5 let."""
    return in_words(value, language())


def kranj_moment(value: str) -> str:
    """A moment as people write it here, by the clock of the portal: 26. 11. 2026 22:25."""
    moment = datetime.fromisoformat(value).astimezone(tk.h.get_display_timezone())
    return f"{moment.day}. {moment.month}. {moment.year} {moment:%H:%M}"


def kranj_date(value: str) -> str:
    """A date as people write it here: 24. 11. 2026; partial dates stay as they are."""
    day = parse_date(value)
    return f"{day.day}. {day.month}. {day.year}" if day else value


def kranj_area_counts() -> dict[str, Any]:
    """For the home page: what the visitor may see, by content area, and what changed most recently."""
    query = {"rows": 5, "facet.field": ["groups", "organization"], "facet.limit": -1, "sort": "metadata_modified desc"}
    found = tk.get_action("package_search")({}, {**query, "fq": "dataset_type:dataset"})
    areas = vocabulary("content_area")
    return {
        "total": found["count"],
        "organizations": len(found["facets"]["organization"]),
        "newest": found["results"],
        "areas": [
            {"code": code, "label": areas.label(code, language()), "count": found["facets"]["groups"].get(code, 0)}
            for code in areas.codes
        ],
    }


@tk.chained_helper
def humanize_entity_type(original: Any, entity_type: str, object_type: str, purpose: str) -> str | None:
    """What a page calls a type of package: ours by catalogue/type_names.py, others as CKAN does."""
    words = type_names.name_for(object_type, purpose) if entity_type == "package" else None
    if words is not None:
        return in_language(*words)
    said: str | None = original(entity_type, object_type, purpose)
    return said


@tk.chained_helper
def render_datetime(
    original: Any, datetime_: Any, date_format: str | None = None, with_hours: bool = False, with_seconds: bool = False
) -> str:
    """A moment of CKAN's pages; in Slovene 27. 11. 2026 08:42 where CKAN says november 27, 2026, 08:42 (+0100)."""
    if date_format or language() != "sl":
        return str(original(datetime_, date_format, with_hours, with_seconds))
    hours = " %H:%M:%S" if with_seconds else " %H:%M" if with_hours else ""
    return str(original(datetime_, f"%-d. %-m. %Y{hours}"))


__all__ = ["humanize_entity_type", "render_datetime"]
__all__ += [name for name in globals() if name.startswith("kranj_")]
