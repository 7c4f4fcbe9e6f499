"""Descriptions of interfaces: OpenAPI of a protected service, AsyncAPI of a stream; not the services themselves."""

from __future__ import annotations

from typing import Any

import yaml


def answer(asked: Any, system: dict[str, Any]) -> tuple[bytes, str] | None:
    """The document; whoever asks the service itself is told to log in."""
    document = system["documents"].get(asked.path)
    if document is None:
        return None
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    return text.replace("{base}", asked.root).encode(), "application/yaml; charset=utf-8"
