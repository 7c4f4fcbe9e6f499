"""What OpenAPI, Swagger and AsyncAPI say of where an interface is, how one logs in and what it offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from harvesters.connectors.support.documents import objects, within

LOGINS = {"apiKey": "key", "httpApiKey": "key", "http": "password", "userPassword": "password", "X509": "certificate",
          "mutualTLS": "certificate", "oauth2": "password", "openIdConnect": "password"}  # fmt: skip
"""Kind of security scheme -> our code; the nearest thing that a caller must have."""


def listed(kind: str, offers: list[str]) -> dict[str, str]:
    """What an interface offers, as a text."""
    if not offers:
        return {}
    words = ("Kanali", "Channels") if kind == "asyncapi" else ("Poti", "Paths")
    return {"sl": f"{words[0]}: {'; '.join(offers)[:15000]}.", "en": f"{words[1]}: {'; '.join(offers)[:15000]}."}


def endpoints_of(base: str, found: Mapping[str, Any]) -> list[str]:
    """Addresses of the servers: lists (OpenAPI 3), host and path (Swagger 2), by name (AsyncAPI 2 and 3)."""
    servers = found.get("servers")
    urls: list[str] = []
    if isinstance(servers, dict):
        for server in servers.values():
            if isinstance(server, dict):
                url = str(server.get("url") or f"{server.get('host', '')}{server.get('pathname', '')}")
                protocol = str(server.get("protocol") or "")
                urls.append(url if "://" in url or not protocol else f"{protocol}://{url}")
    else:
        urls += [urljoin(base, str(server.get("url"))) for server in objects(servers) if server.get("url")]
    if found.get("host"):
        schemes = found.get("schemes") if isinstance(found.get("schemes"), list) else ["https"]
        urls += [f"{scheme}://{found['host']}{found.get('basePath', '')}" for scheme in schemes or ()]
    return list(dict.fromkeys(url for url in urls if "{" not in url))


def login_of(found: dict[str, Any]) -> str:
    """How one logs in: the first way that the document names."""
    schemes = found.get("securityDefinitions") or within(found, "components").get("securitySchemes")
    kinds = [within(schemes, name).get("type") for name in schemes] if isinstance(schemes, dict) else []
    return next((LOGINS[kind] for kind in kinds if kind in LOGINS), "")
