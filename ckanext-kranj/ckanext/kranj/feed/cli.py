"""``ckan kranj feed``: look at the feed from the operator's side."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from ckan import model

from ckanext.kranj import config as kranj_config

from harvesters.http import Session

from . import guard, inspection, mqa, quality, triggers
from . import links as link_checks
from .config import feed_config
from .pages import page_document
from .render import BATCH, mark_everything, render
from .serialise import FORMATS
from .shapes import Finding
from .store import Page, Reader, read


@click.group()
def feed() -> None:
    """The DCAT-AP feed."""


@feed.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def status(as_json: bool) -> None:
    """How the feed is: datasets, work left, faults, guard; exit status 1 when somebody has to look."""
    found = inspection.status(feed_config())
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, default=str))
    else:
        for key, value in found.items():
            click.echo(f"{key:14} {value}")
    sys.exit(1 if found["closed"] or found["broken"] or not found["attached"] else 0)


@feed.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "name", type=click.Choice(list(FORMATS)), default="ttl", help="How to write the RDF.")
def dump(folder: Path, name: str) -> None:
    """Write every page of the feed into FOLDER (page-0001.ttl, …), exactly as the portal answers it."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for page, body, datasets in _pages(name):
        target = folder / f"page-{page.paging.number:04d}.{name}"
        target.write_bytes(body)
        count += datasets
        click.echo(f"{target}: {datasets}")
    click.echo(f"{count} datasets")


@feed.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option(
    "--shapes",
    type=click.Path(exists=True, dir_okay=True, path_type=Path),
    help="Folder or file with SHACL shapes to check against too (needs the package pyshacl).",
)
@click.option("--links", type=int, default=0, help="Ask at most this many addresses first whether they answer.")
def check(as_json: bool, shapes: Path | None, links: int) -> None:
    """Read the feed as a harvester would and judge it; exit status 1 when there is a finding.

    Every page must render, every public dataset must occur once, no value may have been left out, what is stored must
    be what the rows say, and every dataset must conform to DCAT-AP. Points (MQA) are computed and kept for the page of
    stewards; with --links addresses that were not asked for a week are asked, gently.
    """
    settings = feed_config()
    if links:
        with Session(allowed_hosts=kranj_config.reachable_hosts()) as session:
            asked = link_checks.check(link_checks.addresses(settings), session.status, links)
        click.echo(f"{len(asked)} addresses asked, {sum(not one for one in asked.values())} do not answer", err=True)
    datasets, findings = inspection.check(settings, (body for _, body, _ in _pages("ttl")), shapes)
    scores = quality.judge(settings)
    findings += [Finding(**finding) for row in quality.stored() for finding in row["findings"]]
    mean = round(sum(one.points for one in scores) / len(scores), 1) if scores else 0.0
    best = [
        {"metric": metric.name, "datasets": count, "points": points, **metric.fix}
        for metric, count, points in mqa.gains(scores)
    ]
    if as_json:
        found = {"datasets": datasets, "findings": [vars(one) for one in findings], "mqa": mean, "gains": best}
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for one in findings:
            click.echo(f"{one.node}  {one.field}: {one.message}")
        for one in best[:10]:
            click.echo(f"{one['points']:>6} points in {one['datasets']} datasets: {one['sl']} / {one['en']}")
        click.echo(f"{datasets} datasets, {len(findings)} findings, {mean} of {mqa.TOTAL} points on average")
    sys.exit(1 if findings else 0)


@feed.command()
@click.option("--all", "everything", is_flag=True, help="Every dataset, not only what changed.")
def rebuild(everything: bool) -> None:
    """Render what changed, or with --all everything: after a restored backup or rows written past CKAN.

    Numbers of datasets never change, and a dataset whose description did not change keeps its date.
    """
    if everything:
        mark_everything(feed_config(), urgent=False)
    click.echo(f"{_render_all()} changes rendered")


@feed.command()
def confirm() -> None:
    """Open the feed again after datasets disappeared for a reason that nobody recorded."""
    with model.meta.engine.begin() as connection:
        count = guard.confirm(connection)
    click.echo(f"{count} losses confirmed")


@feed.command()
def detach() -> None:
    """Before the plugin is left out: take the feed's triggers and index off CKAN's tables.

    Numbers, dates and tombstones stay for the day it comes back. Stop the portal first.
    """
    with model.meta.engine.begin() as connection:
        triggers.detach(connection)
    click.echo("Saves no longer mark changes for the feed; ckan kranj feed attach brings it back")


@feed.command()
def attach() -> None:
    """Put triggers and index back and render everything that changed meanwhile."""
    with model.meta.engine.begin() as connection:
        triggers.attach(connection)
    mark_everything(feed_config(), urgent=True)
    click.echo(f"{_render_all()} changes rendered")


def _render_all() -> int:
    settings, count = feed_config(), 0
    while True:
        taken = render(settings, everything=True)
        count += taken
        if taken < BATCH:
            return count


def _pages(name: str) -> Iterator[tuple[Page, bytes, int]]:
    """The pages in the order in which a harvester follows them, each from one snapshot."""
    settings = feed_config()
    number: int | None = 1
    while number:
        wanted = number

        def ask(reader: Reader, wanted: int = wanted) -> tuple[Page, bytes, int]:
            page = reader.page(wanted, name)
            front, pieces = page.content()
            return page, page_document(front, page.paging, pieces, name), len(pieces)

        page, body, datasets = read(settings, ask)
        yield page, body, datasets
        number = page.paging.following
