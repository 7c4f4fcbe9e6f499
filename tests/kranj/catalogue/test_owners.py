"""Whom the form proposes as owner of a new description."""

import pytest

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.catalogue import owners


@pytest.fixture
def proposed(catalogue):
    """The name of the organisation that is proposed to a user who edits those organisations."""
    from flask_login import login_user, logout_user

    def name(*organizations, **user):
        made = factories.User(**user)
        for organization in organizations:
            call_action("organization_member_create", id=organization, username=made["name"], role="editor")
        found = model.User.get(made["id"])
        with catalogue.flask_app.test_request_context():
            login_user(found)
            owner = owners.proposed(found)
            logout_user()
        return owner.name if owner is not None else None

    return name


def test_nobody_s_organisation_is_none(proposed):
    assert proposed() is None


def test_the_only_one(proposed):
    assert proposed("vigred") == "vigred"


def test_the_one_whose_defaults_leave_the_least_to_type(proposed):
    assert proposed("arso", "domplan", "mestna-obcina-kranj") == "mestna-obcina-kranj"


def test_of_equals_the_one_that_owns_datasets_else_none(proposed, complete_dataset):
    assert proposed("domplan", "vigred") is None
    call_action("package_create", **{**complete_dataset, "owner_org": "vigred"})
    assert proposed("domplan", "vigred") == "vigred"


def test_own_organisations_go_before_those_one_may_write_in_by_office(proposed):
    assert proposed("vigred", sysadmin=True) == "vigred"
    assert proposed(sysadmin=True) == "mestna-obcina-kranj"


def test_what_has_no_owner_is_never_proposed(proposed):
    assert proposed("lastnik-ni-dolocen", "vigred") == "vigred"
