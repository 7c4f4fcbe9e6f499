"""From a file to the verdict on each description in it: JSON, RDF (Turtle, RDF/XML, JSON-LD, N-Triples), XLSX, CSV.

A description is judged as the catalogue would judge it: what may be inherited from the site or derived is filled in,
then every rule is asked. Nothing is stored and nothing is fetched.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from rdflib import RDF, Graph

from harvesters.http import Fetched
from harvesters.rdf.mapping import Owners, dataset_of, resource_of
from harvesters.rdf.parse import graph_of
from harvesters.rdf.values import DCAT, Subject, order_of
from schemas import Problem, complete, complete_internal, validate
from schemas.exchange import read_table, values_of
from schemas.exchange.reading import LARGEST, Row, decoded
from schemas.kinds import DEEPEST

RDF_TYPES = {
    ".ttl": "text/turtle",
    ".rdf": "application/rdf+xml",
    ".xml": "application/rdf+xml",
    ".jsonld": "application/ld+json",
    ".nt": "application/n-triples",
}
_LISTS = ("datasets", "records", "zbirke")


@dataclass(frozen=True)
class Checked:
    """The verdict on one description, or on the file as a whole (``place`` empty)."""

    place: str
    """Where in the file: ``[3]``, ``vrstica 5``, the IRI of the dataset."""
    title: str
    problems: tuple[Problem, ...]
    line: int = 0
    """Row of a table, counted as Excel does."""

    @property
    def passed(self) -> bool:
        """Whether there is no error; warnings do not count."""
        return not any(problem.severity == "error" for problem in self.problems)


def check_file(name: str, content: bytes) -> list[Checked]:
    """Judge every description of a file; whatever it holds, the answer is a verdict and never an exception.

    Args:
        name: of the file; its ending tells the format.
        content: its bytes.
    """
    if len(content) > LARGEST:
        return [_whole(Problem.of("", "file-too-large", limit=LARGEST))]
    suffix = PurePath(name.lower()).suffix
    if suffix in {".xlsx", ".xlsm", ".csv", ".tsv", ".txt"}:
        return list(_tabular(name, content))
    reader: Callable[[bytes], Iterator[Checked]] = _json
    if suffix in RDF_TYPES:
        reader = lambda body: _rdf(body, RDF_TYPES[suffix])  # noqa: E731
    try:
        found = list(reader(content))
    except Exception as error:  # noqa: BLE001 parsers raise whatever a broken file makes them trip over
        return [_whole(Problem.of("", "unreadable-file", reason=f"{type(error).__name__}: {str(error)[:200]}"))]
    return found or [_whole(Problem.of("", "unreadable-file", reason="ni opisov"))]


def _whole(*problems: Problem) -> Checked:
    return Checked("", "", problems)


def judged(description: Any, before: tuple[Problem, ...] = ()) -> tuple[Problem, ...]:
    """All problems of a description as it would be stored; ``before`` are those of reading it."""
    if not isinstance(description, Mapping) or _depth(description) > DEEPEST:
        return (*before, *validate(description))
    completed = complete(description).dataset
    block = completed.get("internal")
    if isinstance(block, Mapping | None):
        completed["internal"] = complete_internal(block, completed).dataset
    return (*before, *validate(completed))


def _depth(value: Any, level: int = 0) -> int:
    if level > DEEPEST or not isinstance(value, dict | list):
        return level
    inner = value.values() if isinstance(value, dict) else value
    return max((_depth(item, level + 1) for item in inner), default=level)


def _title(description: Any) -> str:
    titles = description.get("title_translated") if isinstance(description, Mapping) else None
    return str((titles if isinstance(titles, Mapping) else {}).get("sl", ""))[:200]


def _json(content: bytes) -> Iterator[Checked]:
    loaded = json.loads(decoded(content))
    if isinstance(loaded, dict):
        listed = next((loaded[key] for key in _LISTS if isinstance(loaded.get(key), list)), None)
        if listed is None and ("@context" in loaded or "@graph" in loaded):
            yield from _rdf(content, RDF_TYPES[".jsonld"])
            return
        loaded = [loaded] if listed is None else listed
    if not isinstance(loaded, list):
        loaded = [loaded]
    if loaded and all(isinstance(item, dict) and "@id" in item for item in loaded):
        yield from _rdf(content, RDF_TYPES[".jsonld"])
        return
    for number, description in enumerate(loaded):
        yield Checked(f"[{number}]", _title(description), judged(description))


def _rdf(content: bytes, media_type: str) -> Iterator[Checked]:
    graph: Graph = graph_of(Fetched("https://file.invalid/", content, media_type, None))[0]
    for node in sorted(graph.subjects(RDF.type, DCAT.Dataset, unique=True), key=lambda item: order_of(graph, item)):
        src = Subject(graph, node, "sl")
        dataset, internal = dataset_of(src, Owners({}))
        dataset["resources"] = [
            resource_of(src.at(item), f"resources[{number}]", dataset.get("title_translated", {}))
            for number, item in enumerate(src.values((DCAT.distribution,)))
        ]
        found = judged({**dataset, "internal": internal}, tuple(src.problems))
        yield Checked(str(node), _title(dataset), tuple(problem for problem in found if not _of_owner(problem)))


def _of_owner(problem: Problem) -> bool:
    """The catalogue finds the owner by its source; a file alone cannot name one."""
    return problem.path == "owner_org"


def _tabular(name: str, content: bytes) -> Iterator[Checked]:
    table = read_table(name, content)
    if table.problems:
        yield _whole(*table.problems)
    resources: dict[str, list[Row]] = {}
    for row in table.resources:
        resources.setdefault(row.cells.get("dataset", ""), []).append(row)
    for row in table.rows:
        description = values_of(row.cells, {})
        files = resources.get(row.cells.get("id", ""), ())
        if files:
            description["resources"] = [values_of(item.cells, {}, "resource") for item in files]
        elif row.cells.get("resources"):
            description["resources"] = _loaded(row.cells["resources"])
        read = (*row.problems, *(problem for item in files for problem in item.problems))
        yield Checked(f"vrstica {row.number}", _title(description), judged(description, read), row.number)


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
