"""What is hidden moves nothing: no count, date, order or tag of an answer changes when hidden records come and go."""

import copy
import json
import re

import ckan.plugins.toolkit as tk
from ckan import logic, model
from ckan.tests import factories
from ckan.tests.helpers import call_action

NOISE = re.compile(
    r"Content-Length: \d+|Date: [^\r\n]*|Set-Cookie: [^\r\n]*|X-Feed: \w+|(?:content|value)=\"[\w.-]{60,}\""
    r"|<updated>[^<]*<|\"last_active\": [^,]*,|DTSTAMP:\S+"
)
"""What differs between any two answers."""
ASKED = (
    {}, {"id": "arso"}, {"id": "domplan"}, {"id": "promet"},
    {"all_fields": "true", "include_extras": "true", "include_dataset_count": "true", "include_users": "true"},
    {"id": "domplan", "include_datasets": "true", "include_dataset_count": "true", "include_extras": "true"},
    {"q": "*:*", "facet.field": '["tags","organization","res_format","groups","visibility"]', "facet.limit": "-1"},
    {"q": "zbirka", "query": "name:a", "limit": "0"}, {"query": "name:a", "q": "a", "incomplete": "a"},
    {"q": "zbirka", "sort": "name asc", "rows": "0"},
)  # fmt: skip
SKIPPED = ("static", "user.logout", "webassets.index", "harvester.job_show_last")
"""Of the program, or upstream's that breaks on what is no source."""


def person(organization):
    user = factories.User()
    call_action("organization_member_create", id=organization, username=user["name"], role="editor")
    return {"Authorization": factories.APIToken(user=user["name"])["token"]}


def answers(catalogue, headers, made):
    """What everything that reads says: status, headers and body without noise."""
    logic.get_action("status_show")
    said = {}
    for name in sorted(name for name, one in logic._actions.items() if getattr(one, "side_effect_free", False)):
        for asked in (*ASKED, {"id": made["id"]}, {"id": made["resources"][0]["id"]}):
            said[name, str(asked)] = catalogue.get(
                f"/api/action/{name}", query_string=asked, headers=headers, status=None
            )
    for rule in catalogue.flask_app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint in SKIPPED:
            continue
        for value in ("domplan", "promet", made["name"], made["id"]) if rule.arguments else ("",):
            values = {key: "ttl" if key == "name" else value for key in rule.arguments} | {"ver": 3, "lang": "sl"}
            try:
                path = rule.build({key: values[key] for key in rule.arguments})[1]
            except Exception:  # noqa: BLE001, S112 the route takes no such value
                continue
            said[path, ""] = catalogue.get(path, headers=headers, status=None, follow_redirects=False)
    return {key: NOISE.sub("", f"{one.status_code} {one.headers} {text(one)}") for key, one in said.items()}


def text(answer):
    """The body; of a workbook, which is a zip with times in it, nothing: the same list is a CSV, too."""
    content = answer.get_data()
    return "" if content.startswith(b"PK") else content.decode("utf-8", "replace")


def hidden_ones(base, owner):
    """A hidden record of every kind, each with words and formats that no other has, changed once."""
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]

    def act(action, **data):
        return tk.get_action(action)({"user": site, "ignore_auth": True}, data)

    for level, state in (("restricted", "active"), ("organization", "active"), ("organization", "draft")):
        given = copy.deepcopy(base) | {"owner_org": owner, "visibility": level, "state": state}
        given |= {"title_translated": {"sl": f"Skrita zbirka {level}"}, "tags_translated": {"sl": ["skritaoznaka"]}}
        given["resources"][0]["format"] = "MDB"
        made = act("package_create", **given)
        act("package_patch", id=made["id"], version="2")
    act("package_delete", id=made["id"])
    act("package_create", type="dataset_series", owner_org=owner, visibility="organization", frequency="ANNUAL",
        title_translated={"sl": "Skrit niz"}, notes_translated={"sl": "Opis skritega niza, dovolj dolg."})  # fmt: skip
    act("harvest_source_create", name="skrit-vir", title="Skrit vir", url="https://vir.example/x.ttl", private=True,
        source_type="kranj-dcat", owner_org=owner, frequency="MANUAL", config=json.dumps({}))  # fmt: skip


def test_hidden_records_move_no_answer(catalogue, complete_dataset):
    site = {"user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"], "ignore_auth": True}
    made = tk.get_action("package_create")(dict(site), copy.deepcopy(complete_dataset) | {"owner_org": "domplan"})
    readers = {"anonymous": {}, "editor of another organisation": person("arso")}
    for headers in readers.values():
        answers(catalogue, headers, made)  # what a first reading leaves behind
    before = {who: answers(catalogue, headers, made) for who, headers in readers.items()}
    hidden_ones(complete_dataset, "domplan")
    model.Session.rollback()
    for who, headers in readers.items():
        after = answers(catalogue, headers, made)
        moved = {key: (before[who][key], after[key]) for key in after if after[key] != before[who][key]}
        assert [(key, *apart(*pair)) for key, pair in moved.items()] == [], who


def apart(one, other):
    """The two around the first place where they differ."""
    place = next((number for number, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
    return one[max(0, place - 60) : place + 60], other[max(0, place - 60) : place + 60]
