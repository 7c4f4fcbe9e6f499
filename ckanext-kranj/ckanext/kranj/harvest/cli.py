"""``ckan kranj harvest …``: sources, runs, the worker."""

from __future__ import annotations

import json
import time
from typing import Any

import click

from ckan import model

from ckanext.kranj.harvest import runner, sources
from ckanext.kranj.harvest.model import HarvestRun
from ckanext.kranj.harvest.worker import Worker

from harvesters import Report
from harvesters.errors import HarvestError

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def harvest() -> None:
    """Read descriptions from the city's systems."""


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


@harvest.command("run")
@click.argument("source", required=False)
@click.option("--all", "everything", is_flag=True, help="Run every source.")
@click.option("--job", "job_id", help="The job that this run belongs to (the worker says it).")
@AS_JSON
def run(source: str | None, everything: bool, job_id: str | None, as_json: bool) -> None:
    """Harvest SOURCE, or all sources; exit status 1 when one could not be read to its end."""
    if bool(source) == everything:
        raise click.UsageError("name a SOURCE, or say --all")
    names = [name for _, name in sources.all_ours()] if everything else [str(source)]
    reports, failed = [], False
    for name in names:
        try:
            report = runner.harvest(sources.find(name), job_id, _progress)
        except HarvestError as error:
            click.echo(f"{name}: {error}", err=True)
            failed = True
            continue
        reports.append(report.as_dict())
        failed = failed or not report.ok
        if not as_json:
            _show(report)
    if as_json:
        click.echo(json.dumps(reports, ensure_ascii=False))
    if failed:
        raise SystemExit(1)


@harvest.command("preview")
@click.argument("source")
@click.option("--limit", default=runner.PREVIEWED, show_default=True, help="Records to read.")
@AS_JSON
def preview(source: str, limit: int, as_json: bool) -> None:
    """Say what a run of SOURCE would do with its first records; nothing is written."""
    try:
        report = runner.preview(sources.find(source), limit)
    except HarvestError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        for line in report.lines:
            click.echo(f"{line.action:9} {'draft ' if line.draft else ''}{line.title or line.guid}")
            for problem in line.problems:
                click.echo(f"    {problem.severity}: [{problem.code}] {problem.path}: {problem.text('en')}")
        _show(report)
    if report.reason_code not in {"", "limited"}:
        raise SystemExit(1)


@harvest.command("worker")
@click.option("--once", is_flag=True, help="Run what is due, then stop.")
def worker(once: bool) -> None:
    """Run sources when they are due and jobs that people ask for on the pages, until stopped."""
    if once:
        click.echo(f"{Worker().once()} jobs", err=True)
    else:
        Worker().forever()


def _progress(report: Report) -> None:
    counts = " ".join(f"{name} {count}" for name, count in report.counts.items() if count)
    click.echo(f"{time.strftime('%H:%M:%S')} {report.source}: {counts or 'nothing yet'}", err=True)


def _show(report: Report) -> None:
    counts = ", ".join(f"{count} {name}" for name, count in report.counts.items())
    click.echo(f"{report.source}: {counts} in {report.seconds:.1f} s")
    if not report.complete:
        click.echo(f"  incomplete [{report.reason_code}]: {report.reason}")
    for code, count in report.codes().items():
        click.echo(f"  {count:6} × {code}")
