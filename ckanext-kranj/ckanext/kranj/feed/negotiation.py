"""Permanent identifiers lead to their description: CKAN's own pages answer in RDF to whoever asks for RDF.

``<base>/dataset/<id>``, its resources, ``<base>/dataset_series/<id>`` and ``<base>/organization/<id>`` are addresses of
CKAN's pages. A person gets the page; a machine that prefers an RDF type gets the document of the feed, without a
redirect.
"""

from __future__ import annotations

from typing import Any

from flask import Response, request

import ckan.plugins as p

from .early import Early
from .serialise import FORMATS

HTML = "text/html"
RDF_TYPES = {FORMATS[name].content_type: name for name in ("ttl", "rdf", "jsonld", "nt")}
# Endpoint of CKAN: which of its arguments names the dataset, the series or the organisation.
DATASETS = {"dataset.read": "id", "dataset_resource.read": "id", "resource.read": "id"}
SERIES = {"dataset_series.read": "id"}
ORGANIZATIONS = {"organization.read": "id"}
DESCRIBED = {**DATASETS, **SERIES, **ORGANIZATIONS}


def wanted() -> str | None:
    """The RDF format that the client prefers to a page; None for people."""
    best = request.accept_mimetypes.best_match([HTML, *RDF_TYPES])
    return RDF_TYPES.get(best or "")


def negotiate() -> Response | None:
    """Before CKAN's view: answer in the view's place when RDF is asked for."""
    if request.endpoint not in DESCRIBED or request.method not in ("GET", "HEAD"):
        return None
    from .views import dataset, organization, series

    for endpoints, view in ((DATASETS, dataset), (SERIES, series), (ORGANIZATIONS, organization)):
        argument = endpoints.get(request.endpoint or "")
        if argument and (name := wanted()):
            response = view(str((request.view_args or {})[argument]), name)
            response.vary.add("Accept")
            return response
    return None


def vary(response: Response) -> Response:
    """After CKAN's view: tell caches that the page has other forms."""
    if request.endpoint in DESCRIBED:
        response.vary.add("Accept")
    return response


class KranjFeedNegotiation(p.IMiddleware):
    """IMiddleware of the plugin ``kranj_feed``."""

    def make_middleware(self, app: Any, config: Any) -> Any:
        """Put negotiation around CKAN's views, and the short way to ready pages in front of them."""
        app.before_request(negotiate)
        app.after_request(vary)
        app.wsgi_app = Early(app.wsgi_app)
        return app
