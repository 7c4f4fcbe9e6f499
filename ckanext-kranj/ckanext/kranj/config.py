"""Typed readers of the options of plugin ``kranj``; their defaults are written in config_declaration.yaml only."""

import ckan.plugins.toolkit as tk

DATA_OFFICE = "kranj.data_office"
DEMO = "kranj.demo"
APPROVAL = "kranj.approval"
AUDIT_SEALER = "kranj.audit.sealer"
KEEP_REVISIONS = "kranj.retention.revisions"
KEEP_STUBS = "kranj.retention.stubs"
LOGIN_ATTEMPTS = "kranj.login.attempts"
LOGIN_WAIT = "kranj.login.wait"
REACHABLE_HOSTS = "kranj.reachable_hosts"
VOCABULARIES = "kranj.vocabularies"


def data_office() -> str:
    """Name of the organisation whose members are the data office."""
    return tk.config[DATA_OFFICE]


def demo() -> bool:
    """Whether the portal shows demonstration data, which every page then says."""
    return tk.config[DEMO]


def approval() -> bool:
    """Whether a wider level needs the word of a second person."""
    return bool(tk.config[APPROVAL])


def audit_sealer() -> bool:
    """Whether web processes seal the audit in the background."""
    return bool(tk.config[AUDIT_SEALER])


def keep_revisions() -> str:
    """How long stored values of changes are kept (ISO 8601)."""
    return str(tk.config[KEEP_REVISIONS])


def keep_stubs() -> str:
    """How long a description stays after its data are gone (ISO 8601)."""
    return str(tk.config[KEEP_STUBS])


def login_attempts() -> int:
    """How many wrong passwords a name may have within the time of waiting."""
    return int(tk.config[LOGIN_ATTEMPTS])


def login_wait() -> int:
    """Seconds to wait after too many wrong passwords."""
    return int(tk.config[LOGIN_WAIT])


def reachable_hosts() -> frozenset[str]:
    """Hosts in a private network that the public does reach."""
    return frozenset(tk.config[REACHABLE_HOSTS])


def vocabularies_folder() -> str:
    """Folder with newer versions of code lists; empty when there is none."""
    return tk.config.get(VOCABULARIES) or ""
