"""The steward's form in a real browser: five entries, inheritance in place, relevant fields, errors, map, drafts."""

import json

import pytest

from ckan.tests import factories
from ckan.tests.helpers import call_action

NOTES = "Seznam javnih drevoredov z lego, vrsto dreves in letom zasaditve, kot ga vodi mestna uprava."


def stored():
    return call_action("package_search", include_private=True, include_drafts=True)["results"]


def fill_five(page):
    page.fill("#field-title_translated-sl", "Drevoredi v Kranju")
    page.fill("#field-notes_translated-sl", NOTES)
    page.check("input[name=content_area][value=okolje-prostor]")


def test_five_entries_describe_an_ordinary_dataset(visit, steward):
    visitor = visit(steward["token"])
    page = visitor.open("/dataset/new")
    fill_five(page)
    page.click(".kranj-nav a[href='#step-access']")
    page.select_option("#field-secrecy", "javno")
    page.click("#box-field-access_method .kranj-override")
    page.select_option("#field-access_method", "on-site")
    visitor.changed()
    assert page.inner_text(".kranj-open") == "Nič ne manjka. Opis lahko shranite."
    page.click("button[name=state][value=active]")
    page.wait_for_url("**/dataset/drevoredi-v-kranju-*")
    (dataset,) = stored()
    assert (dataset["state"], dataset["access_method"], dataset["license_id"]) == ("active", "on-site", "CC_BY_4_0")
    assert dataset["contact"] == [{"name": "Podatkovna pisarna MO Kranj", "email": "podatki@kranj.si"}]
    assert visitor.foreign == []


def test_the_first_dataset_of_an_organisation_makes_the_second_one_five_entries(visit, catalogue, axe):
    """An editor of an organisation without defaults: the form says what has to be typed once, one click keeps it."""
    user = factories.User(image_url=None)
    call_action("organization_member_create", id="komunala-kranj", username=user["name"], role="editor")
    visitor = visit(factories.APIToken(user=user["name"])["token"], width=360)
    page = visitor.open("/dataset/new")
    hint = page.inner_text("#kranj-first")
    assert "Komunala Kranj" in hint
    assert "Odgovorna oseba" in hint
    assert "Pogostost osveževanja" in hint
    fill_five(page)
    page.click(".kranj-nav a[href='#step-who']")
    page.fill("#field-contact-0-name", "Služba za razvoj")
    page.fill("#field-contact-0-email", "razvoj@komunala.example")
    page.click(".kranj-nav a[href='#step-when']")
    page.select_option("#field-frequency", "ANNUAL")
    page.click(".kranj-nav a[href='#step-access']")
    page.select_option("#field-secrecy", "javno")
    page.select_option("#field-access_method", "on-site")
    page.click(".kranj-nav a[href='#step-retention']")
    page.select_option("#field-retention_kind", "T")
    page.click(".kranj-nav a[href='#step-where']")
    page.fill("#field-internal-location-system", "GIS Komunale")
    visitor.changed()
    assert page.inner_text(".kranj-open") == "Nič ne manjka. Opis lahko shranite."
    page.click("button[name=state][value=active]")
    page.wait_for_url("**/dataset/drevoredi-v-kranju-*")
    assert "GIS Komunale" in page.inner_text(".kranj-adopt")
    assert axe(page) == []
    page.click(".kranj-adopt button")
    page.wait_for_selector(".alert-success")
    assert page.locator(".kranj-adopt").count() == 0
    page = visitor.open("/dataset/new")
    assert page.locator("#kranj-first").count() == 0
    page.fill("#field-title_translated-sl", "Zelenice v Kranju")
    page.fill("#field-notes_translated-sl", NOTES)
    page.check("input[name=content_area][value=okolje-prostor]")
    page.click(".kranj-nav a[href='#step-access']")
    page.select_option("#field-secrecy", "javno")
    page.select_option("#field-access_method", "on-site")
    visitor.changed()
    page.click("button[name=state][value=active]")
    page.wait_for_url("**/dataset/zelenice-v-kranju-*")
    second = next(item for item in stored() if item["title"] == "Zelenice v Kranju")
    assert second["contact"] == [{"name": "Služba za razvoj", "email": "razvoj@komunala.example"}]
    assert (second["frequency"], second["retention_kind"]) == ("ANNUAL", "T")


def test_the_owner_is_the_organisation_of_the_steward_that_has_defaults(visit, steward):
    call_action("organization_member_create", id="domplan", username=steward["name"], role="editor")
    visitor = visit(steward["token"])
    page = visitor.open("/dataset/new")
    owner = page.locator("#field-owner_org option:checked")
    assert owner.inner_text() == "Mestna občina Kranj"  # and not Domplan, the first of the alphabet
    fill_five(page)
    page.click(".kranj-nav a[href='#step-access']")
    page.select_option("#field-secrecy", "javno")
    visitor.changed()
    assert page.inner_text(".kranj-open") == "Nič ne manjka. Opis lahko shranite."


def test_of_several_equal_organisations_none_is_chosen_and_the_form_asks(visit, catalogue):
    user = factories.User()
    for organization in ("domplan", "vigred"):
        call_action("organization_member_create", id=organization, username=user["name"], role="editor")
    page = visit(factories.APIToken(user=user["name"])["token"]).open("/dataset/new")
    assert page.input_value("#field-owner_org") == ""
    page.click("button[name=state][value=active]")
    page.wait_for_selector("form.kranj-live #kranj-summary")
    assert page.locator("#kranj-summary a", has_text="Lastnik").count() == 1
    assert page.input_value("#field-owner_org") == ""


def test_it_works_without_javascript(visit, steward):
    page = visit(steward["token"], javascript=False, width=360).open("/en/dataset/new")
    assert page.locator(".kranj-step:visible").count() == 7
    assert "Empty means" in page.inner_text("#box-field-frequency")
    fill_five(page)
    page.select_option("#field-secrecy", "javno")
    page.click("button[name=state][value=active]")
    page.wait_for_url("**/dataset/drevoredi-v-kranju-*")
    assert stored()[0]["title_translated"] == {"sl": "Drevoredi v Kranju"}


def test_it_works_by_keyboard_alone(visit, steward):
    page = visit(steward["token"]).open("/dataset/new")

    def tab_to(selector, most=80):
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        pytest.fail(f"{selector} cannot be reached by Tab")

    tab_to("#field-title_translated-sl")
    page.keyboard.type("Drevoredi v Kranju")
    tab_to("#field-notes_translated-sl")
    page.keyboard.type(NOTES)
    tab_to("input[name=content_area][value=okolje-prostor]")
    page.keyboard.press("Space")
    for _ in range(3):
        tab_to(".kranj-next")
        page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "title-access"
    tab_to("#field-secrecy")
    page.keyboard.type("Javno")
    tab_to("button[name=state][value=active]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/dataset/drevoredi-v-kranju-*")


def test_an_inherited_value_stands_in_place_and_is_overridden_by_one_click(visit, steward):
    visitor = visit(steward["token"])
    page = visitor.open("/dataset/new")
    page.click(".kranj-nav a[href='#step-when']")
    box = page.locator("#box-field-frequency")
    assert "po potrebi" in box.inner_text()
    assert "privzeto organizacije Mestna občina Kranj" in box.inner_text()
    assert not page.locator("#field-frequency").is_visible()
    box.locator(".kranj-override").click()
    assert page.evaluate("document.activeElement.id") == "field-frequency"
    page.select_option("#field-frequency", "WEEKLY")
    visitor.changed()
    assert "tedensko" in page.inner_text(".kranj-preview-body")


def test_only_relevant_fields_are_asked(visit, steward):
    page = visit(steward["token"]).open("/dataset/new")
    page.click(".kranj-nav a[href='#step-access']")
    assert not page.locator("#box-field-protection_grounds").is_visible()
    page.select_option("#field-secrecy", "osebni-podatki")
    assert page.locator("#box-field-protection_grounds").is_visible()
    assert not page.locator("#box-field-license_id").is_visible()
    page.select_option("#field-secrecy", "javno")
    assert page.locator("#box-field-license_id").is_visible()
    page.click(".kranj-nav a[href='#step-retention']")
    assert page.locator("#box-field-retention_period").is_visible()  # T_MIN is inherited, and has a period


def test_all_errors_come_at_once_with_links_that_lead_to_the_fields(visit, steward):
    page = visit(steward["token"]).open("/dataset/new")
    page.fill("#field-title_translated-sl", "Drevoredi v Kranju")
    page.fill("#field-notes_translated-sl", "prekratko")
    page.click(".kranj-nav a[href='#step-who']")
    page.click("#box-field-contact .kranj-override")
    page.fill("#field-contact-0-email", "ni naslov")
    page.click("button[name=state][value=active]")
    page.wait_for_selector("form.kranj-live #kranj-summary")
    links = page.locator("#kranj-summary a")
    words = links.all_inner_texts()
    for wanted in ("Pomen in opis vsebine", "Vsebinsko področje", "E-pošta", "Stopnja javnosti"):
        assert any(wanted in text for text in words), (wanted, words)
    for index in range(links.count()):
        link = links.nth(index)
        assert page.locator(link.get_attribute("href")).count() == 1, words[index]
        link.click()
        assert page.evaluate("document.activeElement.matches('input, select, textarea')"), words[index]
        assert page.locator(":focus").is_visible()
    assert page.input_value("#field-title_translated-sl") == "Drevoredi v Kranju"
    assert page.input_value("#field-contact-0-email") == "ni naslov"
    assert stored() == []


def test_a_long_list_is_searched(visit, steward):
    page = visit(steward["token"]).open("/dataset/new")
    page.click(".kranj-nav a[href='#step-when']")
    page.click("#box-field-frequency .kranj-override")
    page.fill("#box-field-frequency .kranj-filter", "cetrtlet")
    labels = [text for text in page.locator("#field-frequency option").all_inner_texts() if text.strip()]
    assert labels
    assert all("četrtlet" in label.lower() for label in labels)
    assert page.input_value("#field-frequency") == "QUARTERLY"


def test_eurovoc_is_chosen_by_name_and_written_by_address(visit, steward):
    visitor = visit(steward["token"])
    page = visitor.open("/dataset/new")
    fill_five(page)
    page.click("#step-what details.kranj-more > summary")
    page.fill("#box-field-eurovoc .kranj-filter", "okolje")
    page.check("#box-field-eurovoc .form-check:not([hidden]) input")
    page.fill("#field-eurovoc", "http://eurovoc.europa.eu/1234")
    page.click(".kranj-nav a[href='#step-access']")
    page.select_option("#field-secrecy", "javno")
    page.click("button[name=state][value=active]")
    page.wait_for_url("**/dataset/drevoredi-v-kranju-*")
    assert stored()[0]["eurovoc"] == ["http://eurovoc.europa.eu/100155", "http://eurovoc.europa.eu/1234"]
    assert page.locator("a[href='http://eurovoc.europa.eu/100155']").inner_text() == "Okolje"


def test_a_frame_is_drawn_on_the_map(visit, steward):
    visitor = visit(steward["token"])
    page = visitor.open("/dataset/new")
    fill_five(page)
    page.click(".kranj-nav a[href='#step-access']")
    page.select_option("#field-secrecy", "javno")
    page.click(".kranj-nav a[href='#step-when']")
    page.click("#box-field-spatial_coverage .kranj-override")
    area = page.locator("#box-field-spatial_coverage svg").first
    area.scroll_into_view_if_needed()
    place = area.bounding_box()
    page.mouse.move(place["x"] + place["width"] * 0.4, place["y"] + place["height"] * 0.3)
    page.mouse.down()
    page.mouse.move(place["x"] + place["width"] * 0.6, place["y"] + place["height"] * 0.5)
    page.mouse.up()
    sides = ("west", "east", "south", "north")
    drawn = {side: float(page.input_value(f"#field-spatial_coverage-0-bbox-{side}")) for side in sides}
    assert 14.2 < drawn["west"] < drawn["east"] < 14.5
    assert 46.1 < drawn["south"] < drawn["north"] < 46.4
    page.click("button[name=state][value=active]")
    page.wait_for_url("**/dataset/drevoredi-v-kranju-*")
    (ring,) = json.loads(stored()[0]["spatial_coverage"][0]["bbox"])["coordinates"]
    assert [min(lon for lon, _ in ring), max(lat for _, lat in ring)] == [drawn["west"], drawn["north"]]


def test_rows_are_added(visit, steward):
    page = visit(steward["token"]).open("/dataset/new")
    page.click(".kranj-nav a[href='#step-files']")
    page.fill("#field-resources-0-url", "https://example.org/a.csv")
    page.click("#box-field-resources .kranj-add")
    assert page.evaluate("document.activeElement.id") == "field-resources-1-name_translated"
    page.fill("#field-resources-1-url", "https://example.org/b.csv")
    page.click("button[name=state][value=active]")
    page.wait_for_selector("#kranj-summary")
    assert [page.input_value(f"#field-resources-{number}-url") for number in (0, 1)] == [
        "https://example.org/a.csv",
        "https://example.org/b.csv",
    ]


def test_the_preview_shows_what_the_public_will_see(visit, steward):
    visitor = visit(steward["token"])
    page = visitor.open("/en/dataset/new")
    fill_five(page)
    visitor.changed()
    shown = page.inner_text(".kranj-preview-body")
    assert "Drevoredi v Kranju" in shown
    assert "Nothing now" in shown
    assert "Dokumentni sistem" not in shown  # the internal block is nobody's business
    page.click(".kranj-nav a[href='#step-access']")
    page.select_option("#field-visibility", "public")
    visitor.changed()
    assert "Nothing now" not in page.inner_text(".kranj-preview-body")
    assert "Legal basis" in page.inner_text(".kranj-todo")


def test_a_draft_is_kept_and_finished_later(visit, steward):
    visitor = visit(steward["token"])
    page = visitor.open("/dataset/new")
    page.fill("#field-title_translated-sl", "Drevoredi v Kranju")
    page.click("button[name=state][value=draft]")
    page.wait_for_url("**/dataset/drevoredi-v-kranju-*")
    (draft,) = stored()
    assert (draft["state"], draft["private"]) == ("draft", True)
    page = visitor.open(f"/dataset/edit/{draft['name']}")
    assert page.input_value("#field-title_translated-sl") == "Drevoredi v Kranju"
    fill_five(page)
    page.click(".kranj-nav a[href='#step-access']")
    page.select_option("#field-secrecy", "javno")
    page.click("button[name=state][value=active]")
    page.wait_for_url("**/dataset/drevoredi-v-kranju-*")
    (done,) = stored()
    assert (done["id"], done["state"]) == (draft["id"], "active")


def test_a_file_is_uploaded(visit, steward, tmp_path):
    visitor = visit(steward["token"])
    page = visitor.open("/dataset/new")
    fill_five(page)
    page.click(".kranj-nav a[href='#step-access']")
    page.select_option("#field-secrecy", "javno")
    page.click("button[name=state][value=active]")
    page.wait_for_url("**/dataset/drevoredi-v-kranju-*")
    (dataset,) = stored()
    (tmp_path / "drevoredi.csv").write_text("ime;leto\nPrešernov gaj;1952\n", encoding="utf-8")
    page = visitor.open(f"/dataset/{dataset['name']}/resource/new")
    page.set_input_files("#field-upload", tmp_path / "drevoredi.csv")
    page.fill("#field-name_translated-sl", "Drevoredi (CSV)")
    page.click("button[name=save][value=go-dataset-complete]")
    page.wait_for_selector("text=Drevoredi (CSV)")
    (resource,) = stored()[0]["resources"]
    assert (resource["url_type"], resource["format"], resource["mimetype"]) == ("upload", "CSV", "text/csv")
    assert resource["url"].endswith("/drevoredi.csv")
