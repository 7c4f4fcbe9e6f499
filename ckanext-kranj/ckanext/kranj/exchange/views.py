"""``/standard``: the check for suppliers, the template, the schemas, the lists that the law asks for, Excel out."""

from __future__ import annotations

import io
from importlib.resources import files as resources
from typing import Any

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk

from ckanext.kranj.exchange import files
from ckanext.kranj.exchange.statutory import LISTS

from schemas.exchange import write_template
from schemas.exchange.reading import LARGEST

blueprint = Blueprint("kranj_exchange", __name__)
SCHEMAS = ("record.json", "internal.json")


def _context() -> dict[str, Any]:
    return {"user": tk.g.user, "auth_user_obj": tk.g.userobj}


def download(name: str, content: bytes) -> Response:
    """A file to keep; its ending tells the type."""
    ending = name.rpartition(".")[2]
    answer = Response(content, content_type=files.TYPES[ending])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.route("/standard/preveri", methods=["GET", "POST"])
def check() -> Any:
    """Check a file without an account; nothing is stored."""
    result = None
    upload = tk.request.files.get("file")
    if upload:
        sent = io.BytesIO(upload.stream.read(LARGEST + 1))
        result = tk.get_action("kranj_check")(_context(), {"name": upload.filename or "", "content": sent})
    return tk.render("kranj_exchange/check.html", {"result": result, "lists": LISTS})


@blueprint.route("/standard/predloga.xlsx")
def template() -> Response:
    """The empty workbook."""
    return download("predloga.xlsx", write_template())


@blueprint.route("/standard/<name>")
def schema(name: str) -> Any:
    """The JSON Schemas."""
    if name not in SCHEMAS:
        return tk.abort(404)
    return Response((resources("schemas") / name).read_bytes(), content_type=files.TYPES["json"])


@blueprint.route("/standard/izvoz/<kind>.<ending>")
def statutory_list(kind: str, ending: str) -> Any:
    """A list that the law asks for, of what the visitor may see."""
    if kind not in LISTS or ending not in ("csv", "xlsx"):
        return tk.abort(404)
    return download(f"{kind}.{ending}", files.statutory_list(_context(), kind, ending))


@blueprint.route("/standard/zbirke.xlsx")
def workbook() -> Any:
    """A search result as a workbook; of what the visitor may see, and for people with an account only."""
    if not tk.g.user:
        return tk.abort(404)
    content = files.workbook(_context(), tk.request.args.get("q", ""), tk.request.args.get("fq", ""))
    return download("zbirke.xlsx", content)
