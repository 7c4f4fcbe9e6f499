"""``ckan kranj retention …``: the plan, and what each day asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from ckan import model

from ckanext.kranj import config
from ckanext.kranj.retention import digest as mails
from ckanext.kranj.retention import flow, plan


@click.group()
def retention() -> None:
    """How long data are kept."""


@retention.command("import-plan")
@click.argument("file", type=click.File(encoding="utf-8"))
def import_plan(file: Any) -> None:
    """Take over a classification plan: CSV with sign, title, retention_kind and what belongs to it."""
    try:
        rows = plan.read(file)
    except plan.PlanError as error:
        raise click.ClickException(f"Nothing was taken over: {error}.") from error
    counts = plan.store(rows, datetime.now(tz=UTC).date())
    model.Session.commit()
    click.echo(", ".join(f"{name} {count}" for name, count in counts.items()))


@retention.command()
def daily() -> None:
    """Open decisions that are due, forget old contents of changes, name stubs that may go; safe to repeat."""
    today = datetime.now(tz=UTC).date()
    click.echo(f"{flow.refresh(today)} decisions opened, {flow.forget_content(today)} contents forgotten")
    for identifier in flow.old_stubs(today):
        click.echo(f"stub may go: {identifier}")
    old = flow.old_entries(today)
    if old:
        click.echo(f"audit: {old} entries are older than {config.keep_audit()}; export them and hand them over")


@retention.command()
def digest() -> None:
    """Tell stewards by e-mail how many periods ended or will; once a week."""
    click.echo(f"{mails.send(datetime.now(tz=UTC).date())} people told")
