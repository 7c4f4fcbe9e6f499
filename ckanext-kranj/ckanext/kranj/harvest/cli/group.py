"""The group of commands, and what several of them take."""

from __future__ import annotations

import click

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def harvest() -> None:
    """Read descriptions from the city's systems."""
