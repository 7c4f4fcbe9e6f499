"""The pages and routes of the plugin ``kranj``, as CKAN's blanket looks for them."""

from ckanext.kranj.access.edge import blueprint as access
from ckanext.kranj.approval.views import blueprint as approval
from ckanext.kranj.audit.views import blueprint as audit
from ckanext.kranj.catalogue.dictionary.views import blueprint as kranj_columns
from ckanext.kranj.catalogue.internal_page import blueprint as kranj_internal
from ckanext.kranj.catalogue.preview import blueprint as kranj_form
from ckanext.kranj.catalogue.systems.views import blueprint as kranj_systems

__all__ = ["access", "approval", "audit", "kranj_columns", "kranj_form", "kranj_internal", "kranj_systems"]
