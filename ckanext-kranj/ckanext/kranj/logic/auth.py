"""The auth functions of the plugin ``kranj``, as CKAN's blanket looks for them."""

from collections.abc import Callable
from typing import Any

from ckanext.kranj.access import auth
from ckanext.kranj.catalogue import report
from ckanext.kranj.catalogue.dictionary.actions import RIGHTS
from ckanext.kranj.catalogue.systems.actions import may_read_register

OWN = (
    auth.kranj_access_request_create,
    auth.kranj_access_request_list,
    auth.kranj_approval_decide,
    auth.kranj_approval_list,
    auth.kranj_approval_request,
    auth.kranj_level_preview,
    auth.group_show,
    auth.kranj_audit_list,
    auth.kranj_internal_show,
    auth.kranj_internal_update,
    auth.kranj_retention_confirm,
    auth.kranj_retention_event,
    auth.kranj_retention_list,
    auth.package_create,
    auth.package_show,
)


AS_EVENT = (
    "kranj_access_request_decide",
    "kranj_retention_done",
    "kranj_retention_hold",
    "kranj_retention_propose",
    "kranj_retention_show",
)
"""Whoever may note an event may do these, too."""


def get_auth_functions() -> dict[str, Callable[..., Any]]:
    """Own and chained auth functions by name."""
    same = dict.fromkeys(AS_EVENT, auth.kranj_retention_event)
    register = dict.fromkeys(("kranj_system_findings", "kranj_system_scorecard"), may_read_register)
    register["kranj_report"] = report.may_read_report
    return {**auth.WRITES, **same, **register, **RIGHTS, **{function.__name__: function for function in OWN}}
