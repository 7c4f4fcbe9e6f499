"""Plugin ``kranj_feed``: the DCAT-AP feed. A table of contents; everything else lives in the modules beside it."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from .hooks import KranjFeedHooks
from .negotiation import KranjFeedNegotiation
from .stewards import kranj_feed_stewards
from .views import kranj_feed


@tk.blanket.blueprints(lambda: [kranj_feed, kranj_feed_stewards])
@tk.blanket.config_declarations
@tk.blanket.helpers
class KranjFeedPlugin(KranjFeedHooks, KranjFeedNegotiation, p.IConfigurer, p.IClick, p.SingletonPlugin):
    """Routes of the feed, its settings, its command line, the links to it and what follows a save."""

    def update_config(self, config: Any) -> None:
        """Add the templates that point machines to the feed."""
        tk.add_template_directory(config, "templates")

    def get_commands(self) -> list[Any]:
        """Attach ``ckan kranj feed``; the group itself belongs to the plugin ``kranj``."""
        from ckanext.kranj.cli import kranj

        from .cli import feed

        kranj.add_command(feed)
        return []
