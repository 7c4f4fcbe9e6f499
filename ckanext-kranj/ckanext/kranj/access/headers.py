"""Security headers of every answer, and no copies of what a person with an account was given."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, request

import ckan.plugins.toolkit as tk

blueprint = Blueprint("kranj_headers", __name__)

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
"""Content Security Policy of pages. Scripts come from files of the portal only; style attributes are CKAN's."""

WITH_HANDLERS = frozenset({
    "dataset.new", "dataset.edit", "resource.new", "resource.edit", "dataset_resource.new", "dataset_resource.edit",
    "group.new", "group.edit", "organization.new", "organization.edit", "user.edit",
})  # fmt: skip
"""Forms on which CKAN's upload field needs its handlers in attributes; only people with an account reach them."""

FILES = frozenset({"resource.download", "dataset_resource.download", "file.download", "file.trusted_download"})
"""What is given out here somebody uploaded: whatever it is, it must not act as a page of the portal."""

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
YEAR = 31_536_000


@blueprint.before_app_request
def keep_private() -> None:
    """CKAN marks every answer ``public``; one that was made for an account must not stay in a cache on the way."""
    if tk.current_user.is_authenticated:
        request.environ["__no_cache__"] = True


@blueprint.after_app_request
def protect(response: Response) -> Response:
    """Set the headers; what the view set itself stays."""
    given = {name.lower() for name, _ in response.headers}
    missing = protections(request.endpoint, secure=request.is_secure)
    response.headers.extend((name, value) for name, value in missing.items() if name.lower() not in given)
    if request.environ.get("__no_cache__"):
        response.headers["Cache-Control"] = "no-store"
    return response


def protections(endpoint: Any, *, secure: bool) -> dict[str, str]:
    """The headers for an endpoint; ``secure`` says that the request came over TLS."""
    strict = {"Strict-Transport-Security": f"max-age={YEAR}"} if secure else {}
    return {**ALWAYS, "Content-Security-Policy": policy(endpoint), **strict}


@lru_cache(maxsize=1024)
def policy(endpoint: Any) -> str:
    """The Content Security Policy for an endpoint."""
    if endpoint in FILES:
        return "default-src 'none'; sandbox"
    parts = dict(POLICY)
    if endpoint in WITH_HANDLERS:
        parts["script-src-attr"] = "'unsafe-inline'"
    return "; ".join(f"{name} {value}" for name, value in parts.items())
