"""Addresses and headers, read without trust."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from harvesters.errors import RedirectRefused


def is_readable(url: str) -> bool:
    """Whether an address is one that we read at all: http or https, with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def check_scheme(url: str, target: str) -> None:
    """Refuse a target that we do not read.

    Raises:
        RedirectRefused: it is none.
    """
    if not is_readable(target):
        raise RedirectRefused(url, target)


def origin_of(url: str) -> str:
    """Scheme, host and port of an address: what a secret is meant for."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').casefold()}:{port}"


def site_of(host: str) -> str:
    """The part of a name that one owner holds, near enough to follow a redirect from ``www`` to the bare name."""
    labels = host.casefold().rstrip(".").split(".")
    return host.casefold() if labels[-1].isdigit() or ":" in host else ".".join(labels[-2:])


def charset_of(parameters: str) -> str | None:
    """The charset among the parameters of a Content-Type."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().casefold() == "charset":
            return value.strip().strip("\"'") or None
    return None


def seconds_of(value: str) -> float | None:
    """The seconds that a Retry-After asks for, given as a number or as a time."""
    if value.isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max((at - datetime.now(tz=UTC)).total_seconds(), 0.0) if at.tzinfo else None
