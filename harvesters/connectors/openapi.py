"""Interfaces: OpenAPI (services) and AsyncAPI (streams over MQTT, WebSocket, Kafka), one dataset for each document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, cast

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.documents import objects, within
from harvesters.connectors.support.interfaces import endpoints_of, listed, login_of
from harvesters.errors import Unreadable
from harvesters.parse import json_of, yaml_of

SPECIFICATIONS = {
    "openapi": "https://spec.openapis.org/oas/latest.html",
    "swagger": "https://spec.openapis.org/oas/v2.0.html",
    "asyncapi": "https://www.asyncapi.com/docs/reference/specification/latest",
}


@dataclass(frozen=True)
class OpenApiSettings(Settings):
    """What the openapi connector can be told."""

    published: bool = True
    """Whether the document's own address may be published; not for a protected service."""
    authentication: Literal["", "none", "key", "password", "certificate", "si-pass"] = ""
    """How one logs in, where the document does not say it in our words."""


class OpenApi(Connector):
    """Reads one document; no ``$ref`` in it is ever followed (risk R7)."""

    name = "openapi"
    title: ClassVar[dict[str, str]] = {"sl": "Vmesniki (OpenAPI, AsyncAPI)", "en": "Interfaces (OpenAPI, AsyncAPI)"}
    settings_class = OpenApiSettings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read what the interface is for, where it is, how one logs in, what it offers."""
        answer = ctx.session.get(self.settings.url, accept="application/json, application/yaml")
        found = json_of(answer) if answer.content.lstrip()[:1] == b"{" else yaml_of(answer)
        kind = next((key for key in SPECIFICATIONS if within({"": found}, "").get(key)), "")
        info = within(found, "info")
        if not kind or not info.get("title"):
            raise Unreadable(answer.url, "OpenAPI", "no version of the standard, or no info with a title")
        made = Description(ctx, str(found.get("id") or "api"), self.settings.default_language)
        made.text("title_translated", info["title"])
        made.text("notes_translated", info.get("description"))
        stream = kind == "asyncapi"
        made.say(
            version=str(info.get("version") or ""),
            conforms_to=[SPECIFICATIONS[kind]],
            dataset_kind="tok" if stream else "tabela",
            access_method="stream" if stream else "api",
        )
        made.keywords(item.get("name") for item in objects(found.get("tags") or info.get("tags")))
        contact, licence = within(info, "contact"), within(info, "license")
        made.person("contact", name=contact.get("name"), email=contact.get("email"))
        made.licence(licence.get("identifier") or licence.get("url") or licence.get("name"))
        title = str(info["title"])
        endpoints = endpoints_of(self.settings.url, found)
        settings = cast("OpenApiSettings", self.settings)
        login = settings.authentication or login_of(found)
        where = {"endpoint_description": settings.url} if settings.published else {}
        more = {"authentication": login} if login else {}
        services = [
            {"title": title, "endpoint_url": [url], "conforms_to": [SPECIFICATIONS[kind]], **where, **more}
            for url in endpoints[:20]
        ]
        offers = sorted(str(item) for item in found.get("paths") or found.get("channels") or {})
        made.resource(
            "api",
            {"sl": f"{title}: vmesnik", "en": f"{title}: interface"},
            settings.url if settings.published else "",
            "JSON" if answer.content.lstrip()[:1] == b"{" else "YAML",
            access_services=services,
            description_translated=listed(kind, offers),
        )
        yield made.reading()
        ctx.complete()
