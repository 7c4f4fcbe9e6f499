"""Bike and scooter share systems: GBFS 2.x and 3.0, one dataset per system, one resource per feed and language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from harvesters.connector import Connector, Context, Reading
from harvesters.connectors.support.gbfs_fields import FEEDS, SPECIFICATION, day, description, feeds, licence, newest
from harvesters.errors import BadRecord, SourceUnavailable, Unreadable
from schemas import Problem, vocabulary


class Gbfs(Connector):
    """Reads ``gbfs.json`` of one system, or a ``manifest.json`` of several."""

    name = "gbfs"
    title: ClassVar[dict[str, str]] = {"sl": "Izposoja koles in skirojev (GBFS)", "en": "Bike and scooter share (GBFS)"}

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read the systems one after another; one that fails does not stop the others."""
        root = _data(ctx, self.settings.url)
        systems = root["data"].get("datasets")
        if not isinstance(systems, list):
            yield self._system(ctx, root)
            ctx.complete()
            return
        failed = 0
        for number, system in enumerate(systems):
            guid = str(system.get("system_id") or "") if isinstance(system, dict) else ""
            try:
                yield self._system(ctx, _data(ctx, newest(guid, system)), guid)
            except (SourceUnavailable, BadRecord) as error:
                failed += 1
                yield ctx.rejected(guid, "unreadable-record", path=f"datasets[{number}]", reason=str(error))
        if failed:
            ctx.incomplete(f"{failed} of {len(systems)} systems could not be read")
        else:
            ctx.complete()

    def _system(self, ctx: Context, root: Mapping[str, Any], expected: str = "") -> Reading:
        found = feeds(root["data"], self.settings.default_language)
        languages = {language: dict(items) for language, items in found.items()}
        infos = {}
        for language, items in languages.items():
            if "system_information" in items:
                infos[language] = _data(ctx, items["system_information"])
        if not infos:
            raise BadRecord(expected or self.settings.url, "no system_information feed")
        first = infos.get(self.settings.default_language) or next(iter(infos.values()))
        info = first["data"]
        guid = str(info.get("system_id") or expected)
        if not guid:
            raise BadRecord(self.settings.url, "system_information has no system_id")
        problems: list[Problem] = []
        dataset = description(guid, infos, root, info, problems)
        dataset |= licence(info, problems)
        modified = day(first.get("last_updated"))
        if modified:
            dataset["modified"] = modified
        elif first.get("last_updated") is not None:
            problems.append(Problem("modified", "not-a-date", "warning", {"value": str(first["last_updated"])[:100]}))
        dataset["resources"] = [
            {
                **self._resource(language, feed, url, len(languages) > 1),
                "id": ctx.resource_id(guid, f"{language}:{feed}"),
            }
            for language, items in languages.items()
            for feed, url in items.items()
        ]
        return ctx.reading(guid, dataset, problems=problems)

    def _resource(self, language: str, feed: str, url: str, several: bool) -> dict[str, Any]:
        slovene, english = FEEDS.get(feed, (feed, feed))
        suffix = f" ({language})" if several else ""
        code = vocabulary("language").code_of(language)
        return {
            "name_translated": {"sl": slovene + suffix, "en": english + suffix},
            "url": url,
            "access_url": url,
            "format": "JSON",
            "conforms_to": [SPECIFICATION],
            **({"language": [code]} if code else {}),
        }


def _data(ctx: Context, url: str) -> dict[str, Any]:
    """A GBFS file: an object with an object under ``data``.

    Raises:
        Unreadable: it is not.
    """
    found = ctx.session.get(url, accept="application/json").json()
    if not isinstance(found, dict) or not isinstance(found.get("data"), dict):
        raise Unreadable(url, "GBFS", "no object under 'data'")
    return found
