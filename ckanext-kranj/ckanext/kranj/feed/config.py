"""Typed reader of the feed's configuration; the defaults stand in ``config_declaration.yaml`` and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

import ckan.plugins.toolkit as tk

# Consumers refuse answers over 50 MB and time out after 60 s: a page stays far below.
PAGE_LIMIT = 500


@dataclass(frozen=True)
class FeedConfig:
    """Everything the feed must be told; the mapping itself reads no configuration."""

    site_url: str
    """Where the portal answers; links between pages and to dataset pages start here."""
    base_uri: str
    """Start of every permanent identifier (IRI)."""
    title: dict[str, str]
    description: dict[str, str]
    publisher: str
    """Slug of the organisation that publishes the catalogue."""
    publisher_name: str
    publisher_uri: str
    publisher_type: str
    license: str
    page_size: int
    tombstone_days: int
    path: str = "catalog"
    """Of the catalogue under ``base_uri``; organisations have catalogues of their own."""

    @property
    def catalog_uri(self) -> str:
        """The IRI of the catalogue itself."""
        return f"{self.base_uri}/{self.path}"


def render_after_save() -> bool:
    """Whether a process that saves also renders, a moment later."""
    return bool(tk.config["kranj.feed.render_after_save"])


def feed_config() -> FeedConfig:
    """Read the configuration now in force."""
    site_url = tk.config["ckan.site_url"].rstrip("/")
    return FeedConfig(
        site_url=site_url,
        base_uri=(tk.config.get("ckanext.dcat.base_uri") or site_url).rstrip("/"),
        title={"sl": tk.config["kranj.feed.title_sl"], "en": tk.config["kranj.feed.title_en"]},
        description={
            "sl": tk.config["kranj.feed.description_sl"],
            "en": tk.config["kranj.feed.description_en"],
        },
        publisher=tk.config["kranj.feed.publisher"],
        publisher_name=tk.config["kranj.feed.publisher_name"],
        publisher_uri=tk.config["kranj.feed.publisher_uri"],
        publisher_type=tk.config["kranj.feed.publisher_type"],
        license=tk.config["kranj.feed.license"],
        page_size=min(max(tk.config["kranj.feed.page_size"], 1), PAGE_LIMIT),
        tombstone_days=tk.config["kranj.feed.tombstone_days"],
    )
