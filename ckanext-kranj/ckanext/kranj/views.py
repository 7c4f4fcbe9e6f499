"""The routes of the plugin ``kranj``, as CKAN's blanket looks for them; those that guard every request come first."""

from ckanext.kranj.access.edge import blueprint as access
from ckanext.kranj.access.headers import blueprint as headers
from ckanext.kranj.access.sitemap import blueprint as sitemap
from ckanext.kranj.access.throttle import blueprint as throttle
from ckanext.kranj.approval.views import blueprint as approval
from ckanext.kranj.audit.views import blueprint as audit
from ckanext.kranj.request.views import blueprint as request
from ckanext.kranj.retention.views import blueprint as retention

__all__ = ["access", "headers", "throttle", "approval", "audit", "request", "retention", "sitemap"]  # noqa: RUF022 the order of the guards
