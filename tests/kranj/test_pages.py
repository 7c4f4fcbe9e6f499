"""The pages as people see them: nothing English is left on the Slovene ones, and nothing is shown that says nothing."""

import re
from pathlib import Path

import polib
import pytest
from babel.messages.extract import extract
from bs4 import BeautifulSoup, Comment

import ckan
from ckan.tests.helpers import call_action, changed_config

import ckanext.harvest
import ckanext.scheming

from schemas import vocabulary

WORDS = re.compile(
    r"\b(the|of|and|are|you|your|this|for|with|has|have|been|from|not|found|search|please|must|should)\b", re.IGNORECASE
)
"""English words that are no Slovene ones."""
READ_ALOUD = ("title", "placeholder", "aria-label", "alt", "data-bs-title", "data-module-content", "data-content")
NAMES = {"CKAN", "Open Data", "Markdown", "CSV", "JSON", "XML", "URL", "URI", "API", "Administrator"}
"""Names, and words that are the same in Slovene."""
HARD_CODED = {"Source type", "Save"}
"""ckanext-harvest writes these two into its form without asking for a translation."""


def messages_of(package):
    """Messages of an extension's templates, as CKAN's own extractor finds them."""
    for file in Path(package.__path__[0], "templates").rglob("*.html"):
        with file.open("rb") as opened:
            for _, message, _, _ in extract("ckan", opened):
                yield from (message if isinstance(message, tuple) else [message])


def pattern(message):
    """A message as a regular expression; its placeholders stand for anything."""
    return re.sub(r"\\\{.*?\\\}|%\\\(.*?\\\)[sd]|%[sdir]", ".+", re.escape(message))


@pytest.fixture(scope="session")
def english():
    """One pattern of all English messages that CKAN and the extensions may print."""
    pot = polib.pofile(str(Path(ckan.__path__[0], "i18n", "ckan.pot")))
    messages = {text for entry in pot for text in (entry.msgid, entry.msgid_plural)}
    for package in (ckanext.harvest, ckanext.scheming):
        messages |= set(messages_of(package))
    messages = {" ".join(message.split()) for message in messages if message and "<" not in message} - NAMES
    telling = {m for m in messages if re.search(r"[A-Za-z]{3}", re.sub(r"\{.*?\}|%\(.*?\)[sd]", "", m))}
    return re.compile("|".join(pattern(message) for message in sorted(telling)))


def shown(page):
    """Pairs of a text that a reader sees or hears, and the element it belongs to."""
    soup = BeautifulSoup(page, "html.parser")
    for element in soup.select("script, style, code, :not(html)[lang=en]"):
        element.extract()
    for element in soup.find_all(True):
        for name in READ_ALOUD:
            if element.get(name):
                yield " ".join(element[name].split()), element
        if element.name == "input" and element.get("type") in {"submit", "button"}:
            yield element.get("value", ""), element
    for text in soup.find_all(string=True):
        if not isinstance(text, Comment) and text.strip():
            yield " ".join(text.split()), text.parent


def foreign(page, english):
    """English texts on a page: known messages, and whatever else reads English; code lists are data."""
    return sorted(
        {
            text
            for text, element in shown(page)
            if text not in NAMES | HARD_CODED
            and (
                english.fullmatch(text)
                or (
                    WORDS.search(text)
                    and element.name != "option"
                    and "form-check-label" not in element.get("class", ())
                )
            )
        }
    )


PUBLIC = {
    "/": 200,
    "/dataset/": 200,
    "/dataset/?q=nekaj+cesar+ni": 200,
    "/dataset/{dataset}": 200,
    "/dataset/{dataset}/resource/{resource}": 200,
    "/organization/": 200,
    "/organization/?q=nekaj+cesar+ni": 200,
    "/organization/{organization}": 200,
    "/organization/about/{organization}": 200,
    "/group/": 200,
    "/group/{group}": 200,
    "/group/about/{group}": 200,
    "/user/login": 200,
    "/user/reset": 200,
    "/about": 200,
    "/ni-take-strani": 404,
    "/dataset/ni-take-zbirke": 404,
    "/organization/ni-take-organizacije": 404,
    "/dataset/new": 200,  # the page to sign in
}
STEWARD = (
    "/dashboard/datasets", "/dashboard/organizations", "/dashboard/groups",
    "/dataset/new", "/dataset/edit/{dataset}", "/dataset/resources/{dataset}", "/dataset/delete/{dataset}",
    "/dataset/{dataset}", "/dataset/{dataset}/resource/{resource}", "/dataset/{dataset}/resource/{resource}/edit",
    "/dataset/collaborators/{dataset}", "/dataset/collaborators/{dataset}/new",
    "/organization/{organization}", "/organization/members/{organization}",
    "/organization/manage_members/{organization}", "/organization/member_new/{organization}",
    "/organization/edit/{organization}", "/organization/bulk_process/{organization}",
    "/desk", "/requests", "/approvals", "/retention", "/systems", "/report",
    "/dataset/{dataset}/level?visibility=organization", "/dataset/{dataset}/retention", "/dataset/{dataset}/history",
    "/user/{user}", "/user/edit", "/user/{user}/api-tokens",
    "/harvest/", "/harvest/new", "/harvest/vir", "/harvest/about/vir", "/harvest/admin/vir", "/harvest/edit/vir",
    "/harvest/vir/job", "/harvest/vir/job/{job}",
)  # fmt: skip


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_are_slovene(portal, english, path):
    answer = portal.get(path)
    assert (answer.status_code, foreign(answer.body, english)) == (PUBLIC[path], [])


@pytest.mark.parametrize("path", STEWARD)
def test_pages_of_a_steward_are_slovene(portal, english, path):
    answer = portal.get(path, signed_in=True)
    assert (answer.status_code, foreign(answer.body, english)) == (200, [])


@pytest.mark.parametrize("path", ["/organization/new", "/group/edit/{group}", "/ckan-admin/"])
def test_refusals_are_slovene(portal, english, path):
    answer = portal.get(path, signed_in=True)
    assert (answer.status_code, foreign(answer.body, english)) == (403, [])


def test_the_walk_would_see_english(portal, english):
    """The same pages in English are full of it."""
    for path in ("/en/dataset/", "/en/user/login", "/en/ni-take-strani"):
        assert foreign(portal.get(path).body, english)


def words(page):
    """The visible text of a page's content."""
    return " ".join(page.select_one("#content, .kranj-home").get_text(" ").split())


class TestWhatSaysNothingIsLeftOut:
    def test_organisations_do_not_tell_how_many_accounts_they_have(self, portal):
        for path in ("/organization/", "/organization/{organization}"):
            text = words(portal.page(path))
            assert not re.search(r"\b1 član|Člani|Sledilci", text), path
        assert not portal.page("/organization/{organization}").select("a[href*='/organization/members/']")
        assert portal.page("/organization/{organization}", signed_in=True).select("a[href*='/organization/members/']")

    def test_a_dataset_page_names_the_dataset_once_and_has_no_empty_boxes(self, portal):
        page = portal.page("/dataset/{dataset}")
        title = page.select_one(".primary h1").get_text(strip=True)
        assert title
        assert title not in page.select_one("aside.secondary").get_text(" ")
        text = words(page)
        assert "Sledilci" not in text
        assert "nima opisa" not in text
        assert not page.select("a[href*='/dataset/groups/']")
        assert "Sledi" in words(portal.page("/dataset/{dataset}", signed_in=True))

    def test_an_organisation_with_a_description_shows_it_beside_its_datasets(self, portal):
        call_action(
            "organization_patch", id=portal.names["organization"], description="Skrbi za odpadke in kanalizacijo."
        )
        assert "Skrbi za odpadke" in words(portal.page("/dataset/{dataset}"))

    def test_a_resource_page_shows_fields_of_the_standard_only(self, portal):
        text = words(portal.page("/dataset/{dataset}/resource/{resource}"))
        assert not re.search(r"Package id|Has views|Datastore|{'", text)

    def test_areas_have_their_name_in_the_language_of_the_page(self, portal):
        assert "Content areas" in words(portal.page("/en/group/"))
        for start, lang in (("", "sl"), ("/en", "en")):
            label = vocabulary("content_area").label(portal.names["group"], lang)
            assert portal.page(start + "/group/{group}").select_one("aside h2").get_text(strip=True) == label

    def test_the_owner_has_its_name_in_the_language_of_the_page(self, portal):
        title = call_action("organization_show", id=portal.names["organization"])["title_translated"]
        for start, lang in (("", "sl"), ("/en", "en")):
            assert portal.page(start + "/dataset/{dataset}").select_one("aside h2").get_text(strip=True) == title[lang]

    def test_a_harvest_source_is_managed_not_called_by_a_role(self, portal):
        (button,) = portal.page("/harvest/vir", signed_in=True).select(".content_action a")
        assert button.get_text(strip=True) == "Upravljanje"

    def test_an_organisation_is_described_in_words(self, portal):
        assert "{'" not in words(portal.page("/organization/about/{organization}"))


class TestDemonstration:
    def test_every_page_says_that_the_data_are_made_up(self, portal):
        with changed_config("kranj.demo", True):
            for path in PUBLIC:
                assert len(portal.page(path).select(".kranj-demo")) == 1, path
            assert "izmišljeni" in portal.page("/").select_one(".kranj-demo").text
            assert "made up" in portal.page("/en/").select_one(".kranj-demo").text

    def test_a_real_portal_does_not(self, portal):
        assert not portal.page("/").select(".kranj-demo")
