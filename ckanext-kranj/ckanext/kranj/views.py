"""The routes of the plugin ``kranj``, as CKAN's blanket looks for them."""

from ckanext.kranj.access.edge import blueprint as access
from ckanext.kranj.approval.views import blueprint as approval
from ckanext.kranj.audit.views import blueprint as audit
from ckanext.kranj.retention.views import blueprint as retention

__all__ = ["access", "approval", "audit", "retention"]
