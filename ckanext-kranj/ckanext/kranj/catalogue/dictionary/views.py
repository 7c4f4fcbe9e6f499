"""The page of a data dictionary: read it, edit it, propose it from a file, take it out and in as CSV."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

import ckan.plugins.toolkit as tk

from ckanext.kranj.catalogue.complaints import parsed
from ckanext.kranj.catalogue.dictionary import tables
from ckanext.kranj.language import in_language

from schemas import column_fields
from schemas.dictionary import from_csv, to_csv
from schemas.exchange.reading import decoded
from schemas.headers import LARGEST, propose

blueprint = Blueprint("kranj_columns", __name__, url_prefix="/dataset/<package_id>/resource/<resource_id>")

SPARE = 3
"""Empty rows at the end of the table, so that columns are added without JavaScript."""


def _shown(package_id: str, resource_id: str) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    try:
        package = tk.get_action("package_show")({}, {"id": package_id})
        found = tk.get_action("kranj_columns_show")({}, {"id": resource_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404)
    resource = next((item for item in package["resources"] if item["id"] == resource_id), None)
    return (package, resource, found["columns"]) if resource is not None else tk.abort(404)


def _posted_columns() -> list[dict[str, str]]:
    names = [field.name for field in column_fields()]
    count = 1 + max((int(key.split("-")[1]) for key in tk.request.form if key.startswith("column-")), default=-1)
    rows = [{name: tk.request.form.get(f"column-{row}-{name}", "").strip() for name in names} for row in range(count)]
    return [row for row in rows if any(row.values())]


def page(package_id: str, resource_id: str) -> Any:
    """Read and edit; what comes from a file is shown first and saved by a second click."""
    package, resource, columns = _shown(package_id, resource_id)
    extra: dict[str, Any] = {"pkg_dict": package, "resource": resource, "dataset_type": "dataset", "fields": _fields()}
    errors: list[str] = []
    notices: list[dict[str, Any]] = []
    proposed = False
    editable = tk.h.check_access("kranj_columns_update", {"id": resource_id})
    if tk.request.method == "POST":
        if not editable:
            return tk.abort(403)
        upload = tk.request.files.get("file")
        if upload is not None and upload.filename:
            columns, errors = _from_file(upload, columns)
            proposed = not errors
        else:
            columns = _posted_columns()
            try:
                sent = {"id": resource_id, "columns": columns}
                notices = tk.get_action("kranj_columns_update")({}, sent)["notices"]
                if not notices:
                    return tk.redirect_to("kranj_columns.page", package_id=package["name"], resource_id=resource_id)
            except tk.ValidationError as error:
                errors = [f"{path}: {text}" for path, text in map(_split, _texts(error.error_dict))]
    return tk.render(
        "kranj/columns.html",
        {
            **extra, "columns": columns, "gone": tables.gone_of(resource_id),
            "errors": errors, "notices": notices, "proposed": proposed,
            "editable": editable, "spare": SPARE, "terms": tk.get_action("kranj_term_list")({}, {}),
        },
    )  # fmt: skip


def _fields() -> list[dict[str, Any]]:
    return [
        {"name": field.name, "label": field.label, "vocabulary": field.options.get("vocabulary"), "rule": field.rule}
        for field in column_fields()
    ]


def _texts(errors: dict[str, Any]) -> list[str]:
    return [text for texts in errors.values() for text in (texts if isinstance(texts, list) else [texts])]


def _split(text: str) -> tuple[str, str]:
    path, words, _ = parsed(text)
    return path.removeprefix("columns") or in_language("stolpci", "columns"), words


def _from_file(upload: Any, columns: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """Columns from an uploaded file: a dictionary as CSV, or a proposal that keeps what was said of known columns."""
    content = upload.read(LARGEST + 1)
    if tk.request.form.get("kind") == "dictionary":
        return from_csv(decoded(content)), []
    try:
        found = propose(upload.filename, content)
    except ValueError:
        return columns, [
            in_language(
                "Datoteke ni mogoče prebrati. Naložite CSV, XLSX, GeoJSON ali Parquet do 20 MB z naslovno vrstico.",
                "The file cannot be read. Upload CSV, XLSX, GeoJSON or Parquet of at most 20 MB with a header row.",
            )
        ]
    said = {column["name"]: column for column in columns}
    return [{**column, **said.get(column["name"], {})} for column in found], []


def as_csv(package_id: str, resource_id: str) -> Response:
    """The dictionary as a CSV file."""
    _, _, columns = _shown(package_id, resource_id)
    headers = {"Content-Disposition": f'attachment; filename="stolpci-{resource_id[:8]}.csv"'}
    return Response("\ufeff" + to_csv(columns), mimetype="text/csv", headers=headers)


blueprint.add_url_rule("/columns", endpoint="page", view_func=page, methods=["GET", "POST"])
blueprint.add_url_rule("/columns.csv", endpoint="as_csv", view_func=as_csv)
