"""The types of harvest sources that ckanext-harvest offers: ``kranj-<connector>``, one for each connector installed.

ckanext-harvest knows a type as a loaded plugin with IHarvester, and one plugin has one ``info()``. A connector is found
by entry point and should need no line in ``ckan.plugins``, so the services are put into CKAN's registry here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from flask import has_request_context

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.plugins import core

from ckanext.harvest.interfaces import IHarvester
from ckanext.kranj.harvest.spec import PREFIX, spec_of
from ckanext.kranj.helpers import language

from harvesters import Connector, installed_connectors
from harvesters.errors import WrongSetting

ADMINISTRATORS = ("allowed_hosts", "auth", "ca_bundle")
"""Keys of the configuration that reach into the network, the secrets or the files of the machine."""
approved: ContextVar[Mapping[str, Any]] = ContextVar("approved", default={})  # noqa: B039 nobody changes it
"""What an administrator saved in the source that is being saved now; who may edit it may leave that as it is."""
HIDDEN = frozenset({"memory"})
"""Connectors for tests."""


class Kind(p.SingletonPlugin):
    """One source type in the list of ckanext-harvest."""

    p.implements(IHarvester)
    connector: type[Connector]

    def info(self) -> dict[str, str]:
        """What the form of a source shows."""
        title = self.connector.title[language()]
        return {
            "name": PREFIX + self.connector.name,
            "title": title,
            "description": title,
            "form_config_interface": "Text",
        }

    def validate_config(self, config: str | None) -> str:
        """Refuse a configuration that a run would refuse.

        Raises:
            HarvestError: a setting is missing, unknown or wrong; the form shows the sentence.
        """
        try:
            given = json.loads(config or "{}")
        except ValueError as error:
            raise WrongSetting("config", "config", f"not JSON: {error}") from error
        if not isinstance(given, dict):
            raise WrongSetting("config", "config", "a JSON object is expected")
        spec_of("check", PREFIX + self.connector.name, "https://example.org/", config or "{}")
        refuse_for_others(given, approved.get())
        return json.dumps(given, ensure_ascii=False)

    def gather_stage(self, harvest_job: Any) -> list[str]:
        """Nothing for the queues of ckanext-harvest: our worker takes the jobs."""
        return []

    def fetch_stage(self, harvest_object: Any) -> bool:
        """As gather_stage."""
        return False

    def import_stage(self, harvest_object: Any) -> bool:
        """As gather_stage."""
        return False


def refuse_for_others(given: Mapping[str, Any], kept: Mapping[str, Any]) -> None:
    """Refuse keys of administrators from anybody else, unless they stand as an administrator left them.

    Raises:
        WrongSetting: at the first one.
    """
    for key in ADMINISTRATORS:
        if given.get(key) and given[key] != kept.get(key) and has_request_context() and not is_sysadmin():
            raise WrongSetting("config", key, "only an administrator may set this")


def is_sysadmin() -> bool:
    """Whether the visitor of this request is an administrator."""
    user = tk.current_user
    return bool(getattr(user, "is_authenticated", False) and user.sysadmin)


def register() -> None:
    """Put one service per connector into CKAN's registry; doing it again changes nothing."""
    for name, connector in installed_connectors().items():
        service = f"kranj_harvest_{name}"
        if name not in HIDDEN and service not in core._PLUGINS_SERVICE:
            kind = type(f"Kind{name.title()}", (Kind,), {"connector": connector})
            core._PLUGINS_SERVICE[service] = kind(name=service)
