"""Descriptions made by hypothesis from the standard: valid ones walk every way, changed ones are answered.

What is valid comes back whole, over form, storage, Excel, harvest, RDF, JSON Schema and the Action API; what was
changed gets a complete list of problems, whatever it holds.

The short runs are part of every test run; the long ones (``-m long``) are 1,000 valid and 10,000 changed descriptions.
The changed ones meet the standard itself, without a server; 500 of the kind meet the Action API as well (and 10,000
seeded ones do in test_walk.py).
"""

import copy
import json
import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ckanext.kranj.catalogue import storage
from ckanext.kranj.catalogue.form_page import LONG
from ckanext.kranj.catalogue.forms import MARK, folded

from harvesters import Context, Defaults, MemorySink, connector_named, run
from harvesters.conformance import Answering
from schemas import (
    complete,
    complete_internal,
    dataset_fields,
    examples,
    internal_fields,
    resource_fields,
    shape_problems,
    texts,
    validate,
    vocabulary,
    without_empty,
)
from schemas.exchange import read_table, row_of, values_of, write_workbook
from schemas.json_schema import validator
from schemas.kinds import HTML, shouts

LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"], exclude_characters="\u2028\u2029\ufffe\uffff")
BOUND = {*examples._MADE_BY_RULES, "access_method"}  # rights follow from the way of access
FREE = [field for field in dataset_fields() if field.name not in BOUND and field.rule != "D"]
FREE_INSIDE = [field for field in internal_fields() if field.name not in examples._MADE_BY_RULES]
FREE_OF_RESOURCE = [
    field for field in resource_fields() if field.name not in {*examples._MADE_BY_RULES, "format", "mimetype"}
]


def lines(field, letters=LETTERS):
    """Texts of one line as people write them, with every letter and sign there is."""
    most, least = min(field.options.get("max_length", 200), 200), field.options.get("min_length", 1)
    return (
        st.text(letters, min_size=least, max_size=max(most, least))
        .map(str.strip)
        .filter(lambda text: len(text) >= least and not HTML.search(text) and not shouts(text) and text != "#predolgo")
    )


def paragraphs(field):
    """Texts of several lines, where the form has room for them."""
    return lines(field, LETTERS | st.just("\n")) if field.options.get("max_length", 200) > LONG else lines(field)


def by_language(one):
    return st.fixed_dictionaries({"sl": one}, optional={"en": one})


def several(one, field):
    most = min(field.options.get("max_items", 3), 3)
    return st.lists(one, min_size=1, max_size=most, unique_by=lambda item: json.dumps(item, sort_keys=True))


def codes(field):
    return st.sampled_from(vocabulary(field.options["vocabulary"]).codes)


IRIS = st.builds("https://{}.si/{}?a={}".format, st.from_regex(r"[a-z]{1,9}", fullmatch=True),
                 st.from_regex(r"[a-z0-9/č~-]{0,20}", fullmatch=True), st.integers(0, 99))  # fmt: skip
DURATIONS = st.from_regex(r"P[1-9][0-9]?[YMD]|PT[1-9][0-9]?[HMS]", fullmatch=True)
DAYS = st.dates().map(lambda day: day.isoformat())


def numbers(field):
    options = field.options
    low, high = options.get("above", options.get("at_least", -1000)), min(options.get("at_most", 10**6), 10**6)
    if options.get("integer"):
        return st.integers(int(low) + 1, int(high))
    return st.floats(low, high, exclude_min="above" in options, allow_nan=False).map(
        lambda number: int(number) if number == int(number) else number
    ).filter(lambda number: number > low)  # fmt: skip


def points(_field):
    place = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
    return place.map(lambda at: json.dumps({"type": "Point", "coordinates": list(at)}))


def objects(field):
    subs = {sub.name: value_of(sub) for sub in field.subfields}
    must = {sub.name for sub in field.subfields if sub.rule == "M"} or {field.subfields[0].name}
    return st.fixed_dictionaries(
        {name: made for name, made in subs.items() if name in must},
        optional={name: made for name, made in subs.items() if name not in must},
    )


MAKERS = {
    "text": paragraphs,
    "texts": lambda field: several(lines(field), field),
    "translated": lambda field: by_language(paragraphs(field)),
    "translated_list": lambda field: by_language(several(lines(field), field)),
    "choice": codes,
    "choices": lambda field: several(codes(field), field),
    "date": lambda _field: DAYS,
    "duration": lambda _field: DURATIONS,
    "number": numbers,
    "uri": lambda _field: IRIS,
    "uris": lambda field: several(IRIS, field),
    "place": lambda _field: IRIS,
    "email": lambda _field: st.from_regex(r"[a-z.]{1,9}[a-z]@[a-z]{2,9}\.si", fullmatch=True),
    "pattern": lambda field: st.just(field.options["example"]),
    "geometry": points,
    "object": objects,
    "objects": lambda field: several(objects(field), field),
}


def value_of(field):
    """A strategy for the values that a field accepts."""
    return MAKERS[field.kind](field)


@st.composite
def valid(draw):
    """A valid description: an example with a share of its free fields drawn anew."""
    found = examples.record(draw(st.integers(0, 10**9)))
    for fields, target in (
        (FREE, found), (FREE_INSIDE, found["internal"]),
        *((FREE_OF_RESOURCE, resource) for resource in found["resources"]),
    ):  # fmt: skip
        for field in draw(st.lists(st.sampled_from(fields), max_size=6, unique_by=lambda item: item.name)):
            target[field.name] = draw(value_of(field))
    return found


def errors_of(record):
    return [item for item in validate(record) if item.severity == "error"]


def form_of(record):
    """The description as a browser posts its form: flat names, lines that end as the web has it."""
    flat = {MARK: "1"}
    for field in dataset_fields():
        flatten(field, record.get(field.name), field.name, flat)
    for field in internal_fields():
        flatten(field, record["internal"].get(field.name), f"internal-{field.name}", flat)
    return flat


def flatten(field, value, prefix, flat):
    if value is None:
        return
    if field.kind in ("translated", "translated_list"):
        for lang, words in value.items():
            flat[f"{prefix}-{lang}"] = (words if isinstance(words, str) else "\n".join(words)).replace("\n", "\r\n")
    elif field.kind in ("object", "objects"):
        for number, row in enumerate([value] if field.kind == "object" else value):
            place = prefix if field.kind == "object" else f"{prefix}-{number}"
            for sub in field.subfields:
                flatten(sub, row.get(sub.name), f"{place}-{sub.name}", flat)
    elif field.kind in ("texts", "uris"):
        flat[prefix] = "\r\n".join(value)
    elif field.kind == "number":
        flat[prefix] = str(value)
    else:
        flat[prefix] = value.replace("\n", "\r\n") if isinstance(value, str) else value


def walk(records, over_rdf):
    """Every way of some descriptions; what comes back is what went in."""
    book = [{**record, "id": f"id-{number}", "name": f"n-{number}"} for number, record in enumerate(records)]
    table = read_table("a.xlsx", write_workbook(book))
    assert table.problems == []
    for number, record in enumerate(records):
        assert errors_of(record) == []
        # JSON Schema: the same verdict.
        assert validator().is_valid(without_empty(record))
        # Form: flat names and back.
        back = folded(form_of(record))
        for field in dataset_fields():
            assert back.get(field.name) == record.get(field.name), field.name
        for name, value in record["internal"].items():
            assert back["internal"][name] == value, name
        # Storage of CKAN: texts and back.
        assert storage.decoded(storage.encoded(record)) == record
        # Excel: cells, workbook, cells, values.
        row = table.rows[number]
        assert row.problems == ()
        read = values_of(row.cells, {})
        read["resources"] = [
            values_of(item.cells, {}, "resource") for item in table.resources if item.cells["dataset"] == f"id-{number}"
        ]
        wanted = {**record, "internal": {k: v for k, v in record["internal"].items() if k != "value_origin"}}
        assert read == wanted
        # Harvest: through the engine into a catalogue, twice; the second run writes nothing.
        sink = MemorySink()
        item = {
            "guid": "a",
            "dataset": {k: v for k, v in record.items() if k != "internal"},
            "internal": record["internal"],
        }
        source = connector_named("memory").of({"url": "memory:", "records": [copy.deepcopy(item)]})
        report = run(source, Context("vir", Answering({})), sink, Defaults({}, {}))
        assert report.complete, report.reason
        (_, kept) = sink.records["a"]
        expected = complete(record).dataset
        for field in dataset_fields():
            assert kept.dataset.get(field.name) == expected.get(field.name), field.name
        for name, value in record["internal"].items():
            assert kept.internal[name] == value, name
        # RDF: our feed, read by our own harvester (tests/data/rdf_walk.yaml).
        assert over_rdf.differences({**expected, "id": f"id-{number}", "name": f"n-{number}"}) == {}


def lists_of(strategy, count):
    return st.lists(strategy, min_size=count, max_size=count)


unhurried = {
    "deadline": None, "suppress_health_check": list(HealthCheck), "database": None,
    "phases": [Phase.explicit, Phase.generate],  # no shrinking: of descriptions this large it takes minutes
}  # fmt: skip


@pytest.mark.unit
@settings(max_examples=4, derandomize=True, **unhurried)
@given(records=lists_of(valid(), 5))
def test_valid_descriptions_walk_every_way(over_rdf, records):
    walk(records, over_rdf)


@pytest.mark.unit
@pytest.mark.long
@settings(max_examples=100, **unhurried)
@given(records=lists_of(valid(), 10))
def test_a_thousand_valid_descriptions_walk_every_way(over_rdf, records):
    walk(records, over_rdf)


@pytest.fixture
def site(catalogue):
    from ckan.tests import factories

    return {"user": factories.Sysadmin()["name"], "ignore_auth": False}


def act(site, name, **data):
    import ckan.plugins.toolkit as tk

    return tk.get_action(name)(dict(site), copy.deepcopy(data))


def held(site, identifier):
    """What the catalogue holds of a dataset: the fields of the standard, the resources, the internal block."""
    shown = act(site, "package_show", id=identifier)
    names = [field.name for field in dataset_fields()]
    found = {name: shown[name] for name in names if name in shown and name != "owner_org"}
    inner = [field.name for field in resource_fields()]
    found["resources"] = [{name: row[name] for name in inner if name in row} for row in shown["resources"]]
    block = act(site, "kranj_internal_show", id=identifier)["internal"]
    return found | {"internal": {name: value for name, value in block.items() if name != "value_origin"}}


def holds(site, identifier, record):
    """The catalogue holds exactly this description, completed."""
    completed = complete(record).dataset
    wanted = {name: value for name, value in completed.items() if name != "owner_org"}
    found = held(site, identifier)
    for name, value in wanted["internal"].items():
        assert found["internal"][name] == value, name
    for row, kept in zip(wanted["resources"], found["resources"], strict=True):
        assert without_empty(kept) == row  # CKAN holds an address for every resource, if only an empty one
    for name in wanted.keys() | found.keys():
        if name not in ("internal", "resources"):
            assert found.get(name) == wanted.get(name), name


def walk_the_api(site, first, second, change):
    """Created, shown, replaced as a whole, shown, patched in one field, shown: what was sent is there, and no more."""
    changed_field, value = change
    identifier = act(site, "package_create", **first)["id"]
    holds(site, identifier, first)
    # What is not sent of the block stays (docs/api.md), so what the second lacks is sent empty; some lists only grow.
    block = {**dict.fromkeys(first["internal"]), **second["internal"]}
    for name in ("disposal", "discovery"):
        if name in first["internal"]:
            block[name] = first["internal"][name] + (block[name] or [])
    second = {**second, "internal": block}
    act(site, "package_update", **second, id=identifier)
    second["internal"] = without_empty(block)
    holds(site, identifier, second)
    before = held(site, identifier)
    act(site, "package_patch", id=identifier, **{changed_field: value})
    assert held(site, identifier) == {**before, changed_field: value}


FOLLOWED = ("applicable_legislation", "content_area", "crs")
"""Fields from which another one is derived."""
CHANGES = st.sampled_from([field for field in FREE if field.name not in FOLLOWED]).flatmap(
    lambda field: st.tuples(st.just(field.name), value_of(field))
)
"""One field that no other follows from, and a value for it."""


@settings(max_examples=5, derandomize=True, **unhurried)
@given(first=valid(), second=valid(), change=CHANGES)
def test_descriptions_walk_the_api(site, first, second, change):
    walk_the_api(site, first, second, change)


@pytest.mark.long
@settings(max_examples=500, **unhurried)
@given(first=valid(), second=valid(), change=CHANGES)
def test_a_thousand_descriptions_walk_the_api(site, first, second, change):
    walk_the_api(site, first, second, change)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.sampled_from(examples.RUBBISH),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.text(max_size=12) | st.sampled_from([field.name for field in dataset_fields()])


@st.composite
def changed(draw):
    """A description with one to five places changed: another value, another shape, a key too many or too few."""
    found = examples.record(draw(st.integers(0, 10**6)))
    for _ in range(draw(st.integers(1, 5))):
        places = list(examples._places(found))
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        what = draw(st.sampled_from(["value", "value", "gone", "more"]))
        if what == "value":
            holder[key] = copy.deepcopy(draw(JSON))
        elif what == "gone":
            holder.pop(key)
        elif isinstance(holder, dict):
            holder[draw(KEYS)] = copy.deepcopy(draw(JSON))
        else:
            holder.insert(0, copy.deepcopy(draw(JSON)))
    return found


def answered(record):
    """No exception anywhere; the list of problems is known, stable and complete; no key is lost."""
    sent = copy.deepcopy(record)
    problems = validate(record)
    assert record == sent or record != record  # noqa: PLR0124 NaN is not equal to itself
    assert validate(record) == problems or "nan" in repr(record)
    for problem in problems:
        assert problem.code in texts()
        json.dumps(problem.as_dict())
    told = {(item.path, item.code) for item in problems}
    for key, value in record.items():
        if key not in ("resources", "internal"):
            alone = {(item.path, item.code) for item in shape_problems({key: value})}
            assert alone <= told, (key, alone - told)
    completed = complete(record).dataset
    for key, value in without_empty({k: v for k, v in record.items() if k != "resources"}).items():
        assert key in completed, key
        if key not in ("applicable_legislation",):
            assert completed[key] == value or value != value, key  # noqa: PLR0124
    validate(completed)
    row_of(record)
    if isinstance(record.get("internal"), dict):
        values_of(row_of(record), {})
    return problems


@pytest.mark.unit
@settings(max_examples=60, derandomize=True, **unhurried)
@given(changed())
def test_changed_descriptions_are_answered(record):
    answered(record)


@pytest.mark.unit
@pytest.mark.long
@settings(max_examples=10_000, **unhurried)
@given(changed())
def test_ten_thousand_changed_descriptions_are_answered(record):
    answered(record)


@pytest.mark.unit
@settings(max_examples=40, derandomize=True, **unhurried)
@given(changed())
def test_json_schema_gives_the_same_verdict(record):
    lean = without_empty(record)
    assert validator().is_valid(lean) == (errors_of(lean) == [])


def problems_of(record):
    """The errors of a description that inherits from its owner, as the standard sees it, without the catalogue."""
    from ckanext.kranj.catalogue import organizations

    owner = organizations.find(record.get("owner_org"))
    whole = complete(record, organizations.defaults_of(owner) if owner else {}).dataset
    block = whole.get("internal")
    if isinstance(block, dict | None):
        inherited = (organizations.internal_defaults_of(owner) if owner else None) or {}
        whole["internal"] = complete_internal(without_empty(block or {}), whole, inherited).dataset
    return errors_of({**whole, "owner_org": owner.name} if owner else whole)


def answered_by_the_api(site, record):
    """Success with every key there, or every problem that the standard finds, each with a known code."""
    import ckan.plugins.toolkit as tk

    try:
        made = act(site, "package_create", **record)
    except tk.ValidationError as error:
        said = json.dumps(error.error_dict, ensure_ascii=False)
        codes = set(re.findall(r"\[([a-z]+(?:-[a-z]+)*)\]", said))
        assert codes, said
        assert codes <= set(texts())
        missed = {item.code for item in problems_of(record)} - codes
        assert not missed, (missed, said)
        return
    kept, found = complete(record).dataset, held(site, made["id"])
    for name in kept.keys() - {"owner_org", "resources", "internal"}:
        assert found.get(name, kept[name] if name not in FIELD_NAMES else None) == kept[name], name


FIELD_NAMES = {field.name for field in dataset_fields()}


@settings(max_examples=40, derandomize=True, **unhurried)
@given(record=changed())
def test_changed_descriptions_are_answered_by_the_api(site, record):
    answered_by_the_api(site, record)


@pytest.mark.long
@settings(max_examples=500, **unhurried)
@given(record=changed())
def test_hundreds_of_changed_descriptions_are_answered_by_the_api(site, record):
    answered_by_the_api(site, record)
