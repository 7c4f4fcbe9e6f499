"""Typed readers of the options of plugin ``kranj``; their defaults are written in config_declaration.yaml only."""

import ckan.plugins.toolkit as tk

DATA_OFFICE = "kranj.data_office"
REACHABLE_HOSTS = "kranj.reachable_hosts"
VOCABULARIES = "kranj.vocabularies"


def data_office() -> str:
    """Name of the organisation whose members are the data office."""
    return tk.config[DATA_OFFICE]


def reachable_hosts() -> frozenset[str]:
    """Hosts in a private network that the public does reach."""
    return frozenset(tk.config[REACHABLE_HOSTS])


def vocabularies_folder() -> str:
    """Folder with newer versions of code lists; empty when there is none."""
    return tk.config.get(VOCABULARIES) or ""
