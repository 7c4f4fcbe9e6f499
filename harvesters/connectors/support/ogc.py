"""What the services of OGC have in common: capabilities read by OWSLib from bytes that our session fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from xml.etree.ElementTree import Element

from harvesters.connector import Context
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.documents import below, local, with_query, xml_root
from harvesters.errors import Unreadable
from harvesters.http import Fetched

Parsed = TypeVar("Parsed")


def capabilities(ctx: Context, url: str, service: str, version: str) -> tuple[Fetched, Element]:
    """The capabilities of a service and their root, checked to be no exception (risk R15).

    Raises:
        Unreadable: it is something else.
    """
    asked = with_query(url, service=service, request="GetCapabilities", version=version)
    answer = ctx.session.get(asked, accept="application/xml, text/xml")
    root = xml_root(answer, service)
    name = local(root.tag)
    if name in {"ExceptionReport", "ServiceExceptionReport"}:
        raise Unreadable(asked, service, below(root, "ExceptionText") or below(root, "ServiceException") or name)
    if not name.endswith("Capabilities"):
        raise Unreadable(asked, service, f"the root is {name}")
    return answer, root


def parsed(answer: Fetched, kind: str, parse: Callable[[bytes], Parsed]) -> Parsed:
    """What a library makes of a document; whatever it stumbles over, the run ends with a sentence.

    Raises:
        Unreadable: the library could not read it.
    """
    try:
        return parse(answer.content)
    except Exception as error:
        raise Unreadable(answer.url, kind, f"{type(error).__name__}: {error}") from error


def epsg(systems: Iterable[Any]) -> str:
    """The first coordinate system as ``EPSG:3794``."""
    for item in systems:
        code = getattr(item, "code", None) or str(item).replace("/", ":").rpartition(":")[2]
        if str(code).isdigit():
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
