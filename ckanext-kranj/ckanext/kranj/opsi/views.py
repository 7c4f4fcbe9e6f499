"""Routes for the national portal: five of CKAN's old REST API, read-only, and the form of its content editors.

The routes are those that a ckanext-harvest of before 2015 calls (OPSI's catalogue is a CKAN 2.2): the list of packages,
a package, revisions since a moment, a revision, a group. A revision is the last change of a dataset in the feed.
Public spatial layers also leave as records of ISO 19139.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from flask import Blueprint, Response, request

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.exchange.statutory import as_csv, as_xlsx, table

from . import iso, public

kranj_opsi = Blueprint("kranj_opsi", __name__)

SWITCHES = {
    "form": "kranj.opsi.form",
    **dict.fromkeys(("spatial", "spatial_folder", "spatial_record"), "kranj.opsi.iso"),
}
"""Route -> the option that switches it; the others belong to the old REST API."""
FILES = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
LONGEST = 1000
"""Revisions in one answer; an old harvester that gets fewer than there were asks for the full list by itself."""

_SINCE = sa.text("SELECT seq FROM kranj_feed_record WHERE live AND changed_at > :since ORDER BY seq LIMIT :limit")
_REVISION = sa.text("SELECT package_id, changed_at FROM kranj_feed_record WHERE live AND seq = :seq")


@kranj_opsi.before_request
def switched() -> Response | None:
    """A switched-off exit is not there."""
    key = SWITCHES.get((request.endpoint or "").rpartition(".")[2], "kranj.opsi.rest")
    return None if tk.config[key] else _json("Not found", 404)


@kranj_opsi.route("/opsi/zbirke.<any(csv, xlsx):name>")
def form(name: str) -> Response:
    """The 18 statutory fields of every public description: the list ``uredba``, whoever asks."""
    make, kind = FILES[name]
    told = ({**one, "owner_title": one["organization"]["title"], "page": one["landing"]} for one in public.datasets())
    response = Response(make(table("uredba", told)), content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="opsi-zbirke.{name}"'
    return response


@kranj_opsi.route("/opsi/prostor.xml")
def spatial() -> Response:
    """Every public spatial layer as a record of ISO 19139, in one document."""
    return _xml(iso.document(public.datasets(), datetime.now(UTC)))


@kranj_opsi.route("/opsi/prostor/")
def spatial_folder() -> Response:
    """The same records as a folder of files (WAF), for harvesters that follow links."""
    names = [f"{one['id']}.xml" for one in public.datasets() if one.get("dataset_kind") == iso.SPATIAL]
    links = "".join(f'<li><a href="{quote(name)}">{escape(name)}</a></li>' for name in names)
    return Response(f'<!DOCTYPE html><html lang="sl"><title>/opsi/prostor/</title><ul>{links}</ul></html>')


@kranj_opsi.route("/opsi/prostor/<identifier>.xml")
def spatial_record(identifier: str) -> Response:
    """The record of one public spatial layer."""
    found = public.show(identifier)
    if not found or found.get("dataset_kind") != iso.SPATIAL:
        return _json("Not found", 404)
    return _xml(iso.single(found))


@kranj_opsi.route("/api/2/rest/package")
@kranj_opsi.route("/api/2/rest/dataset")
def packages() -> Response:
    """Ids of all public datasets."""
    return _json(public.identifiers())


@kranj_opsi.route("/api/2/rest/package/<identifier>")
@kranj_opsi.route("/api/2/rest/dataset/<identifier>")
def package(identifier: str) -> Response:
    """One public dataset in the shape of version 2."""
    found = public.show(identifier)
    return _json(_version_2(found)) if found else _json("Not found", 404)


@kranj_opsi.route("/api/2/search/revision")
def revisions() -> Response:
    """Revisions since a moment; 400 makes an old harvester fall back to the full list."""
    try:
        since = datetime.fromisoformat(request.args.get("since_time", ""))
    except ValueError:
        return _json("Bad request - since_time must be a moment in ISO 8601", 400)
    if not p.plugin_loaded("kranj_feed"):
        return _json("Bad request - revisions are not kept here", 400)
    since = since if since.tzinfo else since.replace(tzinfo=UTC)
    _up_to_date()
    found = list(model.Session.execute(_SINCE, {"since": since, "limit": LONGEST + 1}).scalars())
    if len(found) > LONGEST:
        return _json("Bad request - too many revisions, read the full list", 400)
    return _json([str(one) for one in found])


@kranj_opsi.route("/api/2/rest/revision/<identifier>")
def revision(identifier: str) -> Response:
    """Which dataset a revision changed."""
    known = p.plugin_loaded("kranj_feed") and identifier.isascii() and identifier.isdigit() and len(identifier) < 18
    found = model.Session.execute(_REVISION, {"seq": int(identifier)}).one_or_none() if known else None
    shown = public.show(found.package_id) if found else None
    if not found or not shown:
        return _json("Not found", 404)
    told = {"id": identifier, "timestamp": found.changed_at.isoformat(), "message": "", "author": None}
    return _json({**told, "packages": [shown["id"]], "groups": []})


@kranj_opsi.route("/api/2/rest/group/<identifier>")
def group(identifier: str) -> Response:
    """An organisation or a content area, with the public datasets in it."""
    for action in ("organization_show", "group_show"):
        try:
            found = tk.get_action(action)({"user": ""}, {"id": identifier, "include_users": False})
        except (tk.ObjectNotFound, tk.NotAuthorized):
            continue
        keys = ("id", "name", "title", "description", "created", "state", "image_url", "type")
        field = "owner_org" if action == "organization_show" else "content_area"
        wanted = found["id"] if action == "organization_show" else found["name"]
        inside = [one["id"] for one in public.datasets() if wanted in (one.get(field) or ())]
        return _json({**{key: found.get(key) for key in keys}, "extras": {}, "packages": inside})
    return _json("Not found", 404)


def _up_to_date() -> None:
    """Have what changed rendered, as every reader of the feed does."""
    from ckanext.kranj.feed.config import feed_config
    from ckanext.kranj.feed.store import read

    read(feed_config(), lambda reader: None)


def _version_2(dataset: dict[str, Any]) -> dict[str, Any]:
    plain = (
        "id", "name", "title", "notes", "url", "version", "author", "author_email", "maintainer", "maintainer_email",
        "state", "license_id", "isopen", "metadata_created", "metadata_modified", "type",
    )  # fmt: skip
    of_resource = (
        "id", "name", "description", "url", "format", "mimetype", "size", "hash", "created", "last_modified",
        "position",
    )  # fmt: skip
    contact = next(iter(dataset.get("contact") or ()), {})
    extras = {
        key: dataset.get(key) for key in ("podrocje", "open_data", "frequency", "issued", "modified", "identifier")
    }
    return {
        **{key: dataset.get(key) for key in plain},
        "url": dataset.get("url") or f"{tk.config['ckan.site_url'].rstrip('/')}/dataset/{dataset['name']}",
        "maintainer": contact.get("name"),
        "maintainer_email": contact.get("email"),
        "license": dataset.get("license_title"),
        "ckan_url": f"{tk.config['ckan.site_url'].rstrip('/')}/dataset/{dataset['name']}",
        "owner_org": dataset.get("owner_org"),
        "tags": (dataset.get("tags_translated") or {}).get("sl") or [],
        "groups": dataset.get("content_area") or [],
        "extras": {key: str(value) for key, value in extras.items() if value not in (None, "")},
        "resources": [{key: one.get(key) for key in of_resource} for one in dataset.get("resources", ())],
        "relationships": [],
    }


def _xml(body: bytes) -> Response:
    return Response(body, content_type="application/xml; charset=utf-8")


def _json(found: Any, status: int = 200) -> Response:
    text = json.dumps(found, ensure_ascii=False)
    return Response(text, status=status, content_type="application/json;charset=utf-8")
