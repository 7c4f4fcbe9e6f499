"""``ckan kranj approvals``: what the day asks for."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from ckanext.kranj.approval import flow


@click.command()
def publish() -> None:
    """Carry out approved proposals whose day has come; safe to repeat. Exit status 1 when the standard refuses one."""
    done, refused = flow.carry_out_due(datetime.now(tz=UTC).date())
    click.echo(f"{done} carried out, {len(refused)} refused")
    for identifier in refused:
        click.echo(identifier)
    if refused:
        raise SystemExit(1)
