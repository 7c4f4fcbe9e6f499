"""The actions of harvesting as an OpenAPI document, made from their docstrings and from access/decisions.yaml."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from ckanext.kranj.access.decisions import decisions

PREFIX = "kranj_harvest_"
_PART = re.compile(r"^(Args|Returns|Raises):$", re.MULTILINE)


def document() -> dict[str, Any]:
    """The document; the same program gives the same document."""
    from ckanext.kranj.harvest import logic

    actions = {name: action for name, action in logic.get_actions().items() if name.startswith(PREFIX)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Harvesting of the Kranj data catalogue",
            "version": "1",
            "description": "Actions of CKAN's Action API; answers come as {success, result} or {success, error}.",
        },
        "paths": {f"/api/3/action/{name}": _path(name, action) for name, action in sorted(actions.items())},
        "components": {
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "Authorization"}},
            "schemas": {
                "Success": {
                    "type": "object",
                    "required": ["success", "result"],
                    "properties": {"success": {"const": True}, "result": {}},
                },
                "Error": {
                    "type": "object",
                    "required": ["success", "error"],
                    "properties": {"success": {"const": False}, "error": {"type": "object"}},
                },
            },
        },
        "security": [{"token": []}],
    }


def _path(name: str, action: Callable[..., Any]) -> dict[str, Any]:
    lead, parts = _parts(inspect.getdoc(action) or "")
    given = " ".join(parts.get("Args", "").partition("data_dict:")[2].split())
    decided = decisions()["actions"][name]
    operation = {
        "operationId": name,
        "summary": lead.partition("\n\n")[0].replace("\n", " "),
        "description": f"Who: {decided.who} ({decided.why}).",
        "responses": {
            "200": _answer(" ".join(parts.get("Returns", "").split()) or "The result.", "Success"),
            "403": _answer("The caller may not.", "Error"),
            "404": _answer("There is none, or the caller may not see it.", "Error"),
            "409": _answer(" ".join(parts.get("Raises", "").split()) or "Something given is wrong.", "Error"),
        },
    }
    asked = {
        "requestBody": {
            "description": given or "Nothing.",
            "content": {"application/json": {"schema": {"type": "object", "properties": _properties(given)}}},
        }
    }
    made: dict[str, Any] = {"post": operation | asked}
    if getattr(action, "side_effect_free", False):
        parameters = [{"name": key, "in": "query", "schema": {}} for key in _properties(given)]
        made["get"] = operation | {"operationId": f"{name}_get", "parameters": parameters}
    return made


def _answer(description: str, schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def _parts(text: str) -> tuple[str, dict[str, str]]:
    lead, *rest = _PART.split(text)
    return lead.strip(), dict(zip(rest[::2], rest[1::2], strict=True))


def _properties(given: str) -> dict[str, Any]:
    """The keys that the docstring names, quoted or in double backticks."""
    first = re.split(r"[;.] ", given)[0]
    keys = re.findall(r'"([a-z_]+)"', first) or re.findall(r"``([a-z_]+)``", first)
    return {key: {} for key in dict.fromkeys(keys)}
