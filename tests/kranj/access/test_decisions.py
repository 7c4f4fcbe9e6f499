"""Every door has a reviewed decision, every decision a door, and what has none is refused."""

import logging

import pytest
from flask import request
from werkzeug.exceptions import NotFound
from werkzeug.routing import Rule

import ckan.plugins as p
from ckan import logic, model
from ckan.cli.cli import ckan as ckan_command
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.access import decisions, edge

HOW = (
    "add one line 'name: why' to {kind} in ckanext-kranj/ckanext/kranj/access/decisions.yaml, under who may use it "
    "(anyone, account, editor, office, admin, nobody; commands: public, operator)"
)


def commands():
    """Full names of all commands: CKAN's and those of the plugins."""

    def walk(command, path):
        if hasattr(command, "commands"):
            for name, sub in command.commands.items():
                yield from walk(sub, f"{path} {name}")
        else:
            yield path

    yield from walk(ckan_command, "ckan")
    # All of them first: plugins hang their sub-commands on the group of another one.
    for command in [command for plugin in p.PluginImplementations(p.IClick) for command in plugin.get_commands()]:
        yield from walk(command, f"ckan {command.name}")


def registered(app):
    logic.get_action("status_show")
    return {
        "actions": set(logic._actions),
        "routes": {rule.endpoint for rule in app.flask_app.url_map.iter_rules()} - {"_debug_toolbar.static"},
    }


@pytest.mark.parametrize("kind", ["actions", "routes"])
def test_every_action_and_route_is_decided_and_nothing_else(catalogue, kind):
    there, decided = registered(catalogue)[kind], set(decisions.decisions()[kind])
    assert sorted(there - decided) == [], f"no decision about these {kind}: {HOW.format(kind=kind)}"
    assert sorted(decided - there) == [], f"these {kind} are gone: take their lines out of access/decisions.yaml"


def test_every_command_is_decided_and_nothing_else(catalogue):
    there = set(commands())
    undecided = sorted(path for path in there if decisions.command_decision(path) is None)
    assert undecided == [], f"no decision about these commands: {HOW.format(kind='commands')}"
    gone = [path for path in decisions.decisions()["commands"]
            if not any(name == path or name.startswith(path + " ") for name in there)]  # fmt: skip
    assert gone == [], "these commands are gone: take their lines out of access/decisions.yaml"


@pytest.mark.parametrize("kind", ["actions", "routes", "commands"])
def test_a_decision_names_who_and_why(kind):
    groups = {"public", "operator"} if kind == "commands" else set(decisions.RULES)
    for name, decision in decisions.decisions()[kind].items():
        assert decision.who in groups, name
        assert decision.why, f"{name}: say why"


@pytest.fixture
def people(catalogue):
    made = {"anonymous": None, "account": factories.User()["name"], "admin": factories.Sysadmin()["name"]}
    for name, organization in (("editor", "arso"), ("office", "podatkovna-pisarna")):
        made[name] = factories.User()["name"]
        call_action("organization_member_create", id=organization, username=made[name], role="editor")
    return made


LADDER = ("anyone", "account", "editor", "office", "admin", "nobody")
RANK = {"anonymous": 0, "account": 1, "editor": 2, "office": 3, "admin": 4}


@pytest.mark.parametrize("who", LADDER)
def test_each_rule_lets_in_those_it_names(people, who):
    for person, name in people.items():
        user = model.User.get(name) if name else model.AnonymousUser()
        assert decisions.RULES[who](user) is (LADDER.index(who) <= RANK[person]), (who, person)


def test_accounts_that_were_deleted_are_nobody(people):
    user = model.User.get(people["admin"])
    user.state = "deleted"
    assert [who for who in LADDER if decisions.RULES[who](user)] == ["anyone"]


@pytest.mark.parametrize("decided", ["account", "editor", "admin", "nobody"])
def test_anonymous_callers_reach_the_allow_list_only(catalogue, decided):
    for name, decision in decisions.decisions()["actions"].items():
        if decision.who != decided:
            continue
        for method in (catalogue.get, catalogue.post):
            answer = method(f"/api/3/action/{name}", status=None)
            assert answer.status_code == 403, name
            assert answer.json["error"]["__type"] == "Authorization Error", name


def test_an_action_without_a_decision_is_refused_to_everybody(people, catalogue, monkeypatch, caplog):
    monkeypatch.setitem(logic._actions, "kranj_new_thing", lambda context, data_dict: "told")
    token = factories.APIToken(user=people["admin"])["token"]
    with caplog.at_level(logging.WARNING):
        answer = catalogue.post("/api/action/kranj_new_thing", headers={"Authorization": token}, status=None)
    assert (answer.status_code, "told" in answer.body) == (403, False)
    assert "action kranj_new_thing has no decision in access/decisions.yaml" in caplog.text


def test_a_route_without_a_decision_is_refused_to_everybody(catalogue, caplog):
    """CKAN's application takes no new route once it has served a request: the request is told that it met one."""
    with catalogue.flask_app.test_request_context("/new"), caplog.at_level(logging.WARNING):
        request.url_rule = Rule("/new", endpoint="new.thing")
        with pytest.raises(NotFound):
            edge.ask()
    assert "route new.thing has no decision in access/decisions.yaml" in caplog.text


def test_an_unknown_action_is_answered_as_by_ckan(catalogue):
    answer = catalogue.get("/api/action/no_such_action", status=None)
    assert (answer.status_code, "not known" in answer.body) == (400, True)


def test_pages_send_anonymous_visitors_to_the_login(catalogue):
    answer = catalogue.get("/dataset/new", follow_redirects=False, status=None)
    assert answer.status_code == 302
    assert "/user/login?came_from=/dataset/new" in answer.location
    assert catalogue.get("/testing/primer", status=None).status_code == 404


def test_the_protections_cannot_be_switched_off_outside_of_tests(catalogue, monkeypatch):
    import ckan.plugins.toolkit as tk

    from ckanext.kranj.access import protection

    monkeypatch.setitem(tk.config, protection.KEY, ["edge"])
    assert protection.off("edge")
    assert not protection.off("labels")
    monkeypatch.setitem(tk.config, "testing", False)
    assert not protection.off("edge")
