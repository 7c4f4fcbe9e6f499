"""What developers know of CKAN's API keeps answering, in the same shape, with what the caller may see."""

import base64

import pytest
from ckanapi import NotAuthorized, TestAppCKAN

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories


@pytest.fixture
def records(catalogue, complete_dataset):
    user = factories.Sysadmin()["name"]
    made = {"public": tk.get_action("package_create")({"user": user}, complete_dataset)}
    hidden = {**complete_dataset, "visibility": "restricted", "tags_translated": {"sl": ["skrito"]}}
    made["hidden"] = tk.get_action("package_create")({"user": user}, hidden)
    return made


@pytest.fixture
def api(catalogue):
    catalogue.client = catalogue.test_client(use_cookies=False)
    return TestAppCKAN(catalogue).action


def calls(record):
    """Each stock read action as developers call it, and what of it shows that it answered."""
    identifier, resource = record["id"], record["resources"][0]["id"]
    return {
        "status_show": ({}, lambda answer: answer["ckan_version"].startswith("2.12")),
        "package_list": ({}, lambda answer: answer == [record["name"]]),
        "current_package_list_with_resources": ({}, lambda answer: [row["id"] for row in answer] == [identifier]),
        "package_show": ({"id": record["name"]}, lambda answer: answer["title"] == record["title"]),
        "package_search": ({"q": "parkirišč", "fq": "organization:mestna-obcina-kranj", "facet.field": ["tags"]},
                           lambda answer: answer["count"] == 1 and answer["facets"]["tags"]["promet"] == 1),
        "package_autocomplete": ({"q": "lok"}, lambda answer: answer[0]["name"] == record["name"]),
        "resource_show": ({"id": resource}, lambda answer: answer["url"] == record["resources"][0]["url"]),
        "resource_search": ({"query": "format:csv"}, lambda answer: answer["count"] == 1),
        "resource_view_list": ({"id": resource}, lambda answer: answer == []),
        "format_autocomplete": ({"q": "cs"}, lambda answer: answer == ["csv"]),
        "organization_list": ({"all_fields": True}, lambda answer: any(row["package_count"] == 1 for row in answer)),
        "organization_show": ({"id": "mestna-obcina-kranj", "include_datasets": True},
                              lambda answer: [row["id"] for row in answer["packages"]] == [identifier]),
        "organization_autocomplete": ({"q": "kranj"}, lambda answer: len(answer) > 0),
        "group_list": ({}, lambda answer: "promet" in answer),
        "group_show": ({"id": "promet"}, lambda answer: answer["package_count"] == 1),
        "group_package_show": ({"id": "promet"}, lambda answer: [row["id"] for row in answer] == [identifier]),
        "group_autocomplete": ({"q": "prom"}, lambda answer: answer[0]["name"] == "promet"),
        "tag_list": ({}, lambda answer: answer == sorted(answer) and "promet" in answer and "skrito" not in answer),
        "tag_search": ({"query": "prom"}, lambda answer: answer["results"][0]["name"] == "promet"),
        "tag_show": ({"id": "promet", "include_datasets": True},
                     lambda answer: [row["id"] for row in answer["packages"]] == [identifier]),
        "tag_autocomplete": ({"q": "prom"}, lambda answer: answer == ["promet"]),
        "license_list": ({}, lambda answer: any(row["id"] == "CC_BY_4_0" for row in answer)),
        "member_list": ({"id": "promet", "object_type": "package"}, lambda answer: isinstance(answer, list)),
        "vocabulary_list": ({}, lambda answer: answer == []),
        "kranj_check": ({"name": "a.json", "content": base64.b64encode(b"{}").decode()},
                        lambda answer: answer["passed"] is False),
        "kranj_columns_show": ({"id": resource}, lambda answer: answer["columns"] == []),
        "kranj_nearest_station": ({"lon": 14.36, "lat": 46.24}, lambda answer: answer["distance_km"] >= 0),
        "kranj_term_list": ({}, lambda answer: answer is not None),
        "help_show": ({"name": "license_list"}, lambda answer: "licenses" in answer),
    }  # fmt: skip


def test_stock_read_actions_keep_answering(records, api):
    for name, (given, holds) in calls(records["public"]).items():
        assert holds(getattr(api, name)(**given)), name


def test_what_is_not_for_everybody_says_so(records, api):
    for name in ("user_list", "job_list", "config_option_list", "dcat_catalog_show"):
        with pytest.raises(NotAuthorized):
            getattr(api, name)()


def test_every_open_action_is_called_above(records):
    """An action that anonymous callers may use and nobody tries here would be a promise without a test."""
    from ckanext.kranj.access.decisions import decisions

    tried = set(calls(records["public"])) | {
        "dataset_follower_count", "member_roles_list", "resource_view_show", "vocabulary_show",
        "scheming_group_schema_list", "scheming_group_schema_show", "scheming_organization_schema_list",
        "scheming_organization_schema_show",
    }  # fmt: skip
    opened = {name for name, decision in decisions()["actions"].items() if decision.who == "anyone"}
    assert opened - tried == set()
    assert model.Package.get(records["hidden"]["id"]) is not None
