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
from harvesters.credentials import Credentials
from harvesters.engine import BATCH, Circumstances, run
from harvesters.errors import BadRecord, ConfigurationError, HarvestError, SourceUnavailable, clean, shown
from harvesters.http import Fetched, Limits, Mark, Session
from harvesters.ownership import Held
from harvesters.plan import Defaults
from harvesters.preset import Preset, preset_named, presets
from harvesters.removal import Gone, Removals
from harvesters.report import Line, Report
from harvesters.sink import Action, Change, Known, MemorySink, Outcome, Sink

__all__ = [
    "BATCH",
    "Action",
    "BadRecord",
    "Change",
    "Circumstances",
    "ConfigurationError",
    "Connector",
    "Context",
    "Credentials",
    "Defaults",
    "Fetched",
    "Gone",
    "HarvestError",
    "Held",
    "Known",
    "Limits",
    "Line",
    "Mark",
    "MemorySink",
    "Outcome",
    "Preset",
    "Reader",
    "Reading",
    "Removals",
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
