"""Names and types of the columns of a Parquet file, from its footer; no value is read.

Parquet ends with a structure in Thrift's compact protocol (apache/parquet-format, ``FileMetaData``). Apache Thrift
reads the protocol; of the structure only the schema is taken, the rest is passed over.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any

from thrift.protocol.TCompactProtocol import TCompactProtocol
from thrift.Thrift import TType
from thrift.transport.TTransport import TMemoryBuffer

MAGIC = b"PAR1"
LONGEST_FOOTER = 5_000_000
"""Bytes; footers hold statistics of every part of a file and stay far below."""
MOST_ELEMENTS = 20_000

_SCHEMA = 2
_TYPE, _REPETITION, _NAME, _CHILDREN, _CONVERTED, _LOGICAL = 1, 3, 4, 5, 6, 10
_PHYSICAL = {0: "da-ne", 1: "celo-stevilo", 2: "celo-stevilo", 3: "datum-cas", 4: "stevilo", 5: "stevilo"}
"""BOOLEAN, INT32, INT64, INT96 (an old timestamp), FLOAT, DOUBLE, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY."""
_OF_CONVERTED = {
    0: "besedilo",
    4: "besedilo",
    5: "stevilo",
    6: "datum",
    9: "datum-cas",
    10: "datum-cas",
    19: "besedilo",
}
"""UTF8, ENUM, DECIMAL, DATE, TIMESTAMP_MILLIS, TIMESTAMP_MICROS, JSON."""
_OF_LOGICAL = {
    1: "besedilo", 4: "besedilo", 5: "stevilo", 6: "datum", 7: "drugo", 8: "datum-cas", 12: "besedilo", 14: "besedilo",
    15: "stevilo", 17: "geometrija", 18: "geometrija",
}  # fmt: skip
"""STRING, ENUM, DECIMAL, DATE, TIME, TIMESTAMP, JSON, UUID, FLOAT16, GEOMETRY, GEOGRAPHY."""
_REQUIRED = 0


def columns_of(content: bytes) -> list[tuple[str, str, bool]]:
    """The columns at the top of a file: name, type of the data dictionary, whether a value may be missing.

    Raises:
        ValueError: it is no Parquet file, or its footer is encrypted, broken or a trap.
    """
    if len(content) < 12 or content[:4] != MAGIC or content[-4:] != MAGIC:
        raise ValueError("no Parquet file, or one with an encrypted footer")
    (length,) = struct.unpack("<I", content[-8:-4])
    if length > min(len(content) - 12, LONGEST_FOOTER):
        raise ValueError("footer out of bounds")
    buffer = TMemoryBuffer(content[-8 - length : -8])
    reader = TCompactProtocol(buffer, string_length_limit=length, container_length_limit=length)
    try:
        elements = _only(reader, _SCHEMA, lambda: _elements(reader))
        return list(_top(elements or []))
    except (ValueError, RecursionError, KeyError, IndexError, TypeError, OverflowError) as error:
        raise ValueError("broken footer") from error
    except Exception as error:  # noqa: BLE001 Thrift raises its own kinds, and EOFError, for whatever a footer holds
        raise ValueError(type(error).__name__) from error


def _fields(reader: Any) -> Iterator[tuple[int, int]]:
    """Numbers and types of the fields of a structure; the caller reads each or passes it over."""
    reader.readStructBegin()
    while True:
        _, kind, number = reader.readFieldBegin()
        if kind == TType.STOP:
            break
        yield number, kind
        reader.readFieldEnd()
    reader.readStructEnd()


def _only(reader: Any, wanted: int, read: Callable[[], Any]) -> Any:
    """One field of a structure; nothing after it is looked at."""
    for number, kind in _fields(reader):
        if number == wanted:
            return read()
        reader.skip(kind)
    return None


def _elements(reader: Any) -> list[dict[int, Any]]:
    _, count = reader.readListBegin()
    if count > MOST_ELEMENTS:
        raise ValueError("too many columns")
    return [_element(reader) for _ in range(count)]


def _element(reader: Any) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for number, kind in _fields(reader):
        if number == _NAME and kind == TType.STRING:
            found[number] = reader.readBinary().decode("utf-8", "replace")
        elif number in (_TYPE, _REPETITION, _CHILDREN, _CONVERTED) and kind == TType.I32:
            found[number] = reader.readI32()
        elif number == _LOGICAL and kind == TType.STRUCT:
            for option, inner in _fields(reader):  # a union: the number of its one field is the kind
                found[number] = option
                reader.skip(inner)
        else:
            reader.skip(kind)
    return found


def _top(elements: list[dict[int, Any]]) -> Iterator[tuple[str, str, bool]]:
    """The children of the root; what is nested below them is passed over."""
    position = 1
    for _ in range(elements[0].get(_CHILDREN, 0) if elements else 0):
        element = elements[position]
        yield element[_NAME], _type(element), element.get(_REPETITION) != _REQUIRED
        position += 1
        open_ = element.get(_CHILDREN, 0)
        while open_ > 0:
            open_ += elements[position].get(_CHILDREN, 0) - 1
            position += 1


def _type(element: dict[int, Any]) -> str:
    if element.get(_CHILDREN):
        return "drugo"
    found = _OF_LOGICAL.get(element.get(_LOGICAL, -1)) or _OF_CONVERTED.get(element.get(_CONVERTED, -1))
    return found or _PHYSICAL.get(element.get(_TYPE, -1), "drugo")
