"""Pages and routes of the plugin ``kranj``, as CKAN's blanket looks for them; what guards every request comes first."""

from ckanext.kranj.access.edge import blueprint as access
from ckanext.kranj.access.headers import blueprint as headers
from ckanext.kranj.access.log import blueprint as kranj_log
from ckanext.kranj.access.mistakes import blueprint as kranj_mistakes
from ckanext.kranj.access.sitemap import blueprint as sitemap
from ckanext.kranj.access.throttle import blueprint as throttle
from ckanext.kranj.approval.views import blueprint as approval
from ckanext.kranj.audit.views import blueprint as audit
from ckanext.kranj.catalogue.adopt import blueprint as kranj_adopt
from ckanext.kranj.catalogue.dictionary.glossary import blueprint as kranj_glossary
from ckanext.kranj.catalogue.dictionary.views import blueprint as kranj_columns
from ckanext.kranj.catalogue.internal_page import blueprint as kranj_internal
from ckanext.kranj.catalogue.preview import blueprint as kranj_form
from ckanext.kranj.catalogue.report_page import blueprint as kranj_report
from ckanext.kranj.catalogue.systems.views import blueprint as kranj_systems
from ckanext.kranj.desk.views import blueprint as desk
from ckanext.kranj.login.session import blueprint as kranj_session
from ckanext.kranj.login.views import blueprint as login
from ckanext.kranj.request.views import blueprint as request
from ckanext.kranj.retention.views import blueprint as retention

__all__ = [  # noqa: RUF022 the order of the guards
    "kranj_log", "kranj_session", "access", "headers", "throttle", "kranj_mistakes", "approval", "audit", "desk",
    "kranj_adopt", "kranj_columns", "kranj_form", "kranj_glossary", "kranj_internal", "kranj_report", "kranj_systems",
    "login", "request", "retention", "sitemap",
]  # fmt: skip
