"""The data dictionary in the portal: rights, pages, search, glossary and "once only"."""

import io

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

COLUMNS = [
    {
        "name": "st_mest",
        "type": "celo-stevilo",
        "title_sl": "Število parkirnih mest",
        "meaning_sl": "Zmogljivost garažnihiš",
    },
    {"name": "cena", "type": "stevilo", "unit": "EUR/h"},
]


def account(organization, role="editor"):
    user = factories.User()
    call_action("organization_member_create", id=organization, username=user["name"], role=role)
    return {"name": user["name"], "headers": {"Authorization": factories.APIToken(user=user["name"])["token"]}}


def as_(person):
    return {"user": person["name"] if person else "", "ignore_auth": False}


@pytest.fixture
def editor(catalogue):
    return account("mestna-obcina-kranj")


@pytest.fixture
def dataset(editor, complete_dataset):
    return tk.get_action("package_create")(as_(editor), complete_dataset)


@pytest.fixture
def save(editor):
    """Save columns of the first resource of a dataset as the editor."""

    def call(dataset, columns=COLUMNS):
        sent = {"id": dataset["resources"][0]["id"], "columns": columns}
        return tk.get_action("kranj_columns_update")(as_(editor), sent)

    return call


def test_columns_are_kept_shown_and_found(catalogue, dataset, save):
    save(dataset)
    resource = dataset["resources"][0]["id"]
    assert call_action("kranj_columns_show", as_(None), id=resource)["columns"] == COLUMNS
    found = tk.get_action("package_search")(as_(None), {"q": "garažnihiš"})
    assert [item["id"] for item in found["results"]] == [dataset["id"]]
    assert "Število parkirnih mest" in catalogue.get(f"/dataset/{dataset['name']}/resource/{resource}").body
    save(dataset, [])
    assert tk.get_action("package_search")(as_(None), {"q": "garažnihiš"})["count"] == 0


def test_a_refused_dictionary_leaves_the_stored_one(dataset, save):
    save(dataset)
    with pytest.raises(tk.ValidationError) as refused:
        save(dataset, [{"name": "x", "type": "y"}, {"name": "x", "sample": "1"}])
    assert str(refused.value.error_dict).count("[") >= 3
    assert call_action("kranj_columns_show", id=dataset["resources"][0]["id"])["columns"] == COLUMNS


def test_who_may_write_and_who_may_see(catalogue, dataset, save, editor):
    resource = dataset["resources"][0]["id"]
    other, member = account("komunala-kranj"), account("mestna-obcina-kranj", "member")
    for person in (None, other, member):
        with pytest.raises(tk.NotAuthorized):
            tk.get_action("kranj_columns_update")(as_(person), {"id": resource, "columns": COLUMNS})
    save(dataset)
    tk.get_action("package_patch")(as_(editor), {"id": dataset["id"], "visibility": "organization"})
    path = f"/dataset/{dataset['name']}/resource/{resource}/columns"
    for person in (None, other):
        with pytest.raises(tk.ObjectNotFound):
            tk.get_action("kranj_columns_show")(as_(person), {"id": resource})
        headers = person["headers"] if person else {}
        assert catalogue.get(path, headers=headers).status_code == 404
        assert catalogue.get(f"{path}.csv", headers=headers).status_code == 404
    assert catalogue.get(path, headers=member["headers"]).status_code == 200


def test_a_file_is_proposed_then_saved_and_taken_out_as_csv(catalogue, dataset, editor):
    resource = dataset["resources"][0]["id"]
    path = f"/dataset/{dataset['name']}/resource/{resource}/columns"
    content = "ulica;priimek lastnika\nGregorčičeva;Zupančič\n".encode()
    upload = {"file": (io.BytesIO(content), "podatki.csv"), "kind": "data"}
    page = catalogue.post(path, data=upload, headers=editor["headers"]).body
    assert 'value="priimek lastnika"' in page
    assert "Zupančič" not in page
    assert call_action("kranj_columns_show", id=resource)["columns"] == []
    posted = {
        "column-0-name": "ulica", "column-0-type": "besedilo", "column-1-name": "priimek lastnika",
        "column-1-personal": "osebni", "column-2-name": "",
    }  # fmt: skip
    answer = catalogue.post(path, data=posted, headers=editor["headers"], follow_redirects=False)
    assert answer.status_code == 302, answer.body
    out = catalogue.get(f"{path}.csv").body
    assert "ulica,besedilo" in out
    upload = {"file": (io.BytesIO(out.replace("ulica", "cesta").encode()), "slovar.csv"), "kind": "dictionary"}
    assert 'value="cesta"' in catalogue.post(path, data=upload, headers=editor["headers"]).body
    broken = {"file": (io.BytesIO(b"%PDF"), "a.pdf"), "kind": "data"}
    assert "Datoteke ni mogoče prebrati" in catalogue.post(path, data=broken, headers=editor["headers"]).body


def test_a_term_that_another_dataset_holds_with_authority_is_pointed_out(dataset, save, editor, complete_dataset):
    office = account("podatkovna-pisarna", "member")
    term = {"code": "parkirno-mesto", "title_sl": "Parkirno mesto", "definition_sl": "Označen prostor za vozilo."}
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("kranj_term_update")(as_(editor), dict(term))
    tk.get_action("kranj_term_update")(as_(office), dict(term))
    assert [item["code"] for item in tk.get_action("kranj_term_list")(as_(None), {})] == ["parkirno-mesto"]
    assert save(dataset, [{"name": "mesto", "term": "parkirno-mesto"}])["notices"] == []  # its own holder
    copy = {**complete_dataset, "title_translated": {"sl": "Parkirna mesta po četrtih"}, "record_role": "ni-odloceno"}
    second = tk.get_action("package_create")(as_(editor), copy)
    (notice,) = save(second, [{"name": "p_mesto", "term": "parkirno-mesto"}])["notices"]
    assert (notice["column"], notice["dataset"], notice["code"]) == ("p_mesto", dataset["name"], "held-elsewhere")
    with pytest.raises(tk.ValidationError):
        save(second, [{"name": "p_mesto", "term": "ni-ga"}])
    with pytest.raises(tk.ValidationError):
        tk.get_action("kranj_term_update")(as_(office), {"code": "Ni Koda", "title_sl": "x"})
