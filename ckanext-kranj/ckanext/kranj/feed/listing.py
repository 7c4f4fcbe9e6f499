"""Listings beside the catalogue: one organisation, what changed since a moment, everything at once.

They page by key (``after``), not by number: a page begins after the last dataset of the one before it. Organisations
are listed by ordinal, so that a crawl misses and repeats nothing; changes in the order in which they happened, so that
what changes during a crawl comes once more at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from flask import Response, request
from pyoxigraph import NamedNode, Triple

from . import rows
from .answers import Document, answer, deliver, digest, pack, problem, stream
from .catalogue import listing_triples
from .config import FeedConfig, feed_config
from .fragments import version
from .pages import Front, Piece
from .serialise import FORMATS, document, fragment, joined
from .store import STREAM, Reader, read, reading
from .terms import DCAT

_KEY = re.compile(r"\d{1,18}")
_OWNED = "AND r.needs ->> 'publisher' = :owner"
_CHANGED = "AND r.changed_at >= :since"


def of_organization(identifier: str, name: str) -> Response:
    """The catalogue of one organisation, by id or name."""
    settings, after = feed_config(), _after()
    if after is None:
        return _no_key()

    def ask(reader: Reader) -> Response:
        found = rows.organizations(reader.connection, [identifier], identifier)
        owner = next(iter(found.values()), None)
        if owner is None:
            return problem(404, "Ni take organizacije. / No such organisation.")
        own = _catalogue_of(settings, owner)
        address = f"{settings.site_url}/organization/{quote(owner['id'])}/catalog.{name}"
        values = {"owner": owner["id"], "after": after}
        return _Listing(own, name, address, _OWNED, "ordinal", values).answer(reader)

    return read(settings, ask)


def changed(name: str) -> Response:
    """Public datasets whose description changed since a moment; those withdrawn are in the stream of changes."""
    since, after = _since(request.args.get("modified_since", "")), _after()
    if since is None:
        return problem(
            400, "Potreben je čas po ISO 8601. / A moment in ISO 8601 is needed: modified_since=2026-01-31T00:00:00Z"
        )
    if after is None:
        return _no_key()
    settings = feed_config()
    query = {"modified_since": since.isoformat().replace("+00:00", "Z")}
    values = {"since": since, "after": after}
    listing = _Listing(settings, name, f"{settings.site_url}/catalog.{name}", _CHANGED, "seq", values, query)
    return answer(lambda: read(settings, listing.answer))


def whole(name: str, file: str) -> Response:
    """The whole catalogue in one document, sent as it is read, from one snapshot.

    Args:
        name: format.
        file: name of the gzip file wanted; empty for the plain document.
    """
    held = ExitStack()
    try:
        reader = held.enter_context(reading(feed_config()))
        state = reader.state
        etag = digest(version(), "whole", name, reader.settings, state.last_seq, state.organizations, state.total)
        modified = state.modified if state.settled else None
        form = FORMATS[name].content_type
        response = stream(form, etag, modified, lambda: _whole(reader, name), file=file)
    except BaseException:
        held.close()
        raise
    response.call_on_close(held.close)
    return response


def _whole(reader: Reader, name: str) -> Iterator[bytes]:
    yield from joined(_fragments(reader, name), name)


def _fragments(reader: Reader, name: str) -> Iterator[bytes]:
    needs = reader.needs_of_all()
    front = reader.front(needs, modified=True)
    described = {front.publisher["id"]} if front.publisher and not reader.settings.publisher_uri else set()
    yield fragment(front.triples((), []), name)
    yield fragment(front.explained(needs, described, set()), name)
    links: list[Triple] = []
    for piece in reader.everything(name):
        yield piece.body
        links += _links(front, piece)
        if len(links) > STREAM:
            yield fragment(links, name)
            links = []
    yield fragment(links, name)


def _links(front: Front, piece: Piece) -> Iterator[Triple]:
    node = NamedNode(front.settings.catalog_uri)
    yield Triple(node, DCAT.dataset, NamedNode(piece.node))
    if piece.needs.record:
        yield Triple(node, DCAT.record, NamedNode(piece.needs.record))
    for service in piece.needs.services:
        yield Triple(node, DCAT.service, NamedNode(service))


@dataclass
class _Listing:
    """Datasets that meet a condition, paged by key."""

    settings: FeedConfig
    """What the catalogue is called."""
    name: str
    address: str
    """Of the document, without the query."""
    condition: str
    """SQL, a constant of ours."""
    key: str
    """Column to page by."""
    values: dict[str, Any]
    """Parameters of the condition, and ``after``."""
    query: dict[str, str] = field(default_factory=dict)
    """What the address of every page repeats."""

    def answer(self, reader: Reader) -> Response:
        """The page that begins after the key."""
        size = self.settings.page_size
        total, members = reader.count(self.condition, self.values)
        limited = f"{self.condition} AND r.{self.key} > :after ORDER BY r.{self.key} LIMIT {size + 1}"
        found = list(reader.pieces(self.name, limited, self.values))
        following = self._page(found[size - 1][0][self.key]) if len(found) > size else None
        here, pieces = self._page(self.values["after"]), [piece for _, piece in found[:size]]
        organizations = reader.front([one.needs for one in pieces]).organizations
        organizations |= rows.organizations(reader.connection, [], self.settings.publisher)
        paging = listing_triples(here, total, size, self._page(0), following)
        head = Front(self.settings, organizations).triples(paging, [(one.node, one.needs) for one in pieces])
        body = document([fragment(head, self.name), *(one.body for one in pieces)], self.name)
        etag = digest(version(), self.settings, here, total, members, reader.state.organizations, following)
        modified = reader.state.modified if reader.state.settled else None
        return deliver(Document(FORMATS[self.name].content_type, etag, modified, lambda: pack(body)))

    def _page(self, after: int) -> str:
        query = {**self.query, **({"after": str(after)} if after else {})}
        return f"{self.address}?{urlencode(query)}" if query else self.address


def _catalogue_of(settings: FeedConfig, owner: dict[str, Any]) -> FeedConfig:
    """What the catalogue of an organisation is called."""
    names = owner.get("title_translated") or {}
    names = names if isinstance(names, dict) else {}
    fallback = owner.get("title") or owner["name"]
    return replace(
        settings,
        path=f"organization/{quote(owner['id'])}/catalog",
        title={lang: f"{text}: {names.get(lang) or fallback}" for lang, text in settings.title.items()},
        publisher=owner["name"],
        publisher_name=fallback,
        publisher_uri="",
    )


def _after() -> int | None:
    asked = request.args.get("after", "0")
    return int(asked) if _KEY.fullmatch(asked) and asked.isascii() else None


def _no_key() -> Response:
    return problem(400, "Parameter after mora biti število. / The parameter after must be a number.")


def _since(asked: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(asked.replace(" ", "+"))  # a plus sign that was not encoded
    except ValueError:
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None
