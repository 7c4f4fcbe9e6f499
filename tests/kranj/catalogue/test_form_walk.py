"""The very form of the portal: shown filled in, posted as a browser posts it, nothing is lost and nothing changes."""

import copy

import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan.tests import factories

from schemas import examples


class Steward:
    """An administrator at the form, with an account that the API knows too."""

    def __init__(self, app):
        user = factories.Sysadmin()
        self.app, self.context = app, {"user": user["name"], "ignore_auth": False}
        self.headers = {"Authorization": factories.APIToken(user=user["name"])["token"]}

    def stored(self, identifier):
        """The description and its internal block, without the time of change."""
        shown = tk.get_action("package_show")({**self.context, "use_cache": False}, {"id": identifier})
        block = tk.get_action("kranj_internal_show")(dict(self.context), {"id": identifier})["internal"]
        for item in (shown, *shown["resources"]):
            item.pop("metadata_modified")
        return shown, block

    def edited_without_a_change(self, identifier):
        """Open the form and press Save."""
        page = BeautifulSoup(self.app.get(f"/dataset/edit/{identifier}", headers=self.headers).body, "html.parser")
        posted = {**controls(page.find(id="dataset-edit")), "state": ["active"]}
        answer = self.app.post(f"/dataset/edit/{identifier}", data=posted, headers=self.headers, follow_redirects=False)
        assert answer.status_code == 302, BeautifulSoup(answer.body, "html.parser").find(id="kranj-summary")


def controls(form):
    """What a browser without JavaScript posts: every control that says something, lines ended as the web has it."""
    found = {}
    for item in form.find_all(["input", "select", "textarea"]):
        name, kind = item.get("name"), item.get("type", "text")
        if not name or kind in ("submit", "button", "file"):
            continue
        if kind in ("checkbox", "radio") and not item.has_attr("checked"):
            continue
        if item.name == "select":
            chosen = [
                option.get("value", option.text) for option in item.find_all("option") if option.has_attr("selected")
            ]
            first = item.find("option")
            value = chosen[0] if chosen else first.get("value", first.text) if first else ""
        elif item.name == "textarea":
            value = item.text.removeprefix("\n").replace("\r\n", "\n").replace("\n", "\r\n")
        else:
            value = item.get("value", "on" if kind == "checkbox" else "").replace("\r", "").replace("\n", "")
        found.setdefault(name, []).append(value)
    return found


def walk(steward, numbers):
    for number in numbers:
        sent = copy.deepcopy(examples.record(number))
        sent["title_translated"]["sl"] = f"Zbirka {number:05}"
        identifier = tk.get_action("package_create")(dict(steward.context), sent)["id"]
        before = steward.stored(identifier)
        steward.edited_without_a_change(identifier)
        after = steward.stored(identifier)
        for name in before[0].keys() | after[0].keys():
            assert after[0].get(name) == before[0].get(name), (number, name)
        for name in before[1].keys() | after[1].keys():
            assert after[1].get(name) == before[1].get(name), (number, name)


@pytest.fixture
def steward(catalogue):
    return Steward(catalogue)


def test_a_form_that_is_saved_as_it_is_changes_nothing(steward):
    walk(steward, range(6))


@pytest.mark.long
def test_two_hundred_forms_that_are_saved_as_they_are_change_nothing(steward):
    walk(steward, range(200))
