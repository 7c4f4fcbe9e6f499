"""The form of a connector's settings: words for every setting, and what is written is read again as it was."""

import pytest

from harvesters import installed_connectors, presets, settings_of
from harvesters.errors import WrongSetting
from harvesters.settings_form import questions, read, written

pytestmark = pytest.mark.unit
CONNECTORS = sorted(set(installed_connectors()) - {"memory"})


def all_of(asked, above=""):
    for question in asked:
        yield above + question.name, question
        yield from all_of(question.parts, f"{above}{question.name}.")


def typed(asked, settings, prefix="settings-"):
    """What a form holds that shows these settings."""
    found = {}
    for question in asked:
        value = settings.get(question.name, question.default)
        if question.widget == "groups":
            for number, group in enumerate(value):
                found |= typed(question.parts, group, f"{prefix}{question.name}-{number}-")
        else:
            found[prefix + question.name] = written(question, value)
    return found


@pytest.mark.parametrize("connector", CONNECTORS)
def test_every_setting_has_words_in_both_languages(connector):
    for name, question in all_of(questions(connector)):
        for words in (question.label, question.help, *(label for _, label in question.choices)):
            assert words["sl"].strip(), name
            assert words["en"].strip(), name
        assert question.label["sl"] != question.name, f"{connector}.{name}: no words in harvesters/settings.yaml"


@pytest.mark.parametrize("connector", CONNECTORS)
def test_a_form_left_as_it_is_gives_the_defaults(connector):
    settings = read(connector, typed(questions(connector), {}).get)
    assert settings == {}
    kind = installed_connectors()[connector].settings_class
    assert settings_of(connector, kind, {"url": "https://vir.example/", **settings})


@pytest.mark.parametrize("slug", sorted(presets()))
def test_settings_of_every_preset_survive_the_form(slug):
    preset = presets()[slug]
    found = read(preset.connector, typed(questions(preset.connector), preset.settings).get)
    kind = installed_connectors()[preset.connector].settings_class
    address = {"url": "https://vir.example/"}
    assert settings_of("", kind, {**address, **found}) == settings_of("", kind, {**address, **preset.settings})


def test_widgets_follow_the_type():
    found = {f"{name}.{question.name}": question.widget for name in CONNECTORS for question in questions(name)}
    assert {found[key] for key in ("ckan.page_size", "dcat.max_pages")} == {"number"}
    assert (found["ckan.api"], found["openapi.published"], found["sql.schemas"]) == ("choice", "switch", "lines")
    assert (found["dcat.owners"], found["sql.datasets"], found["mapping.files"]) == ("pairs", "lists", "groups")


def test_nothing_is_asked_in_json():
    says = next(q for q in next(q for q in questions("mapping") if q.name == "files").parts if q.name == "says")
    value = {"title_translated": {"sl": "Ponudba", "en": "Supply"}, "content_area": ["promet"], "x": {"n": 3, "s": "3"}}
    text = written(says, value)
    assert text.splitlines() == [
        "title_translated.sl = Ponudba", "title_translated.en = Supply", "content_area[0] = promet",
        "x.n = 3", 'x.s = "3"'
    ]  # fmt: skip
    form = {"settings-files-0-guid": "a", "settings-files-0-says": text}
    assert read("mapping", form.get)["files"][0]["says"] == value


@pytest.mark.parametrize(
    ("connector", "name", "text"),
    [
        ("dcat", "max_pages", "veliko"),
        ("dcat", "owners", "brez enačaja"),
        ("mapping", "files-0-says", "a[5] = x"),
        ("mapping", "files-0-says", "a = x\na.b = y"),
    ],
)
def test_what_cannot_be_read_is_named(connector, name, text):
    form = {"settings-files-0-guid": "a", f"settings-{name}": text}
    with pytest.raises(WrongSetting) as caught:
        read(connector, form.get)
    assert name.rpartition("-")[2] in str(caught.value)
    label = {question.name: question.label["sl"] for _, question in all_of(questions(connector))}
    assert caught.value.words["sl"].startswith(label[name.rpartition("-")[2]])


def test_empty_groups_are_no_files():
    form = {"settings-files-0-guid": "a", "settings-files-1-guid": "", "settings-files-1-format": "JSON"}
    assert read("mapping", form.get)["files"] == [{"guid": "a"}]
