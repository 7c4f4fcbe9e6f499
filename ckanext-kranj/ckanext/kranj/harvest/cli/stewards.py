"""Commands with which people answer what harvesting asks."""

from __future__ import annotations

import json

import click

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.harvest import decisions, overview, restoring, sources
from ckanext.kranj.harvest.cli.group import AS_JSON, harvest
from ckanext.kranj.harvest.model import HarvestRecord

from harvesters.errors import HarvestError


@harvest.command("approve")
@click.argument("source")
@click.option("--reject", is_flag=True, help="Keep what is missing, and let renamed records be new ones.")
@click.option("--user", default="command line", help="Who decides; kept with the decision.")
def approve(source: str, reject: bool, user: str) -> None:
    """Do what the last run of SOURCE asked about: archive what is missing, accept renamed identifiers."""
    try:
        run = decisions.waiting(sources.find(source).id)
    except HarvestError as error:
        raise click.ClickException(str(error)) from error
    if run is None:
        click.echo(f"{source}: nothing waits for a decision")
        return
    done = decisions.decide(run, user, accept=not reject)
    click.echo(f"{source}: {done['archived']} archived, {done['renamed']} renamed")


@harvest.command("findings")
@click.argument("source", required=False)
@click.option("--kind", multiple=True, type=click.Choice(overview.KINDS), help="Only these kinds.")
@AS_JSON
def findings(source: str | None, kind: tuple[str, ...], as_json: bool) -> None:
    """Everything that waits for a person, of SOURCE or of every source."""
    asked = {**({"source": source} if source else {}), **({"kind": list(kind)} if kind else {})}
    try:
        rows = tk.get_action("kranj_harvest_finding_list")(sources.context(), asked)
    except tk.ObjectNotFound as error:
        raise click.ClickException(str(sources.UnknownSource(str(source)))) from error
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    for row in () if as_json else rows:
        click.echo(f"{row['source']:24} {row['kind']:16} {row['message']} {row['remedy']}")


@harvest.command("release")
@click.argument("dataset")
@click.argument("fields", nargs=-1)
def release(dataset: str, fields: tuple[str, ...]) -> None:
    """Give the FIELDS of DATASET, or all of them, back to its source: the next run writes the source's values."""
    package = model.Package.get(dataset)
    given = decisions.release(package.id, fields) if package else []
    click.echo(f"{dataset}: {', '.join(given) or 'no field is a steward’s'}")


@harvest.command("restore")
@click.argument("dataset")
@click.option("--let-go", is_flag=True, help="Let the source decide about it again.")
def restore(dataset: str, let_go: bool) -> None:
    """Bring DATASET back that its source no longer has; no run withdraws it again until it is let go."""
    package = model.Package.get(dataset)
    row = model.Session.query(HarvestRecord).filter_by(package_id=package.id).first() if package else None
    if row is None:
        raise click.ClickException(f"{dataset}: no source has such a dataset")
    decision = restoring.LET_GO if let_go else restoring.RESTORE
    asked = {"source": row.source_id, "guids": [row.guid], "decision": decision}
    click.echo(json.dumps(tk.get_action("kranj_harvest_restore")(sources.context(), asked)))
