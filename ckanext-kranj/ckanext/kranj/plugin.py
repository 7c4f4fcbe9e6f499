"""The plugin ``kranj``: the standard and its protection; it belongs to every portal of the city."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig
from ckan.lib.plugins import DefaultTranslation

from ckanext.kranj.access.labels import KranjLabels
from ckanext.kranj.audit import actor
from ckanext.kranj.audit.signals import KranjSignals
from ckanext.kranj.catalogue import code_lists
from ckanext.kranj.catalogue.facets import KranjFacets
from ckanext.kranj.catalogue.form import KranjDatasetForm
from ckanext.kranj.catalogue.hooks import KranjDatasetHooks
from ckanext.kranj.logic.action import get_actions
from ckanext.kranj.logic.auth import get_auth_functions
from ckanext.kranj.login.plugin import KranjLogin


@tk.blanket.actions(get_actions)
@tk.blanket.auth_functions(get_auth_functions)
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
@tk.blanket.validators
class KranjPlugin(
    KranjLabels, KranjSignals, KranjLogin, KranjDatasetHooks, KranjFacets, KranjDatasetForm, p.IConfigurer,
    DefaultTranslation, p.ITranslation,
):  # fmt: skip
    """Schema on form and API, internal block, rule of the switch, permission labels, audit, Slovene words."""

    def update_config(self, config: CKANConfig) -> None:
        """Add templates and the licence list; scheming reads the schema."""
        code_lists.use(config)
        super().update_config(config)
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "kranj")
        actor.listen()
