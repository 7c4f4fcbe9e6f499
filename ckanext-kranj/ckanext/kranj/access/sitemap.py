"""What search engines are told: public descriptions only, from the database."""

from __future__ import annotations

from xml.sax.saxutils import escape

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access.labels import visible_to

blueprint = Blueprint("kranj_sitemap", __name__)

MOST = 50_000
"""Addresses in one sitemap (sitemaps.org)."""


@blueprint.route("/sitemap.xml")
def sitemap() -> Response:
    """Addresses of public descriptions, the same for everybody."""
    site = tk.config["ckan.site_url"].rstrip("/")
    rows = (
        model.Session.query(model.Package.name, model.Package.metadata_modified)
        .filter(visible_to(None))
        .order_by(model.Package.metadata_modified.desc())
        .limit(MOST)
    )
    body = "".join(
        f"<url><loc>{escape(f'{site}/dataset/{name}')}</loc><lastmod>{changed.date().isoformat()}</lastmod></url>\n"
        for name, changed in rows
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return Response(f"{head}{body}</urlset>\n", content_type="application/xml; charset=utf-8")
