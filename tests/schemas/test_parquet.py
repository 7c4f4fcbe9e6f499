"""Parquet footers: names and types of columns, of files that others write, and of files that mean harm.

``tests/data/columns.parquet`` was written with pyarrow 26 for these tests.
"""

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.headers import propose
from schemas.parquet import columns_of

pytestmark = pytest.mark.unit

CONTENT = (Path(__file__).parents[1] / "data" / "columns.parquet").read_bytes()


def test_names_types_and_whether_a_value_may_be_missing():
    assert columns_of(CONTENT) == [
        ("id", "celo-stevilo", False), ("dolgo", "celo-stevilo", True), ("delež", "stevilo", True),
        ("cena", "stevilo", True), ("naziv", "besedilo", True), ("EMŠO", "besedilo", True), ("dan", "datum", True),
        ("cas", "datum-cas", True), ("odprto", "da-ne", True), ("slika", "drugo", True), ("oznake", "drugo", True),
        ("mesto", "drugo", True),
    ]  # fmt: skip


def test_it_becomes_a_proposal_without_values():
    columns = propose("meritve.parquet", CONTENT)
    assert columns[0] == {"name": "id", "type": "celo-stevilo", "nullable": "ne"}
    assert next(item for item in columns if item["name"] == "EMŠO")["personal"] == "osebni"
    assert all(set(item) <= {"name", "type", "nullable", "personal"} for item in columns)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"PAR1", b"PAR1PAR1PAR1", CONTENT[:-1], CONTENT[:-4] + b"PARE", CONTENT[:-8] + b"\xff\xff\xff\xffPAR1",
        b"PAR1" + b"\x15\x02\x19\xfc\xff\xff\xff\xff\x0f" + struct.pack("<I", 9) + b"PAR1",  # a list of 4 billion
        b"PAR1" + b"\x1c" * 100_000 + struct.pack("<I", 100_000) + b"PAR1",  # structures in structures
    ],
)  # fmt: skip
def test_what_is_none_or_means_harm_is_refused(content):
    with pytest.raises(ValueError, match="."):
        columns_of(content)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_broken_footer_is_refused_or_read(data):
    (length,) = struct.unpack("<I", CONTENT[-8:-4])
    broken = bytearray(CONTENT)
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(len(CONTENT) - 8 - length, len(CONTENT) - 9))] = data.draw(st.integers(0, 255))
    try:
        columns = columns_of(bytes(broken))
    except ValueError:
        return
    assert all(isinstance(name, str) for name, _, _ in columns)
