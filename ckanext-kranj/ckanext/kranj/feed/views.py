"""Routes of the feed. Always the anonymous public view: no session is read, no cookie is set, no right is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime

from flask import Blueprint, Response, request

from . import changes, listing, mqa, quality, schema_org
from .answers import Document, answer, deliver, digest, pack, problem
from .config import feed_config
from .pages import Front, Piece, page_document, single_document
from .ready import Ready, page_etag
from .serialise import FORMATS, document, fragment
from .store import Page, Reader, read
from .writer import Place

kranj_feed = Blueprint("kranj_feed", __name__)

# Longer numbers cannot be a page; refusing them early keeps them out of SQL.
_PAGE_NUMBER = re.compile(r"[1-9]\d{0,8}")
# What an id or a name may look like; control characters do not reach SQL either.
_IDENTIFIER = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
_NEGOTIATED = {FORMATS[name].content_type: name for name in ("ttl", "rdf", "jsonld", "nt")}


@kranj_feed.route("/catalog")
def catalog_negotiated() -> Response:
    """The IRI of the catalogue: the first page in the format asked for by ``Accept``."""
    wanted = request.accept_mimetypes.best_match(
        list(_NEGOTIATED), default=None if request.accept_mimetypes else "text/turtle"
    )
    if wanted is None:
        return problem(406, "Ta naslov ponuja / this address offers: " + ", ".join(_NEGOTIATED))
    response = catalog(_NEGOTIATED[wanted])
    response.vary.add("Accept")
    return response


@kranj_feed.route("/catalog.<name>")
def catalog(name: str) -> Response:
    """One page of the catalogue, or with ``modified_since`` of what changed since then."""
    if name not in FORMATS:
        return _unknown_format()
    if "modified_since" in request.args or "after" in request.args:
        return listing.changed(name)
    number = _page_number()
    if number is None:
        return _no_page_number()
    return answer(lambda: read(feed_config(), lambda reader: deliver(_page(reader.page(number, name)))))


@kranj_feed.route("/dataset/<identifier>.<name>")
def dataset(identifier: str, name: str) -> Response:
    """The description of one public dataset, or of a series, which CKAN also counts among datasets."""

    def ask(reader: Reader) -> Response:
        found = reader.one(identifier, name)
        if found is None:
            return _of_series(reader, identifier, name)
        modified = reader.state.modified if reader.state.settled else None
        return _single(found, name, modified)

    return _described(identifier, name, ask)


@kranj_feed.route("/dataset_series/<identifier>.<name>")
def series(identifier: str, name: str) -> Response:
    """The description of one public series with its public datasets."""
    return _described(identifier, name, lambda reader: _of_series(reader, identifier, name))


@kranj_feed.route("/dataset/<identifier>/croissant.jsonld")
def croissant(identifier: str) -> Response:
    """The files of one open dataset for machine learning (Croissant)."""
    settings = feed_config()

    def ask(reader: Reader) -> Response:
        row = reader.row(identifier) if _IDENTIFIER.fullmatch(identifier) else None
        found = schema_org.croissant(row, Place(settings.base_uri, settings.site_url)) if row else None
        if found is None:
            return problem(404, "Ni takih odprtih datotek. / No such open files.")
        body = json.dumps(found, ensure_ascii=False).encode()
        return deliver(Document("application/ld+json", digest(body), None, lambda: pack(body)))

    return answer(lambda: read(settings, ask))


@kranj_feed.route("/catalog-full.<name>")
def whole(name: str) -> Response:
    """The whole catalogue in one document."""
    plain, _, packed = name.partition(".")
    if plain not in FORMATS or packed not in ("", "gz"):
        return _unknown_format()
    return answer(lambda: listing.whole(plain, file=f"catalog.{name}" if packed else ""))


@kranj_feed.route("/organization/<identifier>/catalog.<name>")
def organization(identifier: str, name: str) -> Response:
    """The datasets of one organisation."""
    if name not in FORMATS:
        return _unknown_format()
    if not _IDENTIFIER.fullmatch(identifier):
        return problem(404, "Ni take organizacije. / No such organisation.")
    return answer(lambda: listing.of_organization(identifier, name))


@kranj_feed.route("/catalog-changes.<name>")
def stream_of_changes(name: str) -> Response:
    """The stream of changes (LDES), with tombstones."""
    if name not in changes.FORMATS:
        return _unknown_format(changes.FORMATS)
    number = _page_number()
    if number is None:
        return _no_page_number()
    return answer(lambda: read(feed_config(), lambda reader: deliver(changes.page(reader, number, name))))


@kranj_feed.route("/catalog-quality.<name>")
def measured(name: str) -> Response:
    """What the last assessment found, as W3C Data Quality Vocabulary."""
    if name not in FORMATS:
        return _unknown_format()

    def work() -> Response:
        settings = feed_config()
        public = set(read(settings, lambda reader: reader.identifiers()))
        rows = [row for row in quality.stored() if row["package_id"] in public]
        triples = list(mqa.dqv(quality.scores_of(rows, settings), settings.base_uri))
        body = document([fragment(triples, name)], name)
        return deliver(Document(FORMATS[name].content_type, digest(body), None, lambda: pack(body)))

    return answer(work)


def _described(identifier: str, name: str, ask: Callable[[Reader], Response]) -> Response:
    if name not in FORMATS:
        return _unknown_format()
    if not _IDENTIFIER.fullmatch(identifier):
        return _nowhere()
    return answer(lambda: read(feed_config(), ask))


def _of_series(reader: Reader, identifier: str, name: str) -> Response:
    found = reader.series(identifier, name)
    # no Last-Modified: the date of the feed does not move with a series that no dataset names
    return _single(found, name, None) if found else _nowhere()


def _single(found: tuple[Front, Piece], name: str, modified: datetime | None) -> Response:
    body = single_document(*found, name)
    return deliver(Document(FORMATS[name].content_type, digest(body), modified, lambda: pack(body)))


def _nowhere() -> Response:
    return problem(404, "Ni take javne zbirke. / No such public dataset.")


def _page(page: Page) -> Document:
    """A page of the catalogue: a ready one when there is one, else joined from its fragments and kept."""
    reader = page.reader
    etag = page_etag(page.name, reader.settings, page.paging, page.members, reader.state)

    def build() -> bytes:
        front, pieces = page.content()
        return page_document(front, page.paging, pieces, page.name)

    return Ready(reader, page.paging.number, page.name, etag, build).document(FORMATS[page.name].content_type)


def _page_number() -> int | None:
    asked = request.args.get("page", "1")
    return int(asked) if _PAGE_NUMBER.fullmatch(asked) else None


def _no_page_number() -> Response:
    return problem(400, "Stran mora biti celo število od 1 naprej. / The page must be a whole number from 1 on.")


def _unknown_format(known: Iterable[str] = FORMATS) -> Response:
    return problem(404, f"Takega zapisa ni. / No such format. {', '.join(known)}")
