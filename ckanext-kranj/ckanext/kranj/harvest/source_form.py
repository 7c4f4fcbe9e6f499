"""The form of a source: from what is stored or prepared to what stands in it, and from what was typed to a source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.harvest.model import HarvestSource
from ckanext.kranj.catalogue.describe import slug_of
from ckanext.kranj.harvest import events, gallery, kinds
from ckanext.kranj.harvest.spec import PREFIX, connector_of

from harvesters import Preset, preset_named
from harvesters.settings_form import Question, questions, read, written

HELD = ("visibility", "secrecy", "content_area", "access_method", "license_id", "frequency", "owner_status")
"""Fields of the standard that a source may say for all its records; a preset says more of them."""
MANY = frozenset({"content_area"})
AUTH = ("type", "secret", "user", "name")
OWN = ("title", "name", "notes", "url", "owner_org", "frequency")


@dataclass
class Form:
    """A source in its form."""

    connector: str
    preset: Preset | None = None
    source_id: str = ""
    """Of a source that is saved already."""
    stored: dict[str, Any] = field(default_factory=dict)
    """Its configuration as it is saved."""
    values: dict[str, Any] = field(default_factory=dict)
    """Name of an input -> what stands in it (a list where there are several boxes)."""

    held = HELD
    many = MANY

    @property
    def questions(self) -> tuple[Question, ...]:
        """The settings of its connector, without the address."""
        return tuple(item for item in questions(self.connector) if item.name != "url")

    @property
    def url_question(self) -> Question:
        """How the address is asked for."""
        return next(item for item in questions(self.connector) if item.name == "url")


def of_preset(slug: str) -> Form:
    """The form of a prepared source.

    Raises:
        UnknownPreset: there is none.
    """
    preset = preset_named(slug)
    own = {
        "title": preset.title,
        "name": preset.slug,
        "notes": preset.notes,
        "url": gallery.url_of(preset),
        "owner_org": preset.owner_org,
        "frequency": preset.frequency,
    }
    return Form(preset.connector, preset, values=own | _shown(preset.connector, preset.settings, {}))


def of_kind(connector: str) -> Form:
    """The empty form of a kind of source.

    Raises:
        UnknownConnector: there is none.
    """
    return Form(connector, values={"frequency": "DAILY"} | _shown(connector, {}, {}))


def of_source(source: Mapping[str, Any]) -> Form:
    """The form of a saved source.

    Args:
        source: as ``harvest_source_show`` gives it to somebody who may edit it.
    """
    connector = connector_of(source["source_type"]) or ""
    stored = stored_config(source["id"])
    preset = preset_named(stored["preset"]) if stored.get("preset") else None
    settings = {**(preset.settings if preset else {}), **stored.get("settings", {})}
    owner = model.Group.get(source.get("owner_org"))
    own = {name: source.get(name) or "" for name in OWN} | {"owner_org": owner.name if owner else ""}
    return Form(connector, preset, source["id"], stored, own | _shown(connector, settings, stored))


def stored_config(source_id: str) -> dict[str, Any]:
    """The configuration of a source as it is saved."""
    held = HarvestSource.get(source_id)
    found = json.loads((held.config if held else "") or "{}")
    return found if isinstance(found, dict) else {}


def _shown(connector: str, settings: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for question in questions(connector):
        _put(values, question, settings.get(question.name, question.default), "settings-")
    given = config.get("defaults", {})
    for name in HELD:
        values[f"default-{name}"] = given.get(name) or ([] if name in MANY else "")
    values["system"] = (config.get("internal", {}).get("location") or {}).get("system", "")
    values["allowed_hosts"] = "\n".join(config.get("allowed_hosts", ()))
    values["ca_bundle"] = config.get("ca_bundle") or ""
    auth = config.get("auth") or {}
    return values | {f"auth-{name}": auth.get(name, "") for name in AUTH}


def _put(values: dict[str, Any], question: Question, value: Any, prefix: str) -> None:
    if question.widget != "groups":
        values[prefix + question.name] = written(question, value)
        return
    for number, group in enumerate([*value, {}]):  # one empty group for one more
        for part in question.parts:
            _put(values, part, group.get(part.name, part.default), f"{prefix}{question.name}-{number}-")


def typed(form: Form, answers: MultiDict[str, str]) -> Form:
    """The form with what somebody typed into it."""
    values: dict[str, Any] = answers.to_dict()
    values |= {f"default-{name}": answers.getlist(f"default-{name}") for name in MANY}
    for question in form.questions:
        if question.widget == "groups":
            _offer_one_more(question, values)
    kept = {name: form.values[name] for name in ("name",) if form.source_id or form.preset}
    return Form(form.connector, form.preset, form.source_id, form.stored, {**values, **kept})


def _offer_one_more(question: Question, values: dict[str, Any]) -> None:
    """Add an empty group after the last one that has something in it."""
    number, prefix = 0, f"settings-{question.name}-"
    while values.get(f"{prefix}{number}-{question.parts[0].name}"):
        number += 1
    for part in question.parts:
        _put(values, part, part.default, f"{prefix}{number}-")


def data_of(form: Form) -> dict[str, Any]:
    """The source as ``harvest_source_create`` wants it.

    Raises:
        WrongSetting: a setting cannot be read.
    """
    values = form.values
    title = str(values.get("title") or "").strip()
    return {
        **({"id": form.source_id} if form.source_id else {}),
        "name": values.get("name") or slug_of(title),
        "title": title,
        "notes": str(values.get("notes") or ""),
        "url": str(values.get("url") or "").strip(),
        "source_type": PREFIX + form.connector,
        "owner_org": values.get("owner_org") or "",
        "frequency": values.get("frequency") or "MANUAL",
        "private": True,
        "config": json.dumps(_config(form), ensure_ascii=False),
    }


def _config(form: Form) -> dict[str, Any]:
    """The configuration: what is in the form, over what is stored and the form does not ask for."""
    values, config = form.values, dict(form.stored)
    if form.preset:
        config["preset"] = form.preset.slug
    config["settings"] = _settings(form)
    defaults = {name: value for name, value in config.get("defaults", {}).items() if name not in HELD}
    config["defaults"] = defaults | {name: values[f"default-{name}"] for name in HELD if values.get(f"default-{name}")}
    config["internal"] = _internal(config.get("internal", {}), str(values.get("system") or "").strip())
    if kinds.is_sysadmin():
        config["allowed_hosts"] = str(values.get("allowed_hosts") or "").split()
        config["ca_bundle"] = str(values.get("ca_bundle") or "").strip()
        auth = {name: str(values.get(f"auth-{name}") or "").strip() for name in AUTH}
        config["auth"] = {name: value for name, value in auth.items() if value} if auth["type"] else {}
    return {name: value for name, value in config.items() if value}


def _settings(form: Form) -> dict[str, Any]:
    """Settings that differ from those of the preset, so that a better preset still reaches the source."""
    given = read(form.connector, form.values.get)
    base = read(form.connector, _shown(form.connector, form.preset.settings, {}).get) if form.preset else {}
    every = {question.name: question.default for question in form.questions}
    before, now = {**every, **base}, {**every, **given}
    return {name: value for name, value in now.items() if value != before[name]}


def _internal(internal: Mapping[str, Any], system: str) -> dict[str, Any]:
    location = {**internal.get("location", {}), "system": system}
    made = {**internal, "location": {name: value for name, value in location.items() if value}}
    return {name: value for name, value in made.items() if value}


def save(form: Form) -> dict[str, Any]:
    """Store the source through ckanext-harvest's own action.

    Returns:
        The source.

    Raises:
        WrongSetting: a setting cannot be read, or something that only an administrator may change was changed.
        tk.ValidationError: ckanext-harvest or CKAN refuses it.
        tk.NotAuthorized: the visitor may not.
    """
    data = data_of(form)
    token = kinds.approved.set(approved_for(form, data))
    try:
        action = "harvest_source_update" if form.source_id else "harvest_source_create"
        saved: dict[str, Any] = tk.get_action(action)({"user": tk.current_user.name}, data)
    finally:
        kinds.approved.reset(token)
    events.note(saved["id"], tk.current_user.name, "settings" if form.source_id else "created")
    model.Session.commit()
    return saved


def approved_for(form: Form, data: Mapping[str, Any]) -> dict[str, Any]:
    """What an administrator approved for this source.

    It holds as long as the source stays at its address and reads the same there: settings may name other addresses.
    """
    held = HarvestSource.get(form.source_id) if form.source_id else None
    settings = json.loads(data["config"]).get("settings", {})
    same = held is not None and held.url == data["url"] and settings == form.stored.get("settings", {})
    return {name: form.stored[name] for name in kinds.ADMINISTRATORS if same and name in form.stored}
