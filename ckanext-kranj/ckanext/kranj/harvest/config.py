"""Typed readers of the options of plugin ``kranj_harvest``; defaults stand in config_declaration.yaml only."""

import ckan.plugins.toolkit as tk

TIMEOUT = "kranj.harvest.timeout"
POLL = "kranj.harvest.poll"


def timeout() -> int:
    """Seconds a harvest job may take."""
    return tk.config[TIMEOUT]


def poll() -> int:
    """Seconds between two looks of the worker."""
    return tk.config[POLL]
