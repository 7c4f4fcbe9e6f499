"""Following is written once, also for a record that is a draft: CKAN's own check looks at active ones only."""

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action


def test_to_follow_again_changes_nothing(catalogue, complete_dataset):
    user = factories.User()
    call_action("organization_member_create", id="domplan", username=user["name"], role="editor")
    context = {"user": user["name"], "ignore_auth": False}
    made = tk.get_action("package_create")(
        dict(context), {**complete_dataset, "owner_org": "domplan", "state": "draft"}
    )
    for _ in range(2):
        followed = tk.get_action("follow_dataset")(dict(context), {"id": made["id"]})
        assert (followed["follower_id"], followed["object_id"]) == (user["id"], made["id"])
    assert model.Session.query(model.UserFollowingDataset).filter_by(follower_id=user["id"]).count() == 1
