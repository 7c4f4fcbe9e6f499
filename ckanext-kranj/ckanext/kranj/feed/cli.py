"""``ckan kranj feed``: look at the feed from the operator's side."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from .config import feed_config
from .pages import catalogue_page, faults
from .serialise import FORMATS
from .shapes import Finding, violations
from .store import Page, read_page


@click.group()
def feed() -> None:
    """The DCAT-AP feed."""


@feed.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--format", "name", type=click.Choice(list(FORMATS)), default="ttl", help="How to write the RDF.")
def dump(folder: Path, name: str) -> None:
    """Write every page of the feed into FOLDER (page-0001.ttl, …), exactly as the portal answers it."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for page in _pages(name):
        target = folder / f"page-{page.paging.number:04d}.{name}"
        target.write_bytes(catalogue_page(page.content, feed_config(), page.paging, name))
        count += len(page.content.datasets)
        click.echo(f"{target}: {len(page.content.datasets)}")
    click.echo(f"{count} datasets")


@feed.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option(
    "--shapes",
    type=click.Path(exists=True, dir_okay=True, path_type=Path),
    help="Folder or file with SHACL shapes to check against too (needs the package pyshacl).",
)
def check(as_json: bool, shapes: Path | None) -> None:
    """Read the feed as a harvester would and judge it; exit status 1 when there is a finding.

    Every page must render, every public dataset must occur once, no value may have been left out.
    """
    settings = feed_config()
    findings: list[Finding] = []
    seen: Counter[str] = Counter()
    total = 0
    for page in _pages("ttl"):
        seen.update(dataset["id"] for dataset in page.content.datasets)
        total = page.paging.total
        findings += [Finding(fault.dataset, fault.field, fault.reason) for fault in faults(page.content, settings)]
        if shapes is not None:
            findings += violations(catalogue_page(page.content, settings, page.paging, "ttl"), shapes)
    findings += [Finding(one, "", f"occurs {times} times") for one, times in seen.items() if times > 1]
    if len(seen) != total:
        findings.append(Finding("", "", f"{total} datasets announced, {len(seen)} found; edited meanwhile?"))
    if as_json:
        click.echo(json.dumps({"datasets": len(seen), "findings": [vars(one) for one in findings]}, ensure_ascii=False))
    else:
        for one in findings:
            click.echo(f"{one.node}  {one.field}: {one.message}")
        click.echo(f"{len(seen)} datasets, {len(findings)} findings")
    sys.exit(1 if findings else 0)


def _pages(name: str) -> Iterator[Page]:
    """The pages in the order in which a harvester follows them."""
    settings = feed_config()
    number: int | None = 1
    while number:
        page = read_page(number, settings.page_size, f"{settings.site_url}/catalog.{name}", settings.publisher)
        yield page
        number = page.paging.following
