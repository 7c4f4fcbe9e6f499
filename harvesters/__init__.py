"""How descriptions arrive: connectors, the engine that runs them, and the sinks they write to. No CKAN here.

Example::

    from harvesters import Context, MemorySink, Session, connector_named, run

    source = connector_named("gbfs").of({"url": "https://example.org/gbfs.json"})
    report = run(source, Context("example", Session()), MemorySink())
"""

from harvesters.connector import (
    Connector,
    Context,
    Reader,
    Reading,
    Settings,
    connector_named,
    installed_connectors,
    settings_of,
)
from harvesters.engine import BATCH, run
from harvesters.errors import BadRecord, ConfigurationError, HarvestError, SourceUnavailable, clean, shown
from harvesters.http import Fetched, Limits, Session
from harvesters.plan import Defaults
from harvesters.preset import Preset, preset_named, presets
from harvesters.report import Line, Report
from harvesters.sink import Action, Change, Known, MemorySink, Outcome, Sink

__all__ = [
    "BATCH",
    "Action",
    "BadRecord",
    "Change",
    "ConfigurationError",
    "Connector",
    "Context",
    "Defaults",
    "Fetched",
    "HarvestError",
    "Known",
    "Limits",
    "Line",
    "MemorySink",
    "Outcome",
    "Preset",
    "Reader",
    "Reading",
    "Report",
    "Session",
    "Settings",
    "Sink",
    "SourceUnavailable",
    "clean",
    "connector_named",
    "installed_connectors",
    "preset_named",
    "presets",
    "run",
    "settings_of",
    "shown",
]
