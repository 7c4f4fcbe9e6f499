"""Reports of faults by citizens: Open311 GeoReport v2. Only the list of services is read, never a report of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, cast

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.description import Description, service
from harvesters.connectors.support.documents import Element, children, local, objects, with_query
from harvesters.errors import Unreadable

SPECIFICATION = "https://wiki.open311.org/GeoReport_v2/"


@dataclass(frozen=True)
class Open311Settings(Settings):
    """What the open311 connector can be told."""

    jurisdiction: str = ""
    """``jurisdiction_id``, where a server has several."""
    format: Literal["json", "xml"] = "json"
    """Servers must speak XML and may speak JSON (GeoReport v2, Format Support)."""
    operators: dict[str, str] = field(default_factory=dict)
    """Service code or group -> who mends what is reported there; a user of the data."""


class Open311(Connector):
    """Reads ``services.json``: one dataset of reports, one resource for each category."""

    name = "open311"
    title: ClassVar[dict[str, str]] = {"sl": "Prijave občanov (Open311)", "en": "Citizens' reports (Open311)"}
    settings_class = Open311Settings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read the categories; each must have somebody who is responsible, or a problem says so."""
        settings = cast("Open311Settings", self.settings)
        root = settings.url.rstrip("/")
        asked = {"jurisdiction_id": settings.jurisdiction} if settings.jurisdiction else {}
        url = with_query(f"{root}/services.{settings.format}", **asked)
        services = objects(ctx.json(url)) if settings.format == "json" else _of_xml(ctx.xml(url))
        if not services or not all(str(item.get("service_code", "")) and item.get("service_name") for item in services):
            raise Unreadable(url, "Open311", "no list of services with code and name")
        made = Description(ctx, "requests", settings.default_language)
        made.say(dataset_kind="evidenca", access_method="api")
        made.keywords(word.strip() for item in services for word in str(item.get("keywords") or "").split(","))
        about: dict[str, list[str]] = {}
        for item in sorted(services, key=lambda one: str(one["service_code"])):
            self._service(
                made,
                item,
                with_query(f"{root}/requests.{settings.format}", service_code=item["service_code"], **asked),
                about,
            )
        made.internal["users"] = [
            {"who": who, "kind": "dobavitelj", "purpose": f"Odprava prijav: {', '.join(names)}", "access": "branje"}
            for who, names in sorted(about.items())
        ]
        if not about:
            made.internal.clear()
        yield made.reading()
        ctx.complete()

    def _service(self, made: Description, item: dict[str, Any], url: str, about: dict[str, list[str]]) -> None:
        given = cast("Open311Settings", self.settings)
        code, name, language = str(item["service_code"]), str(item["service_name"]), self.settings.default_language
        who = given.operators.get(code) or given.operators.get(str(item.get("group") or ""))
        if who:
            about.setdefault(who, []).append(name)
        else:
            made.report("internal.users", "nobody-responsible", category=name)
        made.resource(
            code, {"sl": f"Prijave: {name}", "en": f"Reports: {name}"}, url, given.format.upper(),
            conforms_to=[SPECIFICATION],
            description_translated=made.translated(f"resources.{code}", {language: item.get("description")}),
            access_services=service("Open311 GeoReport v2", self.settings.url, SPECIFICATION),
        )  # fmt: skip


def _of_xml(root: Element) -> list[dict[str, str]]:
    return [{local(part.tag): (part.text or "").strip() for part in item} for item in children(root, "service")]
