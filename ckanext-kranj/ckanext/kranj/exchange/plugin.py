"""Plugin ``kranj_exchange``: a table of contents; everything else lives in the modules beside it."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk


@tk.blanket.actions
@tk.blanket.auth_functions
class KranjExchangePlugin(p.SingletonPlugin):
    """Excel in and out, exports, check for suppliers."""

    p.implements(p.IBlueprint)
    p.implements(p.IConfigurer)
    p.implements(p.IClick)

    def update_config(self, config: Any) -> None:
        """Add the templates."""
        tk.add_template_directory(config, "templates")

    def get_blueprint(self) -> list[Any]:
        """The pages."""
        from .import_page import blueprint as imports
        from .views import blueprint as standard

        return [standard, imports]

    def get_commands(self) -> list[Any]:
        """Attach ``ckan kranj excel`` and ``ckan kranj export``; the group itself belongs to the plugin ``kranj``."""
        from ckanext.kranj.cli import kranj

        from .cli import excel, export, station

        for command in (excel, export, station):
            kranj.add_command(command)
        return []
