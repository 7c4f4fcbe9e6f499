"""Faults of the stock stack that this product cures or avoids.

A test fails here when upstream has mended one: then take the repair out, and the test with it.
"""

import inspect
import json

import pytest
from click.testing import CliRunner

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories, helpers

MENDED = "mended upstream: take the repair out"


@pytest.fixture
def harvested(dataset, turtle, served, source):
    """A source with a run."""
    from ckanext.kranj.harvest.runner import harvest

    spec = source(served(turtle(dataset(1))))
    harvest(spec)
    return spec


def test_h1_consumers_wait_without_end_on_a_socket_that_has_an_end():
    """Avoided: our jobs need no consumer (harvest_send_job_to_gather_queue)."""
    from ckanext.harvest.queue import RedisConsumer

    assert "blpop(self.routing_key)" in inspect.getsource(RedisConsumer.consume), MENDED


def test_h2_reindexing_a_source_forgets_its_type(harvested):
    """Cured by our chained harvest_source_reindex."""
    from ckanext.harvest.logic.action import update

    context = {"ignore_auth": True, "user": "", "model": model, "session": model.Session}
    update.harvest_source_reindex(context, {"id": harvested.id})
    assert not helpers.call_action("harvest_source_show", id=harvested.id).get("source_type"), MENDED
    helpers.call_action("harvest_source_reindex", id=harvested.id)
    assert helpers.call_action("harvest_source_show", id=harvested.id)["source_type"] == "kranj-dcat"


def test_h3_creating_a_source_on_the_command_line_fails_after_it_was_created(harvest_tables):
    """Avoided: ``ckan kranj harvest add``."""
    from ckanext.harvest.cli import create
    from ckanext.kranj.harvest.cli import harvest

    done = CliRunner().invoke(
        create, ["tuji", "https://vir.example/tuji", "kranj-dcat", "Tuji", "true", "mestna-obcina-kranj"]
    )
    assert model.Package.get("tuji") is not None
    assert done.exit_code == 1, MENDED
    assert "NoneType" in str(done.exception), MENDED
    given = ["add", "nas", "--type", "dcat", "--url", "https://vir.example/nas", "--owner", "mestna-obcina-kranj"]
    ours = CliRunner().invoke(harvest, given)
    assert ours.exit_code == 0, ours.output
    assert model.Package.get("nas") is not None


def test_h4_the_dry_run_needs_a_library_for_tests():
    """Avoided: ``ckan kranj harvest preview``."""
    from ckanext.harvest import utils

    assert "tests" in inspect.getsource(utils.run_test_harvester), MENDED


def test_h5_abort_failed_jobs_takes_no_number():
    """Avoided: the worker closes dead jobs itself."""
    from ckanext.harvest.cli import abort_failed_jobs

    done = CliRunner().invoke(abort_failed_jobs, ["3"])
    assert done.exit_code == 2, MENDED
    assert "boolean" in done.output, MENDED


def test_h6_a_list_of_all_jobs_is_an_error():
    """Cured by our chained auth function harvest_job_list."""
    from ckanext.harvest.logic.auth import get

    with pytest.raises(KeyError):  # mended upstream when it does not raise
        get.harvest_job_list({"user": ""}, {})


def test_h7_error_handlers_break_themselves():
    """Avoided: ``_create_harvest_objects`` is not used."""
    from ckanext.harvest.harvesters.base import HarvesterBase

    assert "e.message" in inspect.getsource(HarvesterBase._create_harvest_objects), MENDED


def test_anybody_reads_the_configuration_of_a_source(harvested):
    """Cured by our chained package_show, harvest_source_show and harvest_source_list."""
    from ckanext.harvest.logic.auth import get

    answer = get.harvest_source_list({"user": "", "model": model}, {})
    assert answer["success"], MENDED
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("harvest_source_list")({"user": "", "ignore_auth": False}, {})


def test_anybody_reads_what_was_harvested():
    """Cured by our chained auth function harvest_object_show; our objects hold no content besides."""
    from ckanext.harvest.logic.auth import get

    assert get.harvest_object_show({"user": "", "model": model}, {"id": "x"})["success"], MENDED


def test_harvesting_writes_itself_into_the_public_record():
    """Avoided: our objects are never ``current`` (traps A6)."""
    from ckanext.harvest.plugin import Harvest

    assert "validated_data_dict" in inspect.getsource(Harvest.before_dataset_index), MENDED


def test_c1_an_update_with_deferred_commit_is_lost(catalogue, complete_dataset):
    """Avoided: the sink gives ``return_id_only`` with ``defer_commit``."""
    made = helpers.call_action("package_create", **complete_dataset)
    user = factories.Sysadmin()["name"]
    stored = json.dumps(complete_dataset)

    def updated(title, **flags):
        dataset = {**json.loads(stored), "id": made["id"], "title_translated": {"sl": title}}
        tk.get_action("package_update")({"user": user, "ignore_auth": True, "defer_commit": True, **flags}, dataset)
        model.Session.commit()
        model.Session.expire_all()
        return model.Package.get(made["id"]).title

    assert updated("Izgubljen naslov") != "Izgubljen naslov", MENDED
    assert updated("Shranjen naslov", return_id_only=True) == "Shranjen naslov"
