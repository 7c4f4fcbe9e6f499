"""Odd input of whoever may come that far gets a clear page, not an error of the server."""

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action


@pytest.fixture
def asks(catalogue, complete_dataset):
    """Ask as an editor: ``asks(method, path)`` gives status and page; ``{name}`` and ``{resource}`` are a dataset's."""
    user = factories.User()["name"]
    call_action("organization_member_create", id="mestna-obcina-kranj", username=user, role="editor")
    headers = {"Authorization": factories.APIToken(user=user)["token"]}
    made = tk.get_action("package_create")({"user": user}, complete_dataset)

    def asked(method, path, **data):
        path = path.format(name=made["name"], resource=made["resources"][0]["id"])
        answer = catalogue.test_client(use_cookies=False).open(
            path, method=method, headers=headers, follow_redirects=False, **data
        )
        return answer.status_code, answer.get_data(as_text=True)

    return asked


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/dataset/{name}/resource/ni-takega/edit_view/", 404),
        ("GET", "/dataset/ni-take/resource/{resource}/edit_view/", 404),
        ("GET", "/dataset/{name}/resource/{resource}/edit_view/ni-takega", 404),
        ("GET", "/dataset/ni-take/resource/new", 404),
        ("POST", "/dataset/{name}/resource/new", 400),
        ("POST", "/dataset/ni-take/resource/new", 400),
        ("GET", "/dataset/{name}/resource/ni-takega/edit", 404),
        ("POST", "/dataset/{name}/resource/{resource}/edit", 400),
        ("POST", "/user/login", 400),
    ],
)
def test_a_mistake_of_the_caller(asks, method, path, status):
    for lang in ("", "/en"):
        answered, page = asks(method, lang + path)
        assert (answered, "<html" in page) == (status, True)


def test_the_page_says_in_both_languages_what_to_do(asks):
    assert "Vrnite se na prejšnjo stran" in asks("POST", "/dataset/{name}/resource/new")[1]
    assert "Go back to the page before" in asks("POST", "/en/dataset/{name}/resource/new")[1]
