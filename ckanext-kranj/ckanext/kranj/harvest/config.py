"""Typed readers of the options of plugin ``kranj_harvest``; defaults stand in config_declaration.yaml only."""

from pathlib import Path

import ckan.plugins.toolkit as tk

TIMEOUT = "kranj.harvest.timeout"
POLL = "kranj.harvest.poll"
RAW_DAYS = "kranj.harvest.raw_days"
RAW_FOLDER = "kranj.harvest.raw_folder"
MEMORY = "kranj.harvest.memory"
QUIET = "kranj.harvest.quiet_hours"
DEMO_URL = "kranj.harvest.demo_url"
DIGEST_HOUR = "kranj.harvest.digest_hour"


def timeout() -> int:
    """Seconds a harvest job may take."""
    return tk.config[TIMEOUT]


def poll() -> int:
    """Seconds between two looks of the worker."""
    return tk.config[POLL]


def raw_days() -> int:
    """Days for which the answers of sources are kept; 0 keeps none."""
    return tk.config[RAW_DAYS]


def raw_folder() -> Path:
    """Where they are kept: outside everything that the portal serves."""
    given = tk.config[RAW_FOLDER]
    return Path(given) if given else Path(tk.config["ckan.storage_path"] or ".") / "harvest-raw"


def memory() -> int:
    """Megabytes of address space that a job may take."""
    return tk.config[MEMORY]


def quiet_hours() -> str:
    """``HH-HH`` in which nothing is started by the schedule; empty: none."""
    return tk.config[QUIET]


def digest_hour() -> int:
    """Hour of the day from which the worker sends the daily e-mail; negative: never."""
    return tk.config[DIGEST_HOUR]


def demo_url() -> str:
    """Address of the demonstration city; empty: its systems are not offered."""
    return str(tk.config[DEMO_URL] or "").rstrip("/")
