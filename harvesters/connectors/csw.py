"""Catalogues of spatial data: CSW 2.0.2 with records of ISO 19139, or such records in a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, cast

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.documents import Element, children, local, with_query
from harvesters.connectors.support.iso import describe
from harvesters.errors import BadRecord, EndlessPaging, Unreadable

ISO = "http://www.isotc211.org/2005/gmd"


@dataclass(frozen=True)
class CswSettings(Settings):
    """What the csw connector can be told."""

    constraint: str = ""
    """A filter in CQL, for example ``AnyText LIKE '%Kranj%'``."""
    owners: dict[str, str] = field(default_factory=dict)
    """Name of an organisation there -> slug of the organisation here."""
    page_size: int = 50
    max_pages: int = 1000


class Csw(Connector):
    """Reads the records by GetRecords, or the one document at the address."""

    name = "csw"
    title: ClassVar[dict[str, str]] = {"sl": "Katalog prostorskih podatkov (CSW)", "en": "Spatial data catalogue (CSW)"}
    settings_class = CswSettings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read page by page; a record that cannot be read costs itself only."""
        settings = cast("CswSettings", self.settings)
        seen: set[str] = set()
        failed, start = 0, 1
        for _ in range(settings.max_pages):
            root = self._page(ctx, start)
            for node in [root] if local(root.tag) == "MD_Metadata" else children(root, "MD_Metadata"):
                reading = self._reading(ctx, node)
                failed += reading.record is None
                seen.add(reading.guid)
                yield reading
            results = next(children(root, "SearchResults"), None)
            if results is None:
                break
            following, matched = (_number(results.get(key)) for key in ("nextRecord", "numberOfRecordsMatched"))
            # Servers end in four ways: next is 0, is past the end, is missing, or nothing was returned.
            if not following or following > matched or not _number(results.get("numberOfRecordsReturned")):
                if len(seen) < matched:
                    ctx.incomplete(f"the catalogue announces {matched} records, {len(seen)} were there")
                break
            if following <= start:
                raise EndlessPaging(settings.url, f"after record {start} follows record {following}")
            start = following
        else:
            raise EndlessPaging(settings.url, f"more than {settings.max_pages} pages")
        if failed:
            ctx.incomplete(f"{failed} records could not be read")
        if not ctx.reason:
            ctx.complete()

    def _page(self, ctx: Context, start: int) -> Element:
        settings = cast("CswSettings", self.settings)
        url = settings.url
        if not url.casefold().partition("?")[0].endswith(".xml"):
            asked = {
                "constraintLanguage": "CQL_TEXT",
                "constraint_language_version": "1.1.0",
                "constraint": settings.constraint,
            }
            url = with_query(
                url, service="CSW", version="2.0.2", request="GetRecords", resultType="results",
                elementSetName="full", typeNames="gmd:MD_Metadata", outputSchema=ISO,
                startPosition=start, maxRecords=settings.page_size, **(asked if settings.constraint else {}),
            )  # fmt: skip
        root = ctx.xml(url)
        if local(root.tag) not in {"GetRecordsResponse", "MD_Metadata", "GetRecordByIdResponse"}:
            raise Unreadable(url, "CSW", f"the root is {local(root.tag)}: {' '.join(''.join(root.itertext()).split())}")
        return root

    def _reading(self, ctx: Context, node: Element) -> Reading:
        settings = cast("CswSettings", self.settings)
        try:
            return describe(ctx, node, settings.default_language, settings.owners).reading()
        except BadRecord as error:
            return ctx.rejected(error.guid, "unreadable-record" if error.guid else "no-identifier", reason=error.reason)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
