"""``ckan kranj excel …``, ``ckan kranj export``, ``ckan kranj station``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from flask import current_app

import ckan.plugins.toolkit as tk

from ckanext.kranj.exchange import batches, files
from ckanext.kranj.exchange.statutory import LISTS

from schemas.exchange import write_template
from schemas.observations import nearest_station, standing

USER = click.option("--user", help="Name of the account whose rights hold; without it those of the operator.")
FILE = click.Path(path_type=Path)


def _context(user: str | None) -> dict[str, Any]:
    if user:
        return {"user": user}
    return {"user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]}


@click.group()
def excel() -> None:
    """Descriptions as a workbook: template, export, import with a preview, undo."""


@excel.command()
@click.argument("file", type=FILE)
def template(file: Path) -> None:
    """Write the empty workbook."""
    file.write_bytes(write_template())


@excel.command("export")
@click.argument("file", type=FILE)
@click.option("--query", default="", help="Search words.")
@click.option("--filter", "filters", default="", help="Filter of CKAN's search, such as organization:domplan.")
@USER
def export_workbook(file: Path, query: str, filters: str, user: str | None) -> None:
    """Write a search result as a workbook."""
    file.write_bytes(files.workbook(_context(user), query, filters))


@excel.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--apply", "apply", is_flag=True, help="Store what the table changes; without it only the plan is shown.")
@click.option("--json", "as_json", is_flag=True, help="Print every row as JSON.")
@USER
def import_workbook(file: Path, apply: bool, as_json: bool, user: str | None) -> None:
    """Compare a table with the catalogue, and store it with --apply; exit status 1 when a row is refused."""
    context = _context(user)
    with file.open("rb") as opened:
        batch = tk.get_action("kranj_batch_create")(dict(context), {"name": file.name, "content": opened})
    if apply:
        batch = tk.get_action("kranj_batch_apply")(dict(context), {"id": batch["id"], "wait": True})
    _say(batch, as_json=as_json)


@excel.command()
@click.argument("batch")
@USER
def undo(batch: str, user: str | None) -> None:
    """Put back what a batch changed."""
    _say(tk.get_action("kranj_batch_undo")(_context(user), {"id": batch, "wait": True}), as_json=False)


@excel.command()
@click.argument("batch")
def resume(batch: str) -> None:
    """Go on with a batch whose job was stopped."""
    click.echo(json.dumps(batches.work(batch), ensure_ascii=False))


def _say(batch: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(batch, ensure_ascii=False))
    else:
        click.echo(f"{batch['id']} {batch['state']} {batch['rows']} {batch['progress']}")
        for row in batch["result"]:
            for problem in row["problems"]:
                click.echo(f"{row['row']}: {problem['path']}: {problem['text']['sl']} [{problem['code']}]")
    if batch["problems"] or batch["rows"].get("refused") or batch["progress"].get("failed"):
        raise SystemExit(1)


@click.command()
@click.argument("kind", type=click.Choice(list(LISTS)))
@click.argument("file", type=FILE)
@USER
def export(kind: str, file: Path, user: str | None) -> None:
    """Write a list that the law asks for; the ending of FILE (csv, xlsx) tells the format."""
    with current_app.test_request_context():
        file.write_bytes(files.statutory_list(_context(user), kind, file.suffix.removeprefix(".").lower()))


@click.command()
@click.argument("lon", type=float)
@click.argument("lat", type=float)
@click.argument("observed", default="")
def station(lon: float, lat: float, observed: str) -> None:
    """The nearest public measuring station to a planned measuring point."""
    found, distance = nearest_station(lon, lat, observed)
    click.echo(f"{found['name']} ({found['network']}): {distance} km; {standing(found)}")
