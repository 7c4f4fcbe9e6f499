"""Documents of sources in parsers that load nothing, expand nothing and end with a sentence (risks R4, R5, R8)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from xml.etree.ElementTree import Element, ParseError

import yaml
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from harvesters.connector import Context
from harvesters.errors import Unreadable
from harvesters.http import Fetched

MOST_ENTRIES = 5_000
MOST_BYTES = 500_000_000
WORST_RATIO = 100
"""What an archive may hold: files, bytes in all, bytes for each packed byte."""


def with_query(url: str, **parameters: Any) -> str:
    """An address with further parameters; those it has already stay unless named here (in any spelling)."""
    parts = urlsplit(url)
    named = {key.casefold() for key in parameters}
    kept = [(key, value) for key, value in parse_qsl(parts.query) if key.casefold() not in named]
    return urlunsplit(parts._replace(query=urlencode([*kept, *parameters.items()])))


def read_object(ctx: Context, url: str, kind: str, *keys: str) -> dict[str, Any]:
    """A JSON object that has at least one of these keys.

    Raises:
        Unreadable: it is something else.
    """
    found = ctx.session.get(url, accept="application/json").json()
    if not isinstance(found, dict):
        raise Unreadable(url, kind, "not an object")
    if keys and not any(key in found for key in keys):
        raise Unreadable(url, kind, f"no {' or '.join(keys)}")
    return found


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; anything else is nothing."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def within(value: Any, *keys: str) -> dict[str, Any]:
    """The object at a path of keys; empty when there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def xml_root(answer: Fetched, kind: str) -> Element:
    """The root of an XML document without DOCTYPE.

    Raises:
        Unreadable: it is not XML, or holds a DOCTYPE or entities of its own.
    """
    try:
        root: Element = fromstring(answer.content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable(answer.url, kind, str(error) or type(error).__name__) from error
    return root


def local(name: str) -> str:
    """A name of XML without its namespace."""
    return name.rpartition("}")[2].rpartition(":")[2]


def children(node: Element | None, name: str) -> Iterator[Element]:
    """Elements of that local name anywhere below, whatever their namespace."""
    if node is not None:
        yield from (item for item in node.iter() if isinstance(item.tag, str) and local(item.tag) == name)


def below(node: Element | None, name: str) -> str:
    """The text of the first element of that local name below; empty when there is none."""
    return next(((item.text or "").strip() for item in children(node, name)), "")


def yaml_or_json(answer: Fetched, kind: str) -> dict[str, Any]:
    """A mapping, written in YAML or JSON.

    Raises:
        Unreadable: it is not.
    """
    try:
        found = yaml.safe_load(answer.text()[0])
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(answer.url, kind, str(error)) from error
    if not isinstance(found, dict):
        raise Unreadable(answer.url, kind, "not a mapping")
    return found


def archive(answer: Fetched, kind: str) -> zipfile.ZipFile:
    """An archive whose size is within reason; nothing in it was unpacked yet.

    Raises:
        Unreadable: it is no archive, or one that would blow up, or holds names that lead out of it.
    """
    try:
        found = zipfile.ZipFile(io.BytesIO(answer.content))
        entries = found.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Unreadable(answer.url, kind, str(error)) from error
    size = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if len(entries) > MOST_ENTRIES or size > MOST_BYTES or (size > 1_000_000 and size / packed > WORST_RATIO):
        raise Unreadable(answer.url, kind, f"{len(entries)} files of {size:,} bytes, {packed:,} packed: too large")
    for entry in entries:
        if entry.filename.startswith(("/", "\\")) or ".." in entry.filename.replace("\\", "/").split("/"):
            raise Unreadable(answer.url, kind, f"a file named {entry.filename}")
    return found
