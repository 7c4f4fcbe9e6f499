"""The data dictionary without CKAN: proposals from files, checks, CSV out and in."""

import io
import json

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import column_fields, validate_columns
from schemas.dictionary import from_csv, to_csv
from schemas.headers import propose

pytestmark = pytest.mark.unit

ROWS = [
    ["Ulica", "Št. mest", "Cena", "Od", "Pokrito", "EMŠO lastnika", "opomba"],
    ["Gregorčičeva ulica", "12", "0,80", "2026-01-01", "da", "0101990500123", ""],
    ["Stara cesta", "7", "1,20", "2026-02-01", "ne", "0202990500456", "zaprto"],
]
EXPECTED = {
    "Ulica": "besedilo", "Št. mest": "celo-stevilo", "Cena": "stevilo", "Od": "datum", "Pokrito": "da-ne",
    "opomba": "besedilo",
}  # fmt: skip


def csv_file(encoding="utf-8", delimiter=";"):
    return "\r\n".join(delimiter.join(row) for row in ROWS).encode(encoding)


def workbook():
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


FILES = {
    "a.csv": csv_file(),
    "cp1250.csv": csv_file("cp1250"),
    "utf16.csv": csv_file("utf-16"),
    "bom.CSV": b"\xef\xbb\xbf" + csv_file(),
    "a.tsv": csv_file(delimiter="\t"),
    "a.xlsx": workbook(),
    "a.geojson": json.dumps({
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": dict(zip(ROWS[0], row, strict=True)),
             "geometry": {"type": "Point", "coordinates": [14.3, 46.2]}}
            for row in ROWS[1:]
        ],
    }).encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_names_and_types_are_proposed_and_no_value(name):
    columns = propose(name, FILES[name])
    types = {column["name"]: column["type"] for column in columns}
    assert {key: types[key] for key in EXPECTED} == EXPECTED
    assert ("geometry" in types) == name.endswith("geojson")
    said = json.dumps(columns, ensure_ascii=False)
    assert not [cell for row in ROWS[1:] for cell in row if len(cell) > 2 and cell in said]
    by_name = {column["name"]: column for column in columns}
    assert by_name["EMŠO lastnika"]["personal"] == "osebni"
    assert "personal" not in by_name["Cena"]
    assert (by_name["opomba"]["nullable"], by_name["Ulica"]["nullable"]) == ("da", "ne")
    assert validate_columns(columns) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""), ("a.xlsx", b"PK\x03\x04"), ("a.xlsx", b""), ("a.geojson", b"{"), ("a.json", b"[]"),
        ("a.json", b"[1]"), ("a.pdf", b"%PDF"), ("a.geojson", b"[" * 100_000), ("big.csv", b"a" * 20_000_001),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_so(name, content):
    with pytest.raises(ValueError, match="."):
        propose(name, content)


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.xlsx", "a.geojson", "a.json"]))
def test_any_bytes_give_columns_or_a_refusal(content, name):
    try:
        columns = propose(name, content)
    except ValueError:
        return
    assert all(column["name"] is not None for column in columns)


def test_all_problems_at_once_with_their_places():
    found = validate_columns(
        [
            {"name": "a", "type": "x"},
            {"type": "datum"},
            "b",
            {"name": "a", "sample": "5"},
            {"name": "c", "term": "ni-ga"},
        ],
        {"je"},
    )
    assert [(item.path, item.code) for item in found] == [
        ("columns[0].type", "unknown-code"),
        ("columns[1].name", "missing"),
        ("columns[2]", "shape"),
        ("columns[3].sample", "unknown-key"),
        ("columns[4].term", "unknown-term"),
        ("columns", "duplicate-column"),
    ]
    assert [item.code for item in validate_columns({"name": "a"})] == ["shape"]


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(st.lists(st.dictionaries(st.sampled_from([f.name for f in column_fields()]), TEXT, min_size=1), max_size=8))
def test_csv_out_and_in_loses_nothing(columns):
    assert from_csv(to_csv(columns)) == columns


def test_a_semicolon_file_with_a_foreign_column_is_read_and_the_column_refused():
    rows = from_csv("name;type;vzorec\r\nime;besedilo;Janez\r\n")
    assert rows == [{"name": "ime", "type": "besedilo", "vzorec": "Janez"}]
    assert [item.code for item in validate_columns(rows)] == ["unknown-key"]
