"""Every change has a name, on every way in; nothing of it can be changed, removed or put in unseen."""

import json

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.audit import chain
from ckanext.kranj.audit import words as said
from ckanext.kranj.audit.cli import audit
from ckanext.kranj.audit.words import actor


def entries(where="true", **values):
    model.Session.rollback()
    statement = f"SELECT * FROM kranj_audit WHERE id > :mark AND {where} ORDER BY id"  # noqa: S608 of these tests
    rows = model.Session.execute(sa.text(statement), values)
    return [dict(row) for row in rows.mappings()]


@pytest.fixture
def mark(catalogue):
    """Id of the last entry before the test."""
    return model.Session.scalar(sa.text("SELECT coalesce(max(id), 0) FROM kranj_audit"))


@pytest.fixture
def editor(mark):
    user = factories.User(fullname="Urednica Ana")
    call_action("organization_member_create", id="domplan", username=user["name"], role="editor")
    return user


@pytest.fixture
def record(editor, complete_dataset):
    data = complete_dataset | {"owner_org": "domplan", "visibility": "internal"}
    return tk.get_action("package_create")({"user": editor["name"], "ignore_auth": False}, data)


def patch(user, identifier, **changes):
    return tk.get_action("package_patch")({"user": user["name"], "ignore_auth": False}, {"id": identifier, **changes})


class TestEntries:
    def test_a_change_names_who_and_which_fields(self, mark, editor, record):
        patch(editor, record["id"], frequency="DAILY", owner_unit="Oddelek za skrivnosti")
        (entry,) = entries("package_id = :id AND operation = 'update' AND object_type = 'package'",
                           mark=mark, id=record["id"])[-1:]  # fmt: skip
        assert entry["actor"] == editor["id"]
        assert entry["fields"]["frequency"] == ["MONTHLY", "DAILY"]
        assert set(entry["fields"]) == {"frequency", "owner_unit"}
        assert "skrivnosti" not in json.dumps(entry["fields"]), "content is kept as a hash only"

    def test_a_change_of_level_is_one_of_its_own_kind(self, mark, editor, record):
        patch(editor, record["id"], visibility="organization")
        told = entries("package_id = :id AND kind = 'level'", mark=mark, id=record["id"])
        assert told[-1]["fields"]["visibility"] == ["internal", "organization"]

    def test_a_change_past_the_actions_is_seen(self, mark, record):
        model.Session.execute(sa.text("UPDATE package SET private = false WHERE id = :id"), {"id": record["id"]})
        model.Session.commit()
        told = entries("package_id = :id AND kind = 'level'", mark=mark, id=record["id"])[-1]
        assert (told["via"], told["actor"].startswith("db:")) == ("sql", True)

    def test_the_internal_block_members_and_accounts(self, mark, editor, record):
        patch(editor, record["id"], internal={"location": {"system": "Nov sistem", "server": "s9"}})
        call_action("package_collaborator_create", id=record["id"], user_id=editor["id"], capacity="editor")
        kinds = {(row["object_type"], row["kind"]) for row in entries(mark=mark)}
        assert {("kranj_internal", "change"), ("package_member", "membership"), ("member", "membership"),
                ("user", "account")} <= kinds  # fmt: skip
        assert "Nov sistem" not in json.dumps([row["fields"] for row in entries(mark=mark)])

    def test_what_was_rolled_back_leaves_no_entry(self, mark, editor, record, monkeypatch):
        where = "package_id = :id AND kind <> 'read'"
        before = len(entries(where, mark=mark, id=record["id"]))
        monkeypatch.setattr(model.repo, "commit", lambda: (_ for _ in ()).throw(RuntimeError("disk full")))
        with pytest.raises(RuntimeError):
            patch(editor, record["id"], frequency="DAILY")
        monkeypatch.undo()
        assert len(entries(where, mark=mark, id=record["id"])) == before

    def test_reading_what_is_not_public_is_written_down(self, mark, editor, record, catalogue):
        token = factories.APIToken(user=editor["name"])["token"]
        headers = {"Authorization": token}
        catalogue.get(f"/api/action/package_show?id={record['name']}", headers=headers)
        catalogue.get("/api/action/package_search", headers=headers)
        catalogue.get(f"/api/action/kranj_internal_show?id={record['name']}", headers=headers)
        reads = entries("kind = 'read' AND via = 'api'", mark=mark)
        assert [(row["operation"], row["object_type"], row["actor"]) for row in reads] == [
            ("show", "package", editor["id"]), ("search", "package", editor["id"]), ("show", "internal", editor["id"]),
        ]  # fmt: skip

    def test_a_request_of_a_person_is_named_in_every_transaction(self, mark, editor, record, catalogue):
        headers = {"Authorization": factories.APIToken(user=editor["name"])["token"]}
        catalogue.post("/api/action/package_patch", headers=headers, json={"id": record["id"], "version": "3"})
        catalogue.post("/api/action/follow_dataset", headers=headers, json={"id": record["id"]})
        told = entries("package_id = :id AND operation = 'update'", mark=mark, id=record["id"])[-1]
        assert (told["actor"], told["via"]) == (editor["id"], "api")

    def test_logins_good_and_failed(self, mark, editor, catalogue):
        user = factories.User(password="Zelo-dolgo-geslo-1")
        for password in ("napačno", "Zelo-dolgo-geslo-1"):
            catalogue.test_client().post("/user/login", data={"login": user["name"], "password": password})
        told = entries("kind = 'login' AND object_id = :id", mark=mark, id=user["id"])
        assert [row["operation"] for row in told] == ["failed", "login"]


class TestHistory:
    def test_the_page_tells_it_in_words(self, editor, record, catalogue):
        patch(editor, record["id"], frequency="DAILY", owner_unit="Nova enota")
        headers = {"Authorization": factories.APIToken(user=editor["name"])["token"]}
        page = catalogue.get(f"/dataset/{record['name']}/history", headers=headers)
        for words in ("Urednica Ana", "je spremenil/a opis", "Pogostost osveževanja", "Nova enota"):
            assert words in page, words

    def test_proposals_holds_and_requests_are_told_in_words_and_days_as_people_write_them(
        self, editor, record, catalogue
    ):
        context = {"user": editor["name"], "ignore_auth": False}
        tk.get_action("kranj_retention_hold")(context, {"id": record["id"], "reason": "Spor"})
        patch(editor, record["id"], lifecycle="ukinjen", lifecycle_ended="2026-01-31")
        headers = {"Authorization": factories.APIToken(user=editor["name"])["token"]}
        page = catalogue.get(f"/dataset/{record['name']}/history?reads=0", headers=headers).body
        for words in ("je zadržal/a uničenje podatkov", "31. 1. 2026"):
            assert words in page, words
        for code in ("kranj_", "placed_by", "sha256", "2026-01-31", "Starejše"):
            assert code not in page.split("kranj-history")[1], code

    def test_many_readings_do_not_hide_the_changes(self, editor, record):
        context = {"user": editor["name"], "ignore_auth": False}
        for _ in range(3):
            tk.get_action("package_show")(dict(context), {"id": record["id"]})
        listed = tk.get_action("kranj_audit_list")
        (step,) = listed(dict(context), {"id": record["id"], "reads": False, "limit": 1})
        assert step["what"].startswith("je ")
        assert step["what"] != "je bral/a opis"

    @pytest.mark.parametrize(("lang", "who"), [("sl", "Upravljavec strežnika"), ("en", "The operator of the server")])
    def test_whoever_has_no_account_is_named_in_words(self, catalogue, lang, who):
        with catalogue.flask_app.test_request_context("/", environ_overrides={"CKAN_LANG": lang}):
            assert said.actor("machine:root") == who

    def test_one_save_is_one_step(self, editor, record):
        patch(editor, record["id"], frequency="DAILY", internal={"location": {"system": "Drug sistem"}})
        context = {"user": editor["name"], "ignore_auth": False}
        first, *rest = tk.get_action("kranj_audit_list")(context, {"id": record["id"], "reads": False})
        assert (first["what"], len(rest)) == ("je spremenil/a opis", 1)
        assert {"field": "frequency", "label": "Pogostost osveževanja"}.items() <= next(
            change.items() for change in first["changes"] if change["field"] == "frequency"
        )

    @pytest.mark.parametrize("organization", [None, "komunala-kranj"])
    def test_others_do_not_see_it(self, editor, record, organization):
        user = factories.User()
        if organization:
            call_action("organization_member_create", id=organization, username=user["name"], role="editor")
        with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
            tk.get_action("kranj_audit_list")({"user": user["name"], "ignore_auth": False}, {"id": record["id"]})


class TestChain:
    @pytest.fixture
    def sealed(self, editor, record):
        patch(editor, record["id"], frequency="DAILY")
        model.Session.commit()
        chain.seal()
        return chain.head()

    @pytest.mark.parametrize("statement", [
        "UPDATE kranj_audit SET actor = 'x'", "DELETE FROM kranj_audit", "TRUNCATE kranj_audit",
        "UPDATE kranj_audit_seal SET position = 1", "DELETE FROM kranj_audit_seal", "TRUNCATE kranj_audit_seal",
    ])  # fmt: skip
    def test_the_database_refuses(self, sealed, statement):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            model.Session.execute(sa.text(statement))
        model.Session.rollback()

    def test_a_whole_chain_is_whole(self, sealed):
        count, faults = chain.verify([sealed])
        assert (count, faults) == (sealed.position, [])

    @pytest.mark.parametrize(
        ("tampering", "code"),
        [
            ("UPDATE kranj_audit SET actor = 'nekdo drug' WHERE id = :id", "changed"),
            ("UPDATE kranj_audit SET fields = '{}' WHERE id = :id", "changed"),
            ("UPDATE kranj_audit SET at = at - interval '1 day' WHERE id = :id", "changed"),
            ("DELETE FROM kranj_audit WHERE id = :id", "removed"),
            ("DELETE FROM kranj_audit_seal WHERE audit_id = :id", "gap"),
        ],
    )
    def test_tampering_is_found_and_located(self, sealed, tampering, code):
        """By the owner of the tables, who may even switch the triggers off; rolled back at the end."""
        position, audit_id = _one("SELECT * FROM kranj_audit_seal ORDER BY position DESC LIMIT 1 OFFSET 2")[:2]
        with model.meta.engine.connect() as connection:
            for table in ("kranj_audit", "kranj_audit_seal"):
                connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            connection.execute(sa.text(tampering), {"id": audit_id})
            _, faults = chain.verify(connection=connection)
            connection.rollback()
        assert chain.Fault(code, position, None if code == "gap" else audit_id) in faults

    def test_an_end_that_was_cut_off_is_found_by_the_anchor(self, sealed):
        assert chain.verify([chain.Anchor(sealed.position + 3, "00" * 32)])[1] == [
            chain.Fault("anchor", sealed.position + 3, None)
        ]

    def test_entries_of_a_running_transaction_wait(self, sealed, record):
        with model.meta.engine.connect() as connection:
            connection.execute(sa.text("UPDATE package SET version = 'x' WHERE id = :id"), {"id": record["id"]})
            assert chain.seal() == 0
            connection.commit()
        assert chain.seal() == 1
        assert chain.verify()[1] == []

    def test_the_commands(self, sealed, tmp_path):
        from click.testing import CliRunner

        runner, file = CliRunner(), tmp_path / "anchors.jsonl"
        assert runner.invoke(audit, ["anchor", str(file)]).exit_code == 0
        assert runner.invoke(audit, ["verify", "--anchors", str(file)]).exit_code == 0
        lines = runner.invoke(audit, ["export", "--since", str(sealed.position - 1)]).stdout.splitlines()
        assert json.loads(lines[0])["position"] == sealed.position
        assert entries("kind = 'export'", mark=0) != []
        state = json.loads(file.read_text())
        file.write_text(json.dumps({**state, "hash": "00" * 32}))
        broken = runner.invoke(audit, ["verify", "--anchors", str(file)])
        assert (broken.exit_code, "anchor" in broken.output) == (1, True)


def _one(statement):
    with model.meta.engine.connect() as connection:
        return connection.execute(sa.text(statement)).first()


def test_the_account_of_the_portal_is_called_so(catalogue):
    portal = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    account = model.User.get(portal["name"])
    person = factories.User(fullname="Ana Novak")
    assert [actor(name) for name in (account.id, account.name, person["id"])] == ["Portal", "Portal", "Ana Novak"]
