"""The ten attributes that the strategy mandates, missing and not inheritable, on every way in.

Each is refused with one code; use and users, which may honestly be unknown, are answered.
"""

import base64
import copy
import io
import re

import openpyxl
import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

ATTRIBUTES = {
    "location": ("internal.location", "internal.location.system"),
    "meaning": ("notes_translated", "notes_translated.sl"),
    "owner": ("owner_org", "owner_org"),
    "accessibility": ("access_method", "access_method"),
    "refresh": ("frequency", "frequency"),
    "secrecy": ("secrecy", "secrecy"),
    "retention": ("retention_kind", "retention_kind"),
    "format": ("resources[0].format", "format"),
}
"""Attribute -> the path of its problem, and its column in a table."""
OWNER = "komunala-kranj"
"""An organisation without defaults: nothing can be inherited from it."""


@pytest.fixture
def site(catalogue):
    return {"user": factories.Sysadmin()["name"], "ignore_auth": False}


@pytest.fixture
def record(complete_dataset):
    """A description in which the format cannot be guessed from the address."""
    complete_dataset["owner_org"] = OWNER
    address = "https://podatki.example.org/parkirisca"
    complete_dataset["resources"][0] |= {"url": address, "download_url": address}
    return complete_dataset


def without(record, path):
    """The record without what the path names."""
    changed = copy.deepcopy(record)
    if path == "internal.location":
        del changed["internal"]["location"]
    elif path.startswith("resources"):
        for name in ("format", "mimetype"):
            del changed["resources"][0][name]
    else:
        del changed[path]
    if path == "retention_kind":
        del changed["retention_period"], changed["retention_starts"]
    return changed


def codes_of(errors, path):
    """Codes under the field of a path in CKAN's dictionary of errors."""
    if path.startswith("resources"):
        return re.findall(r"\[([a-z-]+)\]", str(errors["resources"][0]["format"]))
    head, _, inner = path.partition(".")
    return re.findall(rf"\[([a-z-]+)\] {re.escape(path) if inner else ''}", str(errors.get(head)))


EACH = pytest.mark.parametrize("path", [path for path, _ in ATTRIBUTES.values()], ids=list(ATTRIBUTES))


@EACH
@pytest.mark.parametrize("action", ["package_create", "package_patch"])
def test_the_action_api_refuses(site, record, path, action):
    data = without(record, path)
    if action == "package_patch":
        data = {"id": tk.get_action("package_create")(dict(site), copy.deepcopy(record))["id"]}
        if path == "internal.location":
            data["internal"] = {"location": None}
        elif path.startswith("resources"):
            data["resources"] = without(record, path)["resources"]
        else:
            data[path] = ""
        if path == "retention_kind":
            data |= {"retention_period": "", "retention_starts": ""}
        if path == "owner_org":
            return  # an update without an owner keeps the one there is: CKAN's own rule
    with pytest.raises(tk.ValidationError) as caught:
        tk.get_action(action)(dict(site), data)
    assert codes_of(caught.value.error_dict, path) == ["missing"]


@EACH
def test_the_form_refuses(site, record, path):
    from ckanext.kranj.catalogue.describe import describe

    def flat(values, prefix):
        found = {}
        for key, value in values.items():
            if isinstance(value, dict):
                found |= {
                    f"{prefix}{key}-{lang}": "\n".join(t) if isinstance(t, list) else t for lang, t in value.items()
                }
            elif isinstance(value, list) and value and isinstance(value[0], dict):
                found |= {f"{prefix}{key}-{n}-{sub}": t for n, row in enumerate(value) for sub, t in row.items()}
            else:
                found[prefix + key] = value
        return found

    data = without(record, path)
    resources, internal = data.pop("resources"), data.pop("internal")
    posted = {"kranj_form": "1", **flat(data, ""), **flat(internal, "internal-")}
    posted["resources"] = [{"kranj_form": "1", **flat(resource, "")} for resource in resources]
    with pytest.raises(tk.ValidationError) as caught:
        describe({"user": site["user"]}, posted)
    assert codes_of(caught.value.error_dict, path) == ["missing"]


@EACH
def test_a_table_refuses(site, record, path):
    from schemas.exchange import write_workbook

    book = openpyxl.load_workbook(io.BytesIO(write_workbook([{**without(record, path), "id": ""}])))
    book["Zbirke"]["A3"], book["Viri"]["B3"] = "n1", "n1"
    out = io.BytesIO()
    book.save(out)
    content = base64.b64encode(out.getvalue()).decode()
    batch = tk.get_action("kranj_batch_create")(dict(site), {"name": "a.xlsx", "content": content})
    (row,) = batch["result"]
    assert row["action"] == "refused"
    assert (path, "missing") in [(problem["path"], problem["code"]) for problem in row["problems"]]


@EACH
@pytest.mark.unit
def test_harvesting_keeps_it_as_a_draft_with_the_same_code(record, path):
    from datetime import date

    from harvesters import Context, Defaults
    from harvesters.conformance import Answering
    from harvesters.plan import judge

    data = without(record, path)
    internal = data.pop("internal")
    ctx = Context("vir", Answering({}))
    judged = judge(
        ctx.reading("1", data, internal=internal), Defaults({}, {}), version=1, first_seen=date(2026, 11, 24)
    )
    assert judged.draft
    assert (path, "missing") in [(problem.path, problem.code) for problem in judged.problems]


@EACH
@pytest.mark.unit
def test_the_check_for_suppliers_and_the_json_schema_refuse(record, path):
    import json

    from harvesters.checking import check_file
    from schemas import complete, without_empty
    from schemas.json_schema import validator

    data = without(record, path)
    (found,) = check_file("a.json", json.dumps(data).encode())
    assert (path, "missing") in [(problem.path, problem.code) for problem in found.problems]
    assert not validator().is_valid(without_empty(complete(data).dataset))


@pytest.mark.parametrize("name", ["usage", "users"])
def test_what_may_be_unknown_is_answered(site, record, name):
    del record["internal"][name]
    dataset = tk.get_action("package_create")(dict(site), record)
    block = call_action("kranj_internal_show", {"user": site["user"]}, id=dataset["id"])["internal"]
    assert block[f"{name}_answer"]["status"] == "ni-znane-uporabe"
    assert block["value_origin"][f"{name}_answer"] == "default"
