"""The daily e-mail and the document of the actions."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action, changed_config

from ckanext.harvest.model import HarvestSource
from ckanext.kranj.harvest import daily, digest, openapi, schedule
from ckanext.kranj.harvest.cli import harvest as commands
from ckanext.kranj.harvest.model import HarvestRun
from ckanext.kranj.harvest.runner import harvest
from ckanext.kranj.harvest.sources import find
from ckanext.kranj.harvest.worker import Worker

DOCUMENT = Path(__file__).parents[3] / "docs" / "openapi.json"


def person(organization, role="editor"):
    user = factories.User()
    call_action("organization_member_create", id=organization, username=user["name"], role=role)
    return user


@pytest.fixture
def sent(monkeypatch):
    """E-mails instead of an SMTP server: (to, subject, text)."""
    mails = []
    monkeypatch.setattr(
        digest.mailer, "mail_recipient", lambda name, to, subject, text: mails.append((to, subject, text))
    )
    with changed_config("smtp.mail_from", "katalog@kranj.si"):
        yield mails


class TestDigest:
    def test_each_steward_hears_of_his_sources_and_of_nothing_hidden(self, source, served, turtle, dataset, sent):
        steward, other = person("mestna-obcina-kranj"), person("komunala-kranj")
        member = person("mestna-obcina-kranj", "member")
        extra = '<https://podatki.kranj.si/ns#visibility> "restricted" ;'
        spec = source(served(turtle(dataset(1), dataset(2, title="Skrivna zbirka", extra=extra))))
        harvest(spec)
        assert daily.send() == (1, 0)
        ((to, _, text),) = sent
        assert to == steward["email"]
        assert to not in {other["email"], member["email"]}
        assert "* vir: v redu" in text
        assert "novo 2" in text
        assert "new 2" in text
        for word in ("Skrivna", "127.0.0.1", "localhost:", "Zbirka številka"):
            assert word not in text.replace("http://localhost/", ""), word

    def test_a_source_that_fails_is_said_with_what_to_do(self, source, httpserver, sent):
        steward = person("mestna-obcina-kranj")
        httpserver.expect_request("/catalog.ttl").respond_with_data("gone", status=410)
        harvest(source(httpserver.url_for("/catalog.ttl")))
        daily.send()
        assert sent[0][0] == steward["email"]
        assert "prevzem ne uspe\n  Vir je zahtevo zavrnil" in sent[0][2]
        assert "failing\n  The source refused the request" in sent[0][2]
        assert httpserver.host not in sent[0][2]

    def test_who_has_nothing_to_hear_gets_nothing(self, source, served, turtle, dataset, sent):
        person("mestna-obcina-kranj")
        harvest(source(served(turtle(dataset(1)))))
        model.Session.query(HarvestRun).update({"started": datetime.now(tz=UTC) - timedelta(hours=30)})
        model.Session.commit()
        assert daily.send() == (0, 0)
        assert sent == []

    def test_without_a_mail_server_nothing_is_sent(self, source, served, turtle, dataset):
        person("mestna-obcina-kranj")
        harvest(source(served(turtle(dataset(1)))))
        assert daily.send() == (0, 0)

    def test_the_caller_reads_his_own(self, source, served, turtle, dataset):
        steward = person("mestna-obcina-kranj")
        harvest(source(served(turtle(dataset(1)))))
        found = call_action("kranj_harvest_digest", {"user": steward["name"], "ignore_auth": False})
        assert found["sources"][0]["counts"] == {"create": 1}
        stranger = person("komunala-kranj")
        assert call_action("kranj_harvest_digest", {"user": stranger["name"], "ignore_auth": False})["sources"] == []


class TestSchedule:
    """The worker's own loop and a mail server on this machine."""

    @pytest.fixture
    def ready(self, source, served, turtle, dataset, postbox):
        steward = person("mestna-obcina-kranj")
        harvest(source(served(turtle(dataset(1)))))
        HarvestSource.get(find("vir").id).frequency = "MANUAL"
        model.Session.commit()
        with changed_config("kranj.harvest.digest_hour", 0):
            yield steward

    @staticmethod
    def looks(times=1):
        """The worker's endless loop, ended after so many looks."""
        left = iter(range(times - 1))

        def sleep(_seconds):
            if next(left, None) is None:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            Worker(sleep=sleep).forever()

    @staticmethod
    def an_hour_later():
        model.Session.execute(sa.text("UPDATE kranj_harvest_digest SET at = at - interval '1 hour'"))
        model.Session.commit()

    def test_the_worker_sends_it_once_a_day(self, ready, postbox):
        self.looks(3)
        ((to, mail),) = postbox.mails
        assert to == ready["email"]
        assert "* vir: v redu" in mail
        self.looks(2)
        assert daily.send() == (0, 0)  # neither does the command
        assert len(postbox.mails) == 1
        assert daily.send_when_due(datetime.now(tz=UTC) + timedelta(hours=23)) == 1
        assert len(postbox.mails) == 2

    def test_not_before_its_hour_and_not_when_it_is_off(self, ready, postbox):
        morning = datetime.now(tz=schedule.zone()).replace(hour=6, minute=59)
        with changed_config("kranj.harvest.digest_hour", 7):
            assert daily.send_when_due(morning) == 0
        with changed_config("kranj.harvest.digest_hour", -1):
            self.looks()
        assert postbox.mails == []

    def test_of_many_workers_one_sends(self, ready, postbox):
        model.Session.remove()
        model.meta.engine.dispose()
        children = []
        for _ in range(5):
            child = os.fork()
            if child == 0:
                try:
                    self.looks()
                finally:
                    os._exit(0)
            children.append(child)
        for child in children:
            os.waitpid(child, 0)
        assert [to for to, _ in postbox.mails] == [ready["email"]]

    def test_a_mail_server_that_is_away_is_tried_again(self, ready, postbox):
        with changed_config("smtp.server", "127.0.0.1:1"):
            self.looks(2)
        assert postbox.mails == []
        self.looks()
        assert postbox.mails == []  # half an hour has not passed
        self.an_hour_later()
        self.looks(2)
        assert [to for to, _ in postbox.mails] == [ready["email"]]

    def test_a_worker_that_died_on_its_round_is_replaced(self, ready, postbox, monkeypatch):
        """Who had his e-mail has none again, the others have theirs."""
        second = person("mestna-obcina-kranj")
        first = min(ready, second, key=lambda user: user["name"])
        original = daily._claimed

        def dies(day, user, **given):
            if postbox.mails:
                raise KeyboardInterrupt  # between the first e-mail and the second
            return original(day, user, **given)

        with monkeypatch.context() as dying:
            dying.setattr(daily, "_claimed", dies)
            with pytest.raises(KeyboardInterrupt):
                Worker().once()
        assert [to for to, _ in postbox.mails] == [first["email"]]
        self.an_hour_later()
        self.looks(2)
        assert sorted(to for to, _ in postbox.mails) == sorted([ready["email"], second["email"]])


class TestDocument:
    def test_it_is_that_of_the_program(self, catalogue):
        hint = "run: ckan kranj harvest openapi > docs/openapi.json"
        assert json.loads(DOCUMENT.read_text(encoding="utf-8")) == openapi.document(), hint

    def test_every_action_is_in_it_with_words(self, catalogue):
        from ckan import logic

        logic.get_action("status_show")
        paths = openapi.document()["paths"]
        ours = {f"/api/3/action/{name}" for name in logic._actions if name.startswith(openapi.PREFIX)}
        assert set(paths) == ours
        for path, methods in paths.items():
            assert methods["post"]["summary"].endswith((".", "``.")), path
            assert methods["post"]["description"].startswith("Who: "), path
        assert "get" in paths["/api/3/action/kranj_harvest_progress"]
        assert "get" not in paths["/api/3/action/kranj_harvest_run_decide"]
        body = paths["/api/3/action/kranj_harvest_quiet_hours"]["post"]["requestBody"]
        assert set(body["content"]["application/json"]["schema"]["properties"]) == {"source", "hours"}


class TestCommands:
    def test_all_of_it_by_command_with_json_out(self, source, served, turtle, dataset):
        spec = source(served(turtle(dataset(1))))
        harvest(spec)

        def said(*arguments):
            result = CliRunner().invoke(commands, arguments)
            assert result.exit_code == 0, result.output
            return result.stdout

        assert json.loads(said("report", "vir"))["counts"]["create"] == 1
        assert said("report", "vir", "--csv").startswith("\ufeff")
        assert json.loads(said("progress", "vir"))["phase"] == "idle"
        assert json.loads(said("difference", "vir"))["counts"]["unchanged"] == 1
        assert json.loads(said("digest", "--json")) == []
        assert json.loads(said("gallery", "gurs", "--json"))["areas"]
        assert "vir: 7-18" in said("quiet-hours", "vir", "7-18")
        assert json.loads(said("progress", "vir"))["quiet_hours"] == "7-18"
