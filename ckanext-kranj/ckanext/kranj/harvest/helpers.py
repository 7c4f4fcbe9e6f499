"""Template helpers of the plugin ``kranj_harvest``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.kranj.harvest import archive, gallery, health, history, kinds, reports, words
from ckanext.kranj.harvest.spec import connector_of
from ckanext.kranj.language import language

from harvesters import connector_named
from harvesters.reasons import reason_of
from schemas import field_named


def kranj_harvest_gallery(query: str) -> dict[str, Any]:
    """The gallery of systems."""
    return gallery.shown(query)


def kranj_harvest_ours(source_type: str) -> bool:
    """Whether a source is read by a connector of ours, or by another harvester of ckanext-harvest."""
    return connector_of(source_type or "") is not None


def kranj_harvest_word(kind: str, code: str) -> str:
    """The word for a code (state, action, frequency, event) in the language of the page."""
    return words.word(kind, code)


def kranj_harvest_words(kind: str) -> list[tuple[str, str]]:
    """All codes of a kind with their words, in their order."""
    return [(code, words.word(kind, code)) for code in words.WORDS[kind]]


def kranj_harvest_reason(code: str) -> dict[str, Any]:
    """Why a run ended early or waits: ``text`` and ``remedy`` in the language of the page, ``supplier``."""
    reason = reason_of(code)
    text = {"sl": reason.sl, "en": reason.en}[language()]
    return {"code": code, "text": text, "remedy": reason.remedy[language()], "supplier": reason.supplier}


def kranj_harvest_field(name: str) -> dict[str, Any]:
    """A field of the standard for a form: label, help and list of codes."""
    field = field_named(name)
    choices = tk.h.kranj_vocabulary_choices({"vocabulary": field.options["vocabulary"]})
    label, help_text = field.label[language()], field.help_text.get(language(), "")
    return {"name": name, "label": label, "help": help_text, "choices": choices}


def kranj_harvest_kind(connector: str) -> str:
    """What a kind of source is called."""
    return connector_named(connector).title[language()]


def kranj_harvest_label(name: str, value: Any) -> str:
    """The label of a value of a coded field."""
    field = field_named(name)
    codes = value if isinstance(value, list) else [value]
    return ", ".join(tk.h.kranj_label(field.options["vocabulary"], code) for code in codes)


def kranj_harvest_said(message: str) -> str:
    """What CKAN, ckanext-harvest or we said about a form, without the code in front."""
    return words.of_message(message)


def kranj_harvest_progress(source_id: str) -> dict[str, Any]:
    """What a source is doing now."""
    context = {"user": tk.current_user.name}
    found: dict[str, Any] = tk.get_action("kranj_harvest_progress")(context, {"source": source_id})
    return found


def kranj_harvest_runs(source_id: str, limit: int) -> list[dict[str, Any]]:
    """The last runs of a source whose page asked for the rights already."""
    return health.history(source_id, limit)


def kranj_harvest_history(source_id: str) -> list[dict[str, Any]]:
    """Who did what with a source, the newest first."""
    return history.of_source(source_id)


def kranj_harvest_report(job_id: str) -> dict[str, Any]:
    """The report of a run."""
    found: dict[str, Any] = tk.get_action("kranj_harvest_report")({"user": tk.current_user.name}, {"id": job_id})
    return found


def kranj_harvest_datasets(source_id: str) -> list[dict[str, Any]]:
    """The datasets that came from a source and that the visitor may see."""
    return reports.datasets_of(source_id, {"user": tk.current_user.name})


def kranj_harvest_state(source_id: str) -> dict[str, Any]:
    """How a source is doing: ``state`` and ``sentence``."""
    return health.of_source(source_id)


def kranj_harvest_value(path: str, value: Any) -> str:
    """A value of a field in one line."""
    return words.of_value(path, value)


def kranj_harvest_findings(source: str) -> list[dict[str, Any]]:
    """What waits for a person about one source."""
    found: list[dict[str, Any]] = tk.get_action("kranj_harvest_finding_list")(
        {"user": tk.current_user.name}, {"source": source}
    )
    return found


def kranj_harvest_tone(state: str) -> str:
    """The colour of a state: good, warn, bad or quiet."""
    return words.TONES.get(state, "quiet")


def kranj_harvest_outcome(run: dict[str, Any]) -> str:
    """How a run ended, in a few words."""
    return words.outcome(run)


def kranj_harvest_duration(seconds: float | None) -> str:
    """Seconds as people say them."""
    return words.duration(seconds)


def kranj_harvest_withdrawn(package_id: str) -> dict[str, Any] | None:
    """Since when the source of a dataset has it no longer, and whether it is archived; None when it has it."""
    return archive.withdrawn(package_id)


def kranj_harvest_is_admin() -> bool:
    """Whether the visitor may say what reaches into the network or the secrets of the machine."""
    return kinds.is_sysadmin()


def get_helpers() -> dict[str, Callable[..., Any]]:
    """For CKAN's blanket."""
    return {name: function for name, function in globals().items() if name.startswith("kranj_")}
