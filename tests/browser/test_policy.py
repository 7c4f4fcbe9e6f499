"""The portal obeys its Content Security Policy in a real browser; data that are not given out can be asked for."""

import copy

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

LISTEN = """
window.refusedByPolicy = [];
document.addEventListener("securitypolicyviolation", event => window.refusedByPolicy.push(
    `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


@pytest.fixture
def protected(complete_dataset):
    """A public description of personal data, which have no file."""
    data = copy.deepcopy(complete_dataset) | {
        "secrecy": "osebni-podatki", "protection_grounds": [{"ground": "osebni-podatki"}], "aggregation": "izvorni",
        "access_method": "on-request",
    }  # fmt: skip
    data["internal"]["processing"] = {"purpose": "Javna naloga", "legal_basis": ["6-1-e"]}
    data.pop("license_id")
    for resource in data["resources"]:
        for name in ("url", "download_url", "license"):
            resource.pop(name)
    return tk.get_action("package_create")({"user": factories.Sysadmin()["name"]}, data)


@pytest.fixture
def walked(visit):
    """A window that remembers what the policy refused, by page: ``walked(token).go(path)``."""

    class Walker:
        def __init__(self, token):
            self.visitor, self.refused = visit(token), []
            self.visitor.context.add_init_script(LISTEN)
            self.visitor.page.on("console", self._note)

        def _note(self, said):
            if "Content Security Policy" in said.text:
                self.refused.append(f"{self.visitor.page.url} {said.text[:300]}")

        def go(self, path):
            page = self.visitor.open(path)
            page.wait_for_load_state("networkidle")
            self.refused += [f"{path} {what}" for what in page.evaluate("window.refusedByPolicy")]
            return page

    return Walker


def paths_of(steward, dataset):
    """The main pages, those of a dataset and of an account among them."""
    resource = f"/dataset/{dataset['name']}/resource/{dataset['resources'][0]['id']}"
    own = f"/dataset/{dataset['name']}"
    return [
        "/",
        "/dataset/", "/dataset/?q=zbirka", "/about", "/organization/", "/organization/mestna-obcina-kranj", "/group/",
        "/group/promet-mobilnost", own, resource, "/user/login", "/ni-take-strani",
    ], [
        "/dashboard/datasets", "/dashboard/organizations", f"/user/{steward['name']}", f"/user/edit/{steward['name']}",
        f"/user/{steward['name']}/api-tokens", "/dataset/new", f"/dataset/edit/{dataset['name']}", f"{own}/internal",
        f"{own}/internal/edit", f"{own}/history", f"{resource}/edit", f"{resource}/columns", "/approvals", "/retention",
        "/systems", "/system/new", "/harvest", "/harvest/new", "/organization/members/mestna-obcina-kranj",
    ]  # fmt: skip


@pytest.mark.parametrize("lang", ["", "/en"])
def test_the_policy_refuses_nothing_on_the_main_pages(walked, steward, complete_dataset, lang):
    dataset = tk.get_action("package_create")({"user": steward["name"]}, complete_dataset)
    for_all, for_stewards = paths_of(steward, dataset)
    visitor, inside = walked(None), walked(steward["token"])
    for path in for_all:
        visitor.go(lang + path)
    for path in for_stewards:
        inside.go(lang + path)
    assert visitor.refused + inside.refused == []


def test_the_walk_notices_a_refusal(walked):
    walker = walked(None)
    page = walker.go("/about")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=1>')")
    page.wait_for_function("window.refusedByPolicy.length > 0")
    assert walker.refused


def test_a_token_is_made_and_revoked_under_the_policy(walked):
    password = "Zelo-dolgo-geslo-1"  # noqa: S105
    user = factories.User(password=password, image_url=None)
    walker = walked(None)
    page = walker.go("/user/login")
    page.fill("#field-login", user["name"])
    page.fill("#field-password", password)
    page.click("form button[type=submit].btn-primary")
    page.wait_for_url("**/dashboard/**")
    page = walker.go(f"/user/{user['name']}/api-tokens")
    page.fill("input[name=name]", "prvi")
    page.fill("input[name=days]", "7")
    page.click("button[value=create]")
    page.wait_for_selector("#api-tokens-table input[name=token]")
    assert model.Session.query(model.ApiToken).filter_by(user_id=user["id"]).count() == 1
    page = walker.go(f"/user/{user['name']}/api-tokens")
    page.check("input[name=token]")
    page.click("#revoke-tokens-button")
    page.click(".modal .btn-primary")
    page.wait_for_selector("#api-tokens-table input[name=token]", state="detached")
    model.Session.rollback()
    assert model.Session.query(model.ApiToken).filter_by(user_id=user["id"]).count() == 0
    assert walker.refused == []


WORDS = {
    "": ("Pošlji skrbniku", "Prošnja je oddana skrbniku."),
    "/en": ("Send to the steward", "The request was sent to the steward."),
}


@pytest.mark.parametrize("lang", WORDS)
def test_data_that_are_not_given_out_can_be_asked_for(walked, axe, protected, lang):
    asker = factories.User(image_url=None)
    walker = walked(factories.APIToken(user=asker["name"])["token"])
    button, thanks = WORDS[lang]
    page = walker.go(f"{lang}/dataset/{protected['name']}")
    page.locator("a[href$='/request-access']").first.click()
    page.wait_for_url("**/request-access")
    assert axe(page) == []
    page.get_by_role("button", name=button).click()
    assert page.url.endswith("/request-access"), "the browser asks for what is missing"
    page.fill("#purpose", "Raziskava prometa")
    page.fill("#legal_basis", "ZDIJZ, 5. člen")
    page.get_by_role("button", name=button).click()
    page.get_by_text(thanks).wait_for()
    (asked,) = call_action("kranj_access_request_list", id=protected["id"])
    assert (asked["purpose"], asked["requested_by"]) == ("Raziskava prometa", asker["id"])
    assert walker.refused == []
