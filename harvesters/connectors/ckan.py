"""Catalogues on CKAN: the action API (2.x and 3), or the older REST API that the national portal still has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, cast

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.ckan_fields import describe
from harvesters.connectors.support.documents import objects, read_object, with_query
from harvesters.errors import EndlessPaging, SourceUnavailable, Unreadable


@dataclass(frozen=True)
class CkanSettings(Settings):
    """What the ckan connector can be told."""

    api: Literal["action", "rest"] = "action"
    """``action``: /api/3/action/package_search; ``rest``: /api/2/search and /api/2/rest, before CKAN 2.0."""
    filter: str = ""
    """Which datasets: ``fq`` of the action API (``organization:mok``), ``q`` of the REST API."""
    owners: dict[str, str] = field(default_factory=dict)
    """Name or title of an organisation there -> slug of the organisation here."""
    page_size: int = 100
    max_pages: int = 1000
    """After so many pages the source is taken to have no end."""


class Ckan(Connector):
    """Reads every dataset that the filter lets through."""

    name = "ckan"
    title: ClassVar[dict[str, str]] = {"sl": "Katalog CKAN", "en": "CKAN catalogue"}
    settings_class = CkanSettings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read page by page, in the order of the identifiers."""
        settings = cast("CkanSettings", self.settings)
        seen: set[str] = set()
        failed = 0
        for number in range(settings.max_pages):
            total, page = self._page(ctx, number * settings.page_size)
            fresh = [item for item in page if str(item.get("id") or item) not in seen]
            for item in fresh:
                seen.add(str(item.get("id") or item))
                if item.get("type", "dataset") != "dataset" or item.get("state", "active") != "active":
                    continue
                reading = self._reading(ctx, item)
                failed += reading.record is None
                yield reading
            if not page or len(seen) >= total:
                break
            if not fresh:
                raise EndlessPaging(settings.url, f"page {number + 1} repeats what was seen")
        else:
            raise EndlessPaging(settings.url, f"more than {settings.max_pages} pages")
        if failed or len(seen) < total:
            ctx.incomplete(f"the catalogue announces {total} datasets, {len(seen) - failed} could be read")
        else:
            ctx.complete()

    def _page(self, ctx: Context, start: int) -> tuple[int, list[dict[str, Any]]]:
        settings = cast("CkanSettings", self.settings)
        root = settings.url.rstrip("/")
        if settings.api == "rest":
            url = with_query(f"{root}/api/2/search/dataset", q=settings.filter, offset=start, limit=settings.page_size)
            found = read_object(ctx, url, "CKAN", "results")
            return _count(url, found), [{"id": item} for item in found["results"] if isinstance(item, str)]
        url = with_query(
            f"{root}/api/3/action/package_search",
            **({"fq": settings.filter} if settings.filter else {}),
            rows=settings.page_size, start=start, sort="id asc",
        )  # fmt: skip
        answer = read_object(ctx, url, "CKAN", "result", "success")
        if answer.get("success") is not True or not isinstance(answer.get("result"), dict):
            raise Unreadable(url, "CKAN", f"success is {answer.get('success')}: {answer.get('error')}")
        return _count(url, answer["result"]), objects(answer["result"].get("results"))

    def _reading(self, ctx: Context, item: Mapping[str, Any]) -> Reading:
        settings = cast("CkanSettings", self.settings)
        guid = str(item.get("id") or item.get("identifier") or item.get("name") or "")
        if not guid:
            return ctx.rejected("", "no-identifier", value=str(item.get("title") or ""))
        if settings.api == "rest":
            try:
                item = read_object(ctx, f"{settings.url.rstrip('/')}/api/2/rest/dataset/{guid}", "CKAN", "title")
            except SourceUnavailable as error:
                return ctx.rejected(guid, error.code if error.code == "no-identifier" else "unreadable-record",
                                    reason=str(error))  # fmt: skip
        return describe(ctx, guid, item, settings.default_language, settings.owners).reading()


def _count(url: str, found: Mapping[str, Any]) -> int:
    count = found.get("count")
    if isinstance(count, bool) or not isinstance(count, int) or not isinstance(found.get("results"), list):
        raise Unreadable(url, "CKAN", "no count and results")
    return count
