"""``ckan kranj …``: what operators do with the catalogue. Other capabilities add their own sub-commands here."""

from __future__ import annotations

import json
from collections import Counter

import click

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access import reindex as notes
from ckanext.kranj.approval.cli import publish
from ckanext.kranj.audit.cli import audit
from ckanext.kranj.catalogue import city
from ckanext.kranj.retention.cli import retention

from schemas import validate


@click.group()
def kranj() -> None:
    """The data catalogue of the City of Kranj."""


@kranj.command()
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def setup(as_json: bool) -> None:
    """Create the city's organisations and content areas; those that exist are left as they are."""
    counts = city.set_up()
    click.echo(json.dumps(counts) if as_json else f"created {counts['created']}, already there {counts['existing']}")


@kranj.command()
@click.option("--json", "as_json", is_flag=True, help="Print every problem as JSON.")
def check(as_json: bool) -> None:
    """Judge every stored dataset by today's standard; exit status 1 when one has an error."""
    context = {"ignore_auth": True, "use_cache": False}
    found, errors = [], 0
    rows = model.Session.query(model.Package.id, model.Package.state).filter_by(type="dataset")
    for identifier, state in rows.filter(model.Package.state != "deleted").order_by(model.Package.id):
        dataset = tk.get_action("package_show")(dict(context), {"id": identifier})
        for problem in validate(
            city.judged(dataset), draft=state == "draft", internal=False, reachable=city.reachable()
        ):
            errors += problem.severity == "error"
            found.append({"id": identifier, "name": dataset["name"], **problem.as_dict()})
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for (severity, code), count in sorted(Counter((item["severity"], item["code"]) for item in found).items()):
            click.echo(f"{severity:8} {code:32} {count}")
        click.echo(f"{len(found)} problems, {errors} of them errors")
    if errors:
        raise SystemExit(1)


kranj.add_command(audit)
kranj.add_command(publish)
kranj.add_command(retention)


@kranj.command()
def reindex() -> None:
    """Mend the index of datasets whose save failed or was killed; the portal does so by itself within a minute."""
    click.echo(f"{notes.replay(older=0)} datasets indexed again")


def get_commands() -> list[click.Command]:
    """For CKAN's blanket."""
    return [kranj]


__all__ = ["kranj"]
