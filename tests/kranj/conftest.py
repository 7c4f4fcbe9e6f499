"""A portal with something on every page."""

import email
import email.policy
import json

import pytest
from bs4 import BeautifulSoup


class Portal:
    """A portal with one dataset, one harvest source with a job, and a steward."""

    def __init__(self, app, description):
        from ckan import model
        from ckan.tests import factories
        from ckan.tests.helpers import call_action

        from ckanext.harvest.model import HarvestJob, HarvestSource
        from ckanext.kranj.harvest import sources

        self.app = app
        user = factories.User(fullname="Ana Novak", about="")
        owner = description["owner_org"]
        for organization in {"mestna-obcina-kranj", owner}:
            call_action("organization_member_create", id=organization, username=user["name"], role="admin")
        dataset = call_action("package_create", {"user": user["name"], "ignore_auth": False}, **description)
        source = call_action(
            "harvest_source_create", sources.context(), name="vir", title="Vir", url="https://vir.example/katalog.ttl",
            source_type="kranj-dcat", owner_org=owner, frequency="DAILY", config=json.dumps({}),
        )  # fmt: skip
        job = HarvestJob(source=model.Session.get(HarvestSource, source["id"]), status="Finished")
        model.Session.add(job)
        model.Session.commit()
        self.names = {
            "user": user["name"],
            "dataset": dataset["name"],
            "resource": dataset["resources"][0]["id"],
            "organization": owner,
            "group": dataset["content_area"][0],
            "job": job.id,
        }
        self.headers = {"Authorization": factories.APIToken(user=user["name"])["token"]}

    def get(self, path, *, signed_in=False):
        """The answer to a request; names in braces are filled in."""
        return self.app.get(path.format(**self.names), headers=self.headers if signed_in else {})

    def page(self, path, *, signed_in=False):
        """A page to look into."""
        return BeautifulSoup(self.get(path, signed_in=signed_in).body, "html.parser")


@pytest.fixture
def portal(catalogue, complete_dataset):
    """A portal with something on every page, and its steward."""
    return Portal(catalogue, complete_dataset)


class Postbox:
    """Mails as they arrived: (whom, the whole text with its headers, decoded)."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 aiosmtpd's name
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        headers = "\n".join(f"{name}: {value}" for name, value in message.items())
        bodies = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
        self.mails.append((envelope.rcpt_tos[0], "\n".join([headers, *bodies])))
        return "250 OK"


@pytest.fixture
def postbox(monkeypatch):
    """A mail server on this machine, and the portal set to it."""
    import socket

    from aiosmtpd.controller import Controller

    import ckan.plugins.toolkit as tk

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    box = Postbox()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    monkeypatch.setitem(tk.config, "smtp.server", f"127.0.0.1:{port}")
    monkeypatch.setitem(tk.config, "smtp.mail_from", "katalog@kranj.si")
    yield box
    server.stop()
