"""Commands about sources: adding, listing, trying, pausing them."""

from __future__ import annotations

import json
from typing import Any

import click

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.harvest import decisions, events, gallery, runner, schedule, sources, state
from ckanext.kranj.harvest.cli.group import AS_JSON, harvest
from ckanext.kranj.harvest.model import HarvestRun

from harvesters.errors import HarvestError


@harvest.command("add-presets")
@click.option("--demo", "demo_url", metavar="URL", help="Address of the demonstration server.")
@click.argument("presets", nargs=-1)
@AS_JSON
def add_presets(demo_url: str | None, presets: tuple[str, ...], as_json: bool) -> None:
    """Create the sources of all enabled presets, or of the PRESETS named."""
    try:
        done = sources.add_presets(demo_url, presets)
    except HarvestError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(done))
    for slug, what in () if as_json else done.items():
        click.echo(f"{what:10} {slug}")


@harvest.command("list")
@AS_JSON
def list_sources(as_json: bool) -> None:
    """Show the sources and how their last run ended."""
    rows: list[dict[str, Any]] = []
    for source, name in sources.all_ours():
        last = (
            model.Session.query(HarvestRun).filter_by(source_id=source.id).order_by(HarvestRun.started.desc()).first()
        )
        rows.append(
            {
                "name": name,
                "type": source.type,
                "url": source.url,
                "frequency": source.frequency,
                "last_run": last.started.isoformat() if last else None,
                "complete": last.complete if last else None,
                "counts": last.counts if last else {},
                "reason": last.reason if last else "",
            }
        )
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        state = {None: "not run yet", True: "complete", False: f"incomplete: {row['reason']}"}[row["complete"]]
        click.echo(f"{row['name']:24} {row['type']:12} {row['frequency']:8} {state}  {row['url']}")


@harvest.command("add")
@click.argument("slug")
@click.option("--type", "kind", required=True, help="Connector: dcat, gbfs, …")
@click.option("--url", required=True, help="Where the source is.")
@click.option("--owner", required=True, help="Organisation that looks after the source.")
@click.option("--title", help="Title; the slug without it.")
@click.option(
    "--frequency", default="DAILY", show_default=True, help="MANUAL, MONTHLY, WEEKLY, BIWEEKLY, DAILY, ALWAYS."
)
@click.option("--config", "config_json", default="{}", help="Configuration, JSON (docs/harvest.md).")
def add(slug: str, kind: str, url: str, owner: str, title: str | None, frequency: str, config_json: str) -> None:  # noqa: PLR0913, PLR0917 the columns of a source
    """Create the source SLUG; its slug is part of the identity of its datasets and never changes."""
    try:
        sources.add(slug, kind, url, owner, title=title or slug, frequency=frequency, config=config_json)
    except HarvestError as error:
        raise click.ClickException(str(error)) from error
    except tk.ValidationError as error:
        raise click.ClickException(json.dumps(error.error_summary, ensure_ascii=False)) from error
    click.echo(f"created {slug}; now: ckan kranj harvest check {slug}")


@harvest.command("check")
@click.argument("source")
@AS_JSON
def check(source: str, as_json: bool) -> None:
    """Try SOURCE: settings, secret, address, format, first record; nothing is written."""
    try:
        report = runner.preview(sources.find(source), 1)
    except HarvestError as error:
        raise click.ClickException(str(error)) from error
    good = report.reason_code in {"", "limited"} and report.counts["read"] > 0
    if as_json:
        click.echo(json.dumps({**report.as_dict(), "good": good}, ensure_ascii=False))
    elif good:
        line = report.lines[0] if report.lines else None
        click.echo(f"{source}: readable; first record: {(line.title or line.guid) if line else 'known and unchanged'}")
    else:
        click.echo(f"{source}: {report.reason or 'readable, but it has no records'}")
    if not good:
        raise SystemExit(1)


@harvest.command("gallery")
@click.argument("words", nargs=-1)
@AS_JSON
def show_gallery(words: tuple[str, ...], as_json: bool) -> None:
    """The prepared sources and kinds of sources that can be added; WORDS narrow them."""
    found = gallery.shown(" ".join(words))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    for area in () if as_json else found["areas"]:
        for system in area["systems"]:
            click.echo(f"{system['slug']:28} {'added  ' if system['exists'] else '       '} {system['title']}")


@harvest.command("pause")
@click.argument("source")
@click.option("--resume", is_flag=True, help="Let it go on.")
@click.option("--user", default="command line", help="Who decides; kept with the decision.")
def pause(source: str, resume: bool, user: str) -> None:
    """Stop SOURCE from being harvested by the schedule, until it is resumed."""
    try:
        decisions.pause(sources.find(source).id, user, on=not resume)
    except HarvestError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{source}: {'goes on' if resume else 'paused'}")


@harvest.command("quiet-hours")
@click.argument("source")
@click.argument("hours", required=False, default="")
@click.option("--user", default="command line", help="Who decides; kept with the decision.")
def quiet_hours(source: str, hours: str, user: str) -> None:
    """Set the HOURS (07-18) in which the schedule leaves SOURCE alone; without them there are none."""
    try:
        spec = sources.find(source)
        if hours:
            schedule.hours_of(hours)
    except HarvestError as error:
        raise click.ClickException(str(error)) from error
    state.of(spec.id).quiet_hours = hours
    events.note(spec.id, user, "quiet-hours", hours=hours)
    model.Session.commit()
    click.echo(f"{source}: {hours or 'no quiet hours'}")
