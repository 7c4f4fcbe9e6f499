"""The fragment of a dataset: its piece of every format, rendered apart from all others. No CKAN import.

A fragment is rendered when its dataset changed and only joined when somebody reads, so that the cost of a page is the
cost of copying bytes. Two digests describe it: ``revision`` tells whether the description changed, ``etag`` whether the
bytes did (they also carry when the description changed).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from pyoxigraph import NamedNode, Triple

import schemas

from .concepts import Concept
from .mapping import describe
from .serialise import STORED, fragment
from .terms import DCAT, DCT, FOAF, RDF, moment
from .writer import Fault, Place


@dataclass(frozen=True)
class Needs:
    """What the page has to say beside a fragment so that it stands on its own."""

    concepts: frozenset[Concept] = frozenset()
    publisher: str = ""
    services: tuple[str, ...] = ()
    record: str = ""
    series: tuple[str, ...] = ()
    """Ids of the series described in it: when one of them changes, so does this fragment."""
    agents: tuple[str, ...] = ()
    """Organisations beside the publisher that the page describes: publishers of its series."""

    def as_dict(self) -> dict[str, Any]:
        """For storage as JSON."""
        return {
            "concepts": sorted(self.concepts),
            "publisher": self.publisher,
            "services": list(self.services),
            "record": self.record,
            "series": list(self.series),
            "agents": list(self.agents),
        }

    @classmethod
    def of(cls, stored: dict[str, Any]) -> Needs:
        """Read back what ``as_dict`` gave."""
        return msgspec.convert(stored, cls)

    @classmethod
    def read(cls, stored: bytes) -> Needs:
        """The same from its JSON text; a page reads hundreds of them."""
        return _needs.decode(stored)


_needs = msgspec.json.Decoder(Needs)


@dataclass(frozen=True)
class Fragment:
    """One dataset, rendered."""

    dataset: str
    node: str
    revision: str
    etag: str
    bodies: dict[str, bytes]
    needs: Needs
    faults: tuple[Fault, ...] = ()


@dataclass
class Draft:
    """One dataset, mapped but not written yet: enough to tell whether its description changed."""

    node: NamedNode
    triples: list[Triple]
    needs: Needs
    faults: tuple[Fault, ...]
    revision: str = field(init=False)

    def __post_init__(self) -> None:
        """Digest what is said."""
        self.revision = hashlib.sha256(fragment(self.triples, "nt")).hexdigest()


def draft(dataset: dict[str, Any], organizations: dict[str, dict[str, Any]], place: Place) -> Draft:
    """Map a dataset.

    Args:
        dataset: as ``rows`` reads it, or as ``package_show`` returns it to an anonymous caller.
        organizations: owners by id.
        place: where identifiers and pages start.
    """
    written = describe(dataset, organizations, place)
    needs = Needs(
        frozenset(written.concepts),
        min(written.publishers, default=""),
        tuple(one.value for one in written.services),
        series=tuple(sorted(written.series)),
        agents=tuple(sorted(written.agents - written.publishers)),
    )
    return Draft(written.node, list(written.triples()), needs, tuple(written.faults))


def finish(
    identifier: str, drafted: Draft, issued: datetime | None, modified: datetime | None, formats: Iterable[str] = STORED
) -> Fragment:
    """Write a draft.

    Args:
        identifier: id of the dataset.
        drafted: what ``draft`` gave.
        issued: when it was first published; with ``modified`` it becomes the record of the catalogue about the dataset.
        modified: when its description last changed; without it there is no record.
        formats: keys of ``serialise.FORMATS``.
    """
    triples, needs = drafted.triples, drafted.needs
    changed = moment(modified) if modified else None
    if changed is not None:
        record = NamedNode(f"{drafted.node.value}#record")
        # the record is about our description; when the data changed is dct:modified of the dataset
        triples = [
            *triples,
            Triple(record, RDF.type, DCAT.CatalogRecord),
            Triple(record, FOAF.primaryTopic, drafted.node),
            Triple(record, DCT.modified, changed),
            *([Triple(record, DCT.issued, found)] if issued and (found := moment(issued)) else []),
        ]
        needs = replace(needs, record=record.value)
    bodies = {name: fragment(triples, name) for name in formats}
    etag = hashlib.sha256(b"\0".join(bodies[name] for name in sorted(bodies))).hexdigest()[:32]
    return Fragment(identifier, drafted.node.value, drafted.revision, etag, bodies, needs, drafted.faults)


@lru_cache(maxsize=1)
def version() -> str:
    """A digest of everything but the data that decides what a fragment looks like: this code and the vocabularies.

    Computed, so that nobody has to remember to raise a number when the mapping changes.
    """
    digest = hashlib.sha256()
    here, ours = Path(__file__).parent, Path(schemas.__file__).parent
    for name in (
        "concepts", "fragments", "mapping", "measurements", "parts", "rows", "serialise", "series", "terms", "writer",
        "../access/references",
    ):  # fmt: skip
        digest.update((here / f"{name}.py").read_bytes())
    for file in sorted((ours / "vocabularies").glob("*.json")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def place_key(place: Place) -> str:
    """What of the configuration stands inside fragments."""
    return json.dumps([place.base_uri, place.site_url])
