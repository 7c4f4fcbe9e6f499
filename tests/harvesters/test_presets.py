"""The presets that come with the product."""

from datetime import date

import pytest

from harvesters import Context, preset_named, presets
from harvesters.conformance import Answering
from harvesters.errors import UnknownPreset, WrongSetting
from harvesters.plan import judge
from harvesters.preset import preset_of

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("slug", presets())
class TestEach:
    def test_its_settings_are_accepted(self, slug):
        assert preset_named(slug).reader("https://vir.example/").settings.url == "https://vir.example/"

    def test_it_supplies_what_the_protocol_cannot_say(self, slug):
        bare = {
            "title_translated": {"sl": "Zbirka"},
            "notes_translated": {"sl": "Opis zbirke, ki je dovolj dolg, da ustreza standardu."},
            "access_method": "download",
            "resources": [],
        }
        reading = Context("vir", Answering({})).reading("a", bare)
        judged = judge(reading, preset_named(slug).fill(), version=1, first_seen=date(2026, 1, 1))
        lacking = [item.path for item in judged.problems if item.code == "missing"]
        assert lacking == []

    def test_only_demonstration_sources_are_on(self, slug):
        found = preset_named(slug)
        assert found.enabled == found.demo
        assert found.url.startswith("/" if found.demo else "https://")


class TestFiles:
    def test_an_unknown_key_is_refused(self):
        with pytest.raises(WrongSetting):
            preset_of({"slug": "a", "colour": "red"}, "a.yaml")

    def test_a_default_that_is_no_field_is_refused(self):
        made = {"slug": "a", "title": "A", "connector": "dcat", "url": "https://a.si", "owner_org": "x"}
        with pytest.raises(WrongSetting):
            preset_of({**made, "defaults": {"barva": "rdeča"}}, "a.yaml")

    def test_an_unknown_slug(self):
        with pytest.raises(UnknownPreset):
            preset_named("ni-je")
