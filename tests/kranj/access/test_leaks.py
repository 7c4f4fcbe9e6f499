"""Nothing of a hidden record is met anywhere: every action, every route, seven people, real Solr (docs/security.md).

The whole round is long; the short one tries two people on the most hidden record.
"""

import hashlib
import re
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import logic, model
from ckan.lib import search as index

from ckanext.kranj.access import protection

MARK = "kanarcek"
NOT_PUBLIC = re.compile(rf"{MARK}(?:internal|organization|restricted|draft|deleted|source)x\w+|{MARK}publicxinside\w*")


def marked(level, place):
    """A word of a record's, as the city has them."""
    return f"{MARK}{level}x{place}"


UNTOUCHED = "SELECT string_agg(p::text, chr(10) ORDER BY id) FROM package p WHERE id = ANY(:ids)"


def actions():
    logic.get_action("status_show")
    return sorted(name for name in logic._actions if not name.startswith("get_site_user"))


def reads():
    return [name for name in actions() if getattr(logic._actions[name], "side_effect_free", False)]


def rules(app):
    return [rule for rule in app.flask_app.url_map.iter_rules() if rule.endpoint not in ("user.logout", "static")]


def stored(city, levels):
    ids = [city.records[level].id for level in levels]
    model.Session.rollback()
    text = model.Session.scalar(sa.text(UNTOUCHED), {"ids": ids})
    return hashlib.sha256((text or "").encode()).hexdigest()


def hidden_from(city, person):
    from_him = city.forbidden(person)
    return [level for level, record in city.records.items() if record.id in from_him]


def test_nothing_of_a_restricted_record_is_met_by_visitors(prowler, city, catalogue):
    before = stored(city, hidden_from(city, "anonymous"))
    record = city.records["restricted"]
    prowler.actions("anonymous", record, reads(), ("GET",))
    prowler.actions("anonymous", record, sorted(set(actions()) - set(reads())), ("POST",))
    prowler.routes("anonymous", record, rules(catalogue))
    assert prowler.leaks == {}
    assert prowler.errors == []
    assert stored(city, hidden_from(city, "anonymous")) == before


def test_nothing_of_a_restricted_record_is_met_by_an_editor_from_elsewhere(prowler, city):
    prowler.actions("member of another organisation", city.records["restricted"], reads(), ("GET",))
    assert prowler.leaks == {}


def test_findings_of_systems_tell_nothing_of_what_an_editor_may_not_see(prowler):
    for person in ("reader of the owner", "editor of the owner"):
        prowler.look(person, "findings", "GET", "/api/action/kranj_system_findings")
        prowler.look(person, "systems", "GET", "/systems")
    assert prowler.leaks == {}


@pytest.mark.long
def test_nothing_hidden_is_met_by_anybody(prowler, city, catalogue, capsys, logbook):
    """All actions by GET and POST, all routes, seven people, each hidden record; the figures are printed."""
    started, doors = time.monotonic(), rules(catalogue)
    for number, person in enumerate(city.people):
        hidden = hidden_from(city, person)
        before = stored(city, hidden)
        # What is met is compared with the words of all hidden records; identifiers are those of one, in turn.
        record = city.records[hidden[number % len(hidden)] if hidden else "public"]
        # Whoever sees everything only reads: his writes would succeed.
        prowler.actions(person, record, actions(), ("GET", "POST") if hidden else ("GET",))
        if hidden:
            prowler.routes(person, record, doors)
        assert stored(city, hidden) == before, person
    with capsys.disabled():
        print(
            f"\n{len(actions())} actions, {len({rule.endpoint for rule in doors})} routes, {len(city.people)} people, "
            f"{sum(prowler.tried.values())} requests in {time.monotonic() - started:.0f} s, "
            f"{len(prowler.leaks)} surfaces leak, {len(logbook)} lines of log tell, "
            f"{len(prowler.errors)} requests broke: {dict(prowler.tried)}"
        )
        for surface, errors in Counter((error[1], error[3]) for error in prowler.errors).most_common(20):
            print(errors, *surface)
    assert prowler.leaks == {}
    assert logbook == []
    assert prowler.errors == []


@pytest.fixture
def as_stock(city, monkeypatch):
    """Protections off but for the labels; the restricted record as a label alone would hide it in stock CKAN."""
    record = city.records["restricted"]
    package = model.Package.get(record.id)
    package.private = False
    package.add_tag_by_name(record_tag(record))
    model.Session.add(
        model.Member(
            group_id=city.organization,
            table_id=record.id,
            table_name="package",
            capacity="organization",
            state="active",
        )
    )
    model.Session.commit()
    monkeypatch.setitem(tk.config, protection.KEY, ["edge", "existence", "listings", "search"])
    index.rebuild(record.id)
    return record


def record_tag(record):
    return next(word for word in record.words if word.endswith("tagsl"))


STOCK_LEAKS = (
    "member_list", "package_list", "resource_search", "tag_autocomplete", "tag_list", "tag_search", "tag_show",
)  # fmt: skip
"""Stock surfaces that answer with words or ids of a hidden record (research/peers.md 3.3, rows 1, 3, 4, 6, 8)."""


def test_the_suite_finds_what_stock_leaks(as_stock, prowler):
    """With the protections off it reports each known surface, so that its silence above means something."""
    prowler.actions("anonymous", as_stock, actions(), ("GET",))
    found = {surface.removeprefix("action ") for surface in prowler.leaks}
    assert found >= set(STOCK_LEAKS)


def test_formats_of_hidden_records_are_not_completed(prowler, city, monkeypatch):
    def asks():
        return prowler.look("anonymous", "format", "GET", "/api/util/resource/format_autocomplete?incomplete=md")[1]

    assert "mdb" not in asks()
    monkeypatch.setitem(tk.config, protection.KEY, ["listings"])
    assert "mdb" in asks(), "stock does complete it; without this the line above proves nothing"


def test_members_of_an_organisation_are_told_to_its_members(prowler, city):
    def people_told(person):
        url = "/api/action/member_list?id=domplan&object_type=user"
        return prowler.look(person, "members", "GET", url)[1].count('"user"')

    assert people_told("anonymous") == people_told("member of another organisation") == 0
    assert people_told("reader of the owner") == people_told("data office") >= 3


def test_words_of_hidden_records_are_not_logged(city, catalogue, logbook):
    """Logs are read by more people than a restricted record: whoever sees it reads, writes and fails, no line tells."""
    context = {"user": city.creator, "ignore_auth": False}
    for record in city.records.values():
        for path in (f"/dataset/{record.name}", f"/dataset/{record.name}/resource/{record.resource}",
                     f"/dataset/edit/{record.name}", f"/dataset/{record.name}/history", f"/dataset/{record.name}.ttl",
                     f"/dataset/?q={MARK}*", f"/api/action/package_show?id={record.name}"):  # fmt: skip
            catalogue.get(path, headers=city.headers["data office"], status=None)
    record = city.records["restricted"]
    tk.get_action("package_patch")(dict(context), {"id": record.id, "version": "kanarcekrestrictedxnew"})
    with pytest.raises(tk.ValidationError):
        tk.get_action("package_patch")(dict(context), {"id": record.id, "frequency": "kanarcekrestrictedxwrong"})
    tk.get_action("package_search")(dict(context), {"q": "*:*"})
    assert logbook == []


def test_an_error_of_the_database_is_logged_without_values(city, logbook):
    import logging

    record = city.records["restricted"]
    word = next(iter(record.words))
    wrong = {"id": record.id, "title": f"{word}\n\n{word}", "state": "active"}
    with pytest.raises(sa.exc.SQLAlchemyError, match=word) as raised:  # the error itself tells
        model.Session.execute(sa.text("INSERT INTO package (id, title, state) VALUES (:id, :title, :state)"), wrong)
    logging.getLogger("ckan").error("as CKAN does: %s", raised.value, exc_info=raised.value)
    model.Session.rollback()
    assert logbook == []
    settings = (Path(__file__).parents[3] / "deployment" / "settings.ini").read_text(encoding="utf-8")
    assert "class = ckanext.kranj.access.log.Plain" in settings


def test_the_logbook_hears(city, logbook):
    import logging

    word = next(iter(city.records["restricted"].words))
    for name, level in (("ckan.views", "info"), ("ckan.config.middleware.flask_app", "warning"), ("pysolr", "warning")):
        getattr(logging.getLogger(name), level)("shown %s", word)
    logging.getLogger("ckan.config.middleware.flask_app").info("silenced %s", word)
    assert len(logbook) == 3


def test_no_mail_tells_of_what_is_not_public(city, catalogue, postbox, monkeypatch):
    """Everything that sends mail is done once to each record; no mail holds a word of what is not public."""
    from ckan.lib import mailer

    monkeypatch.setitem(tk.config, "kranj.approval", True)
    office = {"user": city.people["data office"]}
    for level in ("internal", "organization", "restricted"):
        record = city.records[level]
        for decision in ("return", "approve"):
            made = tk.get_action("kranj_approval_request")(
                {"user": city.creator}, {"id": record.id, "visibility": "public"}
            )
            tk.get_action("kranj_approval_decide")(
                dict(office), {"id": made["id"], "decision": decision, "comment": "x"}
            )
        tk.get_action("package_patch")({"user": city.creator}, {"id": record.id, "visibility": level})
        model.Package.get(record.id).extras["secrecy"] = "poslovna-skrivnost"
        model.repo.commit()
        asked = tk.get_action("kranj_access_request_create")(
            {"user": city.creator}, {"id": record.id, "purpose": marked(level, "purpose"), "legal_basis": "x"}
        )
        tk.get_action("kranj_access_request_decide")(
            dict(office), {"request": asked["id"], "status": "granted", "answer": marked(level, "answer")}
        )
    with catalogue.flask_app.test_request_context():
        mailer.send_reset_link(model.User.get(city.creator))
        tk.get_action("user_invite")(
            {"user": city.people["data office"], "ignore_auth": True},
            {"email": "nova@kranj.si", "group_id": city.organization, "role": "member"},
        )
    told = {line for _, text in postbox.mails for line in text.splitlines() if line.startswith("Subject")}
    assert len(postbox.mails) >= 14
    assert len(told) >= 6
    assert [(who, NOT_PUBLIC.findall(text)) for who, text in postbox.mails if NOT_PUBLIC.search(text)] == []


# A hidden record and one that never existed


ASKING = [
    "anonymous",
    pytest.param("member of another organisation", marks=pytest.mark.long),
    pytest.param("editor of the owner", marks=pytest.mark.long),
]
NOISE = re.compile(
    r"Content-Length: \d+|Date: [^\r\n]*|Set-Cookie: [^\r\n]*|(?:content|value)=\"[\w.-]{60,}\"|<updated>[^<]*<"
)
"""What differs between any two answers: lengths, times, CSRF tokens."""

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def differences(hidden, unknown):
    """Where the two differ, with the statuses and the first place of the difference."""
    return [f"{key}: {hidden[key][0]} {unknown[key][0]} {_apart(hidden[key][1], unknown[key][1])}"
            for key in hidden if hidden[key] != unknown[key]]  # fmt: skip


def _apart(one, other):
    place = next((number for number, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
    return one[place - 30 : place + 40], other[place - 30 : place + 40]


def answers(prowler, person, record, names):
    """What each action and route says about a record; identifiers of the question taken out of the answer."""
    given = {"id": record.id, "name": record.name, "resource": record.resource}

    def told(status, body):
        for word in (*given.values(),):
            body = body.replace(word, "IT")
        return status, NOISE.sub("", body)

    said = {}
    for name in names:
        for key, value in (
            ("id", "id"), ("id", "name"), ("package_id", "id"), ("resource_id", "resource"), ("dataset_id", "id"),
            ("id", "resource"), ("match__id", "id"),
        ):  # fmt: skip
            sent = {key: given[value], "user_id": "nobody", "capacity": "editor", "order": [], "version": "9"}
            for method in ("GET", "POST"):
                data = {"query_string": {key: given[value]}} if method == "GET" else {"json": sent}
                said[name, key, value, method] = told(
                    *prowler.look(person, name, method, f"/api/action/{name}", **data)
                )
    return said


@dataclass
class Never:
    """A record that never existed, of the same shape as a hidden one."""

    id: str = UNKNOWN
    name: str = "ni-take-zbirke-00000000"
    resource: str = "00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize("person", ASKING)
def test_hidden_and_unknown_are_one_answer_of_every_action(prowler, city, person):
    names = [name for name in actions() if "purge" not in name]
    hidden = answers(prowler, person, city.records["restricted"], names)
    unknown = answers(prowler, person, Never(), names)
    assert "\n".join(differences(hidden, unknown)) == ""


@pytest.mark.parametrize("person", ASKING)
def test_hidden_and_unknown_are_one_answer_of_every_route(prowler, city, catalogue, person):
    def told(record):
        said = {}
        for rule in rules(catalogue):
            if not rule.arguments & {"id", "resource_id", "identifier"}:
                continue
            for identifier in (record.id, record.name):
                values = {"id": identifier, "resource_id": record.resource, "identifier": identifier, "name": "ttl",
                          "user_id": "nobody", "view_id": "no-such-view", "filename": "x.csv"}  # fmt: skip
                path = rule.build({key: values.get(key, "x") for key in rule.arguments})[1]
                for method in sorted(rule.methods & {"GET", "POST"}):
                    status, body = prowler.look(person, rule.endpoint, method, path)
                    for word in (record.id, record.name, record.resource):
                        body = body.replace(word, "IT")
                    body = NOISE.sub("", body)
                    said[rule.rule, identifier == record.id, method] = status, body
        return said

    hidden, unknown = told(city.records["restricted"]), told(Never())
    assert "\n".join(differences(hidden, unknown)) == ""


def test_hidden_and_unknown_take_comparable_time(prowler, city):
    def median(identifier):
        times = []
        for _ in range(40):
            started = time.perf_counter()
            prowler.look("member of another organisation", "show", "GET", f"/api/action/package_show?id={identifier}")
            times.append(time.perf_counter() - started)
        return sorted(times)[20]

    median(UNKNOWN)
    hidden, unknown = median(city.records["restricted"].id), median(UNKNOWN)
    assert 0.5 < hidden / unknown < 2, f"hidden {hidden * 1000:.1f} ms, unknown {unknown * 1000:.1f} ms"
