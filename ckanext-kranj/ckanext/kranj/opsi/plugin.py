"""Plugin ``kranj_opsi``: exits for the national portal. A table of contents."""

from __future__ import annotations

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from .hooks import KranjOpsiNames


@tk.blanket.blueprints
@tk.blanket.config_declarations
class KranjOpsiPlugin(KranjOpsiNames, p.SingletonPlugin):
    """OPSI's names in the Action API, the old REST routes, the form of its editors; each can be switched off."""
