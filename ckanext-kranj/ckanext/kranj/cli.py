"""``ckan kranj …``: what operators do with the catalogue. Other capabilities add their own sub-commands here."""

from __future__ import annotations

import json

import click

import ckan.plugins.toolkit as tk

from ckanext.kranj.access import reindex as notes
from ckanext.kranj.approval.cli import publish
from ckanext.kranj.audit.cli import audit
from ckanext.kranj.catalogue import city, heirs, report
from ckanext.kranj.catalogue.code_lists import vocabulary_group
from ckanext.kranj.retention.cli import retention


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
@click.option("--by-organization", is_flag=True, help="Count for each organisation.")
def check(as_json: bool, by_organization: bool) -> None:
    """Judge every stored dataset with its internal block by today's standard; exit status 1 when one has an error."""
    found = list(report.problems())
    errors = sum(item["severity"] == "error" for item in found)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for key, count in report.counted(found, by_organization=by_organization):
            click.echo(f"{key[0]:8} {key[1]:32} {' '.join(key[2:])} {count}")
        click.echo(f"{len(found)} problems, {errors} of them errors")
    if errors:
        raise SystemExit(1)


@kranj.command("heirs")
def renew_heirs() -> None:
    """Let datasets follow changed defaults of organisations where no job did; exit status 1 when one could not."""
    refused = 0
    for organization in heirs.waiting():
        found = heirs.work(organization)
        refused += len(found["refused"])
        click.echo(f"{organization}: {found['renewed']} of {found['looked_at']} datasets renewed")
        for identifier, why in found["refused"].items():
            click.echo(f"  {identifier} keeps the former value: {why}")
    if refused:
        raise SystemExit(1)


@kranj.command()
@click.option("--json", "as_json", is_flag=True, help="Print every finding as JSON.")
def systems(as_json: bool) -> None:
    """What is wrong with systems and with where datasets say they lie; exit status 1 when there is anything."""
    found = tk.get_action("kranj_system_findings")({"ignore_auth": True}, {})
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for item in found:
            where = " / ".join(filter(None, (item["title"], item["dataset_title"], item["location"])))
            click.echo(f"{item['code']:32} {where}: {item['message']} {item['remedy']}")
        click.echo(f"{len(found)} findings")
    if found:
        raise SystemExit(1)


kranj.add_command(vocabulary_group)
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
