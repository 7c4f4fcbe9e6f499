"""Template helpers of the plugin ``kranj_feed``."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from ckanext.kranj.helpers import language

from .config import feed_config
from .schema_org import dataset_page, script
from .writer import Place


def kranj_schema_org(dataset: dict[str, Any]) -> Markup:
    """A public dataset in the words of schema.org, safe inside a ``<script>`` element."""
    settings = feed_config()
    found = dataset_page(dataset, Place(settings.base_uri, settings.site_url), language())
    return Markup(script(found))  # noqa: S704 - script() leaves no character that could end the element
