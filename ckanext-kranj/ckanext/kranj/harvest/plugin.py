"""Plugin ``kranj_harvest``: a table of contents; everything else lives in the modules beside it."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.kranj.harvest import helpers, kinds, logic
from ckanext.kranj.harvest.archive import ArchivedOutOfSearch
from ckanext.kranj.harvest.facets import KindsByName


@tk.blanket.actions(logic.get_actions)
@tk.blanket.auth_functions(logic.get_auth_functions)
@tk.blanket.blueprints
@tk.blanket.config_declarations
@tk.blanket.helpers(helpers.get_helpers)
class KranjHarvestPlugin(ArchivedOutOfSearch, KindsByName, p.SingletonPlugin):
    """Source types, actions, rights, guard of the pages, command line."""

    p.implements(p.IConfigurer)
    p.implements(p.IClick)

    def update_config(self, config: Any) -> None:
        """Offer every installed connector as a type of source; words of the pages of sources."""
        kinds.register()
        tk.add_template_directory(config, "templates")

    def get_commands(self) -> list[Any]:
        """Attach ``ckan kranj harvest``; the group itself belongs to the plugin ``kranj``."""
        from ckanext.kranj.cli import kranj

        from .cli import harvest

        kranj.add_command(harvest)
        return []
