"""A call that lacks something is told what; upstream breaks on it, and these tests notice when it no longer does."""

import pytest

from ckan.logic.action import delete, get
from ckan.tests import factories

from ckanext.kranj.access.needed import NAMES_GROUP, NEEDED


@pytest.mark.parametrize("action", sorted(NEEDED))
def test_what_is_missing_is_named(catalogue, action):
    token = factories.SysadminWithToken()["token"]
    answer = catalogue.post(f"/api/3/action/{action}", json={}, headers={"Authorization": token}, status=409)
    error = answer.json["error"]
    assert error["__type"] == "Validation Error"
    assert set(NEEDED[action]) <= set(error)


@pytest.mark.parametrize("action", sorted(NAMES_GROUP))
def test_an_organisation_that_does_not_exist_is_not_found(catalogue, action):
    token = factories.SysadminWithToken()["token"]
    data = {"id": "ni-take", "username": "nihce"}
    catalogue.post(f"/api/3/action/{action}", json=data, headers={"Authorization": token}, status=404)


def test_upstream_still_breaks(catalogue):
    with pytest.raises(KeyError):
        get.organization_autocomplete({"user": ""}, {})
    with pytest.raises(AssertionError):
        delete._group_or_org_member_delete({"user": ""}, {"id": "ni-take", "username": "nihce"})
