"""The plugin ``kranj``: the standard and its protection; it belongs to every portal of the city."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import CKANConfig

from ckanext.kranj.access.labels import KranjLabels
from ckanext.kranj.catalogue.code_lists import use_own_lists
from ckanext.kranj.catalogue.facets import KranjFacets
from ckanext.kranj.catalogue.form import KranjDatasetForm
from ckanext.kranj.catalogue.hooks import KranjDatasetHooks
from ckanext.kranj.catalogue.licences import use_eu_licences


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
@tk.blanket.validators
class KranjPlugin(KranjLabels, KranjDatasetHooks, KranjFacets, KranjDatasetForm, p.IConfigurer):
    """Schema on form and API, internal block, rule of the switch, permission labels."""

    def update_config(self, config: CKANConfig) -> None:
        """Add templates and the licence list; scheming reads the schema."""
        use_own_lists()
        super().update_config(config)
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "kranj")
        use_eu_licences(config)
