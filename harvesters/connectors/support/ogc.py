"""What the services of OGC have in common: capabilities read by OWSLib from bytes that our session fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from harvesters.connector import Context
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.documents import Element, below, local, with_query
from harvesters.errors import Unreadable
from harvesters.http import Fetched
from harvesters.parse import xml_bytes, xml_of

Parsed = TypeVar("Parsed")


def capabilities(ctx: Context, url: str, service: str, version: str) -> tuple[Fetched, Element]:
    """The capabilities of a service and their root, no exception report (risk R15).

    Raises:
        Unreadable: it is something else.
    """
    asked = with_query(url, service=service, request="GetCapabilities", version=version)
    answer = ctx.fetch(asked, accept="application/xml, text/xml")
    root = xml_of(answer)
    name = local(root.tag)
    if not name.endswith("Capabilities"):
        raise Unreadable(asked, service, f"the root is {name}")
    return answer, root


def parsed(answer: Fetched, kind: str, parse: Callable[[bytes], Parsed]) -> Parsed:
    """What a library makes of an XML document; whatever it stumbles over, the run ends with a sentence.

    Raises:
        Unreadable: the library could not read it.
    """
    try:
        return parse(xml_bytes(answer))
    except Exception as error:
        raise Unreadable(answer.url, kind, f"{type(error).__name__}: {error}") from error


def epsg(systems: Iterable[Any]) -> str:
    """The first coordinate system as ``EPSG:3794``."""
    for item in systems:
        written = item.getcode() if hasattr(item, "getcode") else str(item)
        code = written.replace("/", ":").rpartition(":")[2]
        if "EPSG" in written.upper() and code.isdigit():
            return f"EPSG:{code}"
    return ""


def terms(made: Description, identification: Any) -> None:
    """Fees and access constraints of a service; ``NONE`` says that there are none."""
    for field, value, none in (
        ("charging_terms_translated", getattr(identification, "fees", None), ("Brezplačno", "Free of charge")),
        ("access_conditions_translated", getattr(identification, "accessconstraints", None), ("Ni omejitev", "None")),
    ):
        if str(value or "").strip().casefold() == "none":
            made.say(**{field: {"sl": none[0], "en": none[1]}})
        else:
            made.text(field, value)


def provider(made: Description, root: Element) -> None:
    """Whom to ask, when the service says so: the office rather than the person (OWSLib overlooks the e-mail of WMS)."""
    made.person(
        "contact",
        name=below(root, "ContactOrganization") or below(root, "ProviderName"),
        email=below(root, "ContactElectronicMailAddress") or below(root, "ElectronicMailAddress"),
        phone=below(root, "ContactVoiceTelephone") or below(root, "Voice"),
    )
