"""Sources that stewards add and change: rights, credentials by reference, what stays, the live check and its bounds."""

import json
import time

import pytest
from werkzeug.datastructures import MultiDict

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config

from ckanext.kranj.harvest import source_form, sources, trial
from ckanext.kranj.harvest.spec import spec_of

from harvesters import Limits


@pytest.fixture
def editor(catalogue):
    """An editor of the municipality: name and headers."""
    user = factories.UserWithToken()
    call_action("organization_member_create", id="mestna-obcina-kranj", username=user["name"], role="editor")
    return {"name": user["name"], "headers": {"Authorization": user["token"]}}


@pytest.fixture
def admin(catalogue):
    user = factories.SysadminWithToken()
    return {"name": user["name"], "headers": {"Authorization": user["token"]}}


@pytest.fixture
def saved(source, served, turtle, dataset):
    """A function that makes a source over one dataset."""
    return lambda **config: source(served(turtle(dataset(1))), **config)


def form_of(spec):
    """What the form of a saved source holds, as a browser would send it."""
    form = source_form.of_source(call_action("harvest_source_show", id=spec.id))
    values = MultiDict()
    for name, value in form.values.items():
        for item in value if isinstance(value, list) else [value]:
            values.add(name, item)
    return values


def config_of(spec):
    return json.loads(call_action("harvest_source_show", id=spec.id)["config"])


class TestSaving:
    def test_what_the_form_does_not_ask_for_stays(self, saved, harvest_tables, admin):
        spec = saved()
        before = config_of(spec)
        typed = form_of(spec)
        typed["title"], typed["do"] = "Nov naslov", "save"
        answer = harvest_tables.post(
            f"/harvest/settings/{spec.slug}", data=typed, headers=admin["headers"], follow_redirects=False
        )
        assert answer.status_code == 302
        after = config_of(spec)
        assert after["defaults"] == before["defaults"]
        assert after["internal"] == before["internal"]
        assert after["allowed_hosts"] == before["allowed_hosts"]
        assert call_action("harvest_source_show", id=spec.id)["title"] == "Nov naslov"

    def test_an_editor_keeps_what_an_administrator_approved(self, saved, harvest_tables, editor):
        spec = saved(auth={"type": "bearer", "secret": "vir"})
        typed = form_of(spec)
        typed["title"], typed["do"], typed["auth-secret"] = "Nov naslov", "save", "drugo"
        answer = harvest_tables.post(
            f"/harvest/settings/{spec.slug}", data=typed, headers=editor["headers"], follow_redirects=False
        )
        assert answer.status_code == 302
        assert config_of(spec)["auth"] == {"type": "bearer", "secret": "vir"}

    @pytest.mark.parametrize(("name", "value"), [("url", "https://drugje.example/"), ("settings-max_pages", "3")])
    def test_an_editor_cannot_turn_an_approval_elsewhere(  # noqa: PLR0913, PLR0917 fixtures
        self, saved, harvest_tables, editor, name, value
    ):
        """A secret or an approved internal host would otherwise reach an address of the editor's choosing."""
        spec = saved(auth={"type": "bearer", "secret": "vir"})
        before = call_action("harvest_source_show", id=spec.id)
        for do in ("save", "check"):
            typed = form_of(spec)
            typed[name], typed["do"] = value, do
            answer = harvest_tables.post(f"/harvest/settings/{spec.slug}", data=typed, headers=editor["headers"])
            assert "kranj-summary" in answer.body
        assert call_action("harvest_source_show", id=spec.id)["url"] == before["url"]

    def test_a_setting_equal_to_the_preset_is_not_stored(self, harvest_tables, editor):
        with changed_config("kranj.harvest.demo_url", "http://127.0.0.1:9"):
            form = source_form.of_preset("demo-lokalna-hrana")
            values = MultiDict({**form.values, "do": "save"})
            values.setlist("default-content_area", [])
            harvest_tables.post("/harvest/add/preset/demo-lokalna-hrana", data=values, headers=editor["headers"])
        assert json.loads(call_action("harvest_source_show", id="demo-lokalna-hrana")["config"]) == {
            "preset": "demo-lokalna-hrana"
        }

    def test_a_second_source_of_the_same_name_is_refused_in_words(self, harvest_tables, editor):
        typed = {
            "title": "Vir",
            "url": "https://vir.example/",
            "owner_org": "mestna-obcina-kranj",
            "frequency": "DAILY",
        }
        for url in ("https://vir.example/", "https://drugje.example/"):
            answer = harvest_tables.post(
                "/harvest/add/kind/gbfs", data={**typed, "url": url, "do": "save"}, headers=editor["headers"]
            )
        assert "Vir s tem imenom že obstaja." in answer.body


class TestRights:
    def test_a_source_is_added_to_ones_own_organisation_only(self, harvest_tables, editor):
        typed = {"title": "Vir", "url": "https://vir.example/", "owner_org": "komunala-kranj", "frequency": "DAILY"}
        for do in ("save", "check"):
            answer = harvest_tables.post("/harvest/add/kind/gbfs", data={**typed, "do": do}, headers=editor["headers"])
            assert "V tej organizaciji ne smete dodajati virov." in answer.body
        with pytest.raises(tk.ObjectNotFound):
            call_action("harvest_source_show", id="vir")

    def test_others_do_not_reach_the_settings(self, saved, harvest_tables):
        spec = saved()
        other = factories.UserWithToken()
        call_action("organization_member_create", id="komunala-kranj", username=other["name"], role="editor")
        headers = {"Authorization": other["token"]}
        assert harvest_tables.get(f"/harvest/settings/{spec.slug}", headers=headers, status=None).status_code == 404
        assert harvest_tables.get("/harvest/new", follow_redirects=False).status_code == 302

    def test_the_demonstration_city_is_read_as_its_presets_say_only(self, harvest_tables):
        url, config = "http://127.0.0.1:8001/gbfs/krskolesom/gbfs.json", {"preset": "demo-krskolesom"}

        def hosts(address=url, given=config):
            return spec_of("x", "kranj-gbfs", address, json.dumps(given)).allowed_hosts

        assert hosts() == ()
        with changed_config("kranj.harvest.demo_url", "http://127.0.0.1:8001"):
            assert hosts() == ("127.0.0.1",)
            assert hosts("http://127.0.0.1:5432/") == ()
            assert hosts(given={**config, "settings": {"default_language": "en"}}) == ()
            assert hosts(given={"settings": {}}) == ()


class TestCheck:
    def ask(self, user, url, **more):
        data = {"source_type": "kranj-dcat", "url": url, "owner_org": "mestna-obcina-kranj", **more}
        return call_action("kranj_harvest_check", {"user": user, "ignore_auth": False}, **data)

    def test_ten_records_and_their_problems_and_nothing_is_written(  # noqa: PLR0913, PLR0917 fixtures
        self, served, turtle, dataset, harvest_tables, admin, counted
    ):
        url = served(turtle(*(dataset(n) for n in range(15))))
        with counted() as writes:
            found = self.ask(admin["name"], url, config=json.dumps({"allowed_hosts": ["localhost"]}))
        assert (found["good"], len(found["records"]), found["reason"]) == (True, 10, None)
        assert found["records"][0]["draft"] is True
        assert {"missing"} <= {problem["code"] for problem in found["records"][0]["problems"]}
        assert (writes.packages, writes.index) == (0, 0)

    def test_an_internal_address_is_refused_in_words(self, served, turtle, dataset, editor):
        found = self.ask(editor["name"], served(turtle(dataset(1))))
        assert (found["good"], found["reason"]["code"], found["records"]) == (False, "address-refused", [])

    def test_a_slow_source_ends_the_check_in_time(self, httpserver, harvest_tables):
        def slow(_request):
            from werkzeug import Response

            return Response((b" " for _ in iter(lambda: time.sleep(0.2), 1)), content_type="text/turtle")

        httpserver.expect_request("/catalog.ttl").respond_with_handler(slow)
        spec = spec_of(
            "x", "kranj-dcat", httpserver.url_for("/catalog.ttl"), json.dumps({"allowed_hosts": ["localhost"]})
        )
        started = time.monotonic()
        found = trial.of(spec, limits=Limits(total=1, read=1, run=1, attempts=1))
        assert time.monotonic() - started < 4
        assert found["reason"]["code"] == "timed-out"

    def test_wrong_settings_are_refused_in_words(self, admin):
        with pytest.raises(tk.ValidationError) as caught:
            self.ask(admin["name"], "https://vir.example/", config='{"settings": {"colour": 1}}')
        assert "[wrong-setting]" in caught.value.error_dict["config"][0]
        with pytest.raises(tk.ValidationError):
            self.ask(admin["name"], "https://vir.example/", config="nonsense")

    def test_a_saved_source_is_checked_by_name(self, saved, editor):
        spec = saved()
        context = {"user": editor["name"], "ignore_auth": False}
        assert call_action("kranj_harvest_check", context, id=spec.slug)["good"] is True


class TestGallery:
    def test_it_is_searched_without_accents_and_says_what_exists(self, editor):
        context = {"user": editor["name"], "ignore_auth": False}
        with changed_config("kranj.harvest.demo_url", "http://127.0.0.1:9"):
            found = call_action("kranj_harvest_gallery", context, q="zapore cest")
            slugs = [system["slug"] for area in found["areas"] for system in area["systems"]]
            assert slugs == ["demo-zapore-cest"]
            sources.add_presets("http://127.0.0.1:9", ("demo-zapore-cest",))
            (area,) = call_action("kranj_harvest_gallery", context, q="Zapore")["areas"]
            assert area["systems"][0]["exists"] is True

    def test_without_a_demonstration_city_its_systems_are_not_offered(self, editor):
        context = {"user": editor["name"], "ignore_auth": False}
        found = call_action("kranj_harvest_gallery", context)
        assert found["areas"]
        assert not [system for area in found["areas"] for system in area["systems"] if system["demo"]]
        assert "memory" not in {kind["name"] for kind in found["kinds"]}
