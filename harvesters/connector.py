"""The contract of a connector: four facts and one generator.

A connector only reads and yields. It opens no socket itself, writes nothing, removes nothing, keeps no state on itself;
what it could not read it yields as a ``Reading`` without a record. When it has seen everything it calls
``ctx.complete()``; a connector that raises, or never calls it, leaves the run *incomplete*, and an incomplete run
removes nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any, ClassVar, Protocol

import msgspec

from harvesters import parse
from harvesters.archive import Archive, archive_of
from harvesters.errors import (
    BadRecord,
    MissingSetting,
    SourceUnavailable,
    UnknownConnector,
    WrongSetting,
    clean,
    shown,
)
from harvesters.http import Fetched
from schemas import Problem, Record, Source, dataset_id, resource_id

GROUP = "kranj.connectors"
"""The entry point group in which packages offer connectors."""


class Reader(Protocol):
    """What a connector may do on the network: ``harvesters.http.Session``, or a plain object in a test."""

    def get(self, url: str, *, accept: str = "*/*") -> Fetched:
        """Read one address to the end."""

    def post(self, url: str, body: str | bytes, *, content_type: str, accept: str = "*/*") -> Fetched:
        """Ask a question that does not fit into an address; it must be safe to ask twice."""


@dataclass(frozen=True)
class Settings:
    """What every connector can be told; each adds its own fields."""

    url: str
    """Where the source is."""
    default_language: str = "sl"
    """Language of text that carries no language tag."""


@dataclass(frozen=True)
class Reading:
    """One thing a connector found: a record with the values it had to reject, or why there is no record."""

    guid: str
    record: Record | None
    problems: tuple[Problem, ...] = ()


@dataclass
class Context:
    """What a connector gets for one run."""

    source: str
    """Slug of the harvest source."""
    session: Reader
    completed: bool = False
    reason: str = ""
    """Why the run is not complete, when the connector knows."""
    problems: list[Problem] = field(default_factory=list)
    """What concerns the source rather than one record."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Identifiers that the source renamed -> those under which the records first came (confirmed by a person)."""

    def complete(self) -> None:
        """Say that everything the source has was seen."""
        self.completed = True

    def incomplete(self, reason: str) -> None:
        """Say why not everything was seen, and go on."""
        self.reason = self.reason or reason

    def note(self, path: str, code: str, **params: Any) -> None:
        """Report something about the source as a whole."""
        self.problems.append(Problem.of(path, code, **params))

    # Reading: each of these is ``ctx.session`` and a reader of ``harvesters.parse`` in one step.

    def fetch(self, url: str, *, accept: str = "*/*") -> Fetched:
        """The answer of an address, whatever its format."""
        return self.session.get(url, accept=accept)

    def json(self, url: str, *, accept: str = "application/json, */*;q=0.1", errors: bool = True) -> Any:
        """The JSON at an address; ``errors=False`` lets an ``error`` object through (see ``json_of``)."""
        return parse.json_of(self._heard(self.session.get(url, accept=accept)), errors=errors)

    def xml(self, url: str, *, accept: str = "application/xml, text/xml, */*;q=0.1", errors: bool = True) -> Any:
        """The root element (lxml) of the XML at an address."""
        answer = self.session.get(url, accept=accept)
        self._guessed(url, parse.xml_text(answer)[1])
        return parse.xml_of(answer, errors=errors)

    def post_xml(self, url: str, body: str, *, errors: bool = True) -> Any:
        """The root element (lxml) of the XML that answers a question in XML."""
        answer = self.session.post(url, body, content_type="application/xml; charset=utf-8", accept="application/xml")
        return parse.xml_of(answer, errors=errors)

    def yaml(self, url: str) -> Any:
        """The YAML at an address, with nothing but the types of JSON."""
        return parse.yaml_of(self._heard(self.session.get(url)))

    def openapi(self, url: str) -> dict[str, Any]:
        """The OpenAPI document at an address, JSON or YAML; ``harvesters.parse.pointed`` follows its inner ``$ref``."""
        return parse.openapi_of(self._heard(self.session.get(url)))

    def rows(self, url: str, *, delimiter: str | None = None) -> Iterator[dict[str, str]]:
        """The rows of the CSV at an address."""
        answer = self._heard(self.session.get(url, accept="text/csv, */*;q=0.1"))
        yield from parse.rows_of(answer.text()[0], url, delimiter=delimiter)

    def archive(self, url: str) -> Archive:
        """The zip file at an address, its table of contents checked."""
        return archive_of(self.session.get(url))

    def _heard(self, answer: Fetched) -> Fetched:
        self._guessed(answer.url, answer.text()[1])
        return answer

    def _guessed(self, url: str, charset: str | None) -> None:
        if charset:
            self.note("", "source-charset", charset=charset, url=shown(url))

    def reading(  # noqa: PLR0913 the parts of a record, by name
        self,
        guid: str,
        dataset: dict[str, Any],
        *,
        internal: dict[str, Any] | None = None,
        problems: list[Problem] | None = None,
        raw_sha: str = "",
        columns: dict[str, list[dict[str, Any]]] | None = None,
    ) -> Reading:
        """Make the Reading of one record; ``columns``: id of a resource -> what is known of its columns."""
        record = Record(Source(self.source, guid, raw_sha), dataset, internal or {}, columns or {})
        return Reading(guid, record, tuple(problems or ()))

    def rejected(self, guid: str, code: str, path: str = "", **params: Any) -> Reading:
        """Make the Reading of something that gives no record."""
        return Reading(guid, None, (Problem.of(path, code, **params),))

    def attempt(self, guid: str, make: Callable[[], Reading]) -> Reading:
        """Make one reading; whatever goes wrong inside costs this record only, and is said (risk R24).

        A source that is gone is no fault of the record: that error goes on.
        """
        try:
            return make()
        except SourceUnavailable:
            raise
        except BadRecord as error:
            return self.rejected(guid, error.code, reason=error.reason)
        except Exception as error:  # noqa: BLE001 one record, not the run
            return self.rejected(guid, "unreadable-record", reason=clean(f"{type(error).__name__}: {error}"))

    def resource_id(self, guid: str, key: str) -> str:
        """The id of a resource, stable as long as its record's guid and its key are (risk R37)."""
        return resource_id(dataset_id(self.source, self.aliases.get(guid, guid)), key)


class Connector(ABC):
    """A kind of source."""

    name: ClassVar[str]
    """As in the entry point."""
    version: ClassVar[int] = 1
    """Goes up when the mapping changes, so that records are read anew although the source did not change."""
    title: ClassVar[dict[str, str]]
    """What people read in the list of source types, {sl, en}."""
    settings_class: ClassVar[type[Settings]] = Settings
    """What this kind of source can be told."""
    trial: ClassVar[Mapping[str, Any]] = {}
    """Settings with which a connector that needs some can be tried at any address (``harvesters.hostile``)."""

    def __init__(self, settings: Settings):
        """Make a connector for one run."""
        self.settings = settings

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Connector:
        """Make a connector from settings as they stand in a preset or in the configuration of a source.

        Raises:
            ConfigurationError: a setting is missing, unknown or wrong.
        """
        return cls(settings_of(cls.name, cls.settings_class, given))

    @abstractmethod
    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read the source."""


def settings_of(name: str, kind: type[Settings], given: Mapping[str, Any]) -> Settings:
    """Turn a mapping into a settings object.

    Raises:
        MissingSetting: a setting without default is not there.
        WrongSetting: a setting is unknown, or its value has the wrong type or is not allowed.
    """
    known = {item.name: item for item in fields(kind)}
    for key in given:
        if key not in known:
            raise WrongSetting(name, str(key), f"unknown; known: {', '.join(known)}")
    for item in known.values():
        needed = item.default is MISSING and item.default_factory is MISSING
        if needed and not given.get(item.name):
            raise MissingSetting(name, item.name)
    try:
        return msgspec.convert(dict(given), kind, strict=True)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$.")
        raise WrongSetting(name, where.rstrip("`") or "settings", reason) from error


@lru_cache(maxsize=1)
def installed_connectors() -> dict[str, type[Connector]]:
    """All installed connectors by name."""
    found = {entry.name: entry.load() for entry in entry_points(group=GROUP)}
    return dict(sorted(found.items()))


def connector_named(name: str) -> type[Connector]:
    """The connector of that name.

    Raises:
        UnknownConnector: nobody offers it.
    """
    try:
        return installed_connectors()[name]
    except KeyError:
        raise UnknownConnector(name, list(installed_connectors())) from None
