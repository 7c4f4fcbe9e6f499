"""``ckan kranj audit …``: is the audit whole, what does it say, where was it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ckanext.kranj.audit import chain, record


@click.group()
def audit() -> None:
    """The record of who did what."""


def _anchors(path: Path | None) -> list[chain.Anchor]:
    if path is None:
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [chain.Anchor(row["position"], row["hash"]) for row in rows]


@audit.command()
@click.option("--anchors", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="File of noted states.")
@click.option("--json", "as_json", is_flag=True, help="Print the faults as JSON.")
def verify(anchors: Path | None, as_json: bool) -> None:
    """Walk the whole chain; exit status 1 when an entry was changed, removed or put in."""
    chain.seal()
    count, faults = chain.verify(_anchors(anchors))
    if as_json:
        click.echo(json.dumps({"entries": count, "faults": [vars(fault) for fault in faults]}))
    else:
        for fault in faults:
            click.echo(f"{fault.code:9} position {fault.position or '-'}  entry {fault.audit_id or '-'}")
        click.echo(f"{count} entries, {len(faults)} faults")
    if faults:
        sys.exit(1)


@audit.command()
@click.option("--since", default=0, help="Only entries after this position.")
@click.option(
    "--output", type=click.File("w", encoding="utf-8"), default="-", help="File to write; default: the screen."
)
def export(since: int, output: Any) -> None:
    """Write sealed entries as JSON, one a line; that it was done is an entry itself."""
    chain.seal()
    count = 0
    for entry in chain.entries(since):
        output.write(json.dumps(entry, ensure_ascii=False) + "\n")
        count += 1
    record.note("export", "export", "audit", str(count), fields={"since": since, "entries": count})
    click.echo(f"{count} entries", err=True)


@audit.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def anchor(file: Path) -> None:
    """Add the present state of the chain to a file that is kept elsewhere; run it daily."""
    chain.seal()
    state = chain.head()
    line = {"at": datetime.now(tz=UTC).isoformat(), "position": state.position, "hash": state.hash}
    with file.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")
    click.echo(f"position {state.position}  {state.hash}")
