"""Commands about runs: starting, watching and reporting them; the worker."""

from __future__ import annotations

import json
import time

import click

from ckanext.harvest.model import HarvestJob
from ckanext.kranj.harvest import daily, difference, digest, health, openapi, progress, reports, runner, sources
from ckanext.kranj.harvest.cli.group import AS_JSON, harvest
from ckanext.kranj.harvest.worker import Worker, limit_memory

from harvesters import Report
from harvesters.errors import HarvestError


@harvest.command("run")
@click.argument("source", required=False)
@click.option("--all", "everything", is_flag=True, help="Run every source.")
@click.option("--job", "job_id", help="The job that this run belongs to (the worker says it).")
@AS_JSON
def run(source: str | None, everything: bool, job_id: str | None, as_json: bool) -> None:
    """Harvest SOURCE, or all sources; exit status 1 when one could not be read to its end."""
    if bool(source) == everything:
        raise click.UsageError("name a SOURCE, or say --all")
    if job_id:
        limit_memory()
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


@harvest.command("status")
@click.argument("source", required=False)
@AS_JSON
def status(source: str | None, as_json: bool) -> None:
    """How SOURCE, or every source, is doing; exit status 1 when one is stale, halted or failing."""
    rows = [row for row in health.rows(lang="en") if source in {None, row["name"]}]
    if source and not rows:
        raise click.ClickException(str(sources.UnknownSource(source)))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    for row in () if as_json else rows:
        click.echo(f"{row['name']:24} {row['state']:9} {row['sentence']}")
    if any(row["state"] in health.BAD for row in rows):
        raise SystemExit(1)


@harvest.command("history")
@click.argument("source")
@click.option("--limit", default=20, show_default=True, help="Runs to show, the newest first.")
@AS_JSON
def history(source: str, limit: int, as_json: bool) -> None:
    """The last runs of SOURCE."""
    try:
        rows = health.history(sources.find(source).id, limit)
    except HarvestError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    for row in () if as_json else rows:
        counts = " ".join(f"{name} {count}" for name, count in row["counts"].items() if count)
        state = "complete" if row["complete"] else f"incomplete: {row['reason']}"
        click.echo(f"{row['started']}  {row['halted'] or state}  {counts}")


@harvest.command("report")
@click.argument("source")
@click.option("--run", "job_id", help="Which run; the last one without it.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV instead of JSON.")
def show_report(source: str, job_id: str | None, as_csv: bool) -> None:
    """The report of a run of SOURCE as JSON: what came, what changed, what was refused and what to ask."""
    try:
        spec = sources.find(source)
    except HarvestError as error:
        raise click.ClickException(str(error)) from error
    asked = HarvestJob.filter(source_id=spec.id).order_by(HarvestJob.created.desc())
    job = (asked.filter(HarvestJob.id == job_id) if job_id else asked).first()
    if job is None:
        raise click.ClickException(f"{source}: there is no such run")
    found = reports.of_job(job, {"ignore_auth": True})
    click.echo(reports.as_csv(found) if as_csv else json.dumps(found, ensure_ascii=False))


@harvest.command("progress")
@click.argument("source")
def show_progress(source: str) -> None:
    """What SOURCE is doing now, as JSON: counts, rate, time left, next run."""
    try:
        click.echo(json.dumps(progress.of_source(sources.find(source).id), ensure_ascii=False))
    except HarvestError as error:
        raise click.ClickException(str(error)) from error


@harvest.command("difference")
@click.argument("source")
def show_difference(source: str) -> None:
    """What a run of SOURCE would change, field by field, as JSON; nothing is written."""
    try:
        click.echo(json.dumps(difference.of(sources.find(source), {"ignore_auth": True}), ensure_ascii=False))
    except HarvestError as error:
        raise click.ClickException(str(error)) from error


@harvest.command("digest")
@click.option("--send", is_flag=True, help="Send the e-mails; without it they are only shown.")
@AS_JSON
def show_digest(send: bool, as_json: bool) -> None:
    """The daily e-mail to stewards about their sources; once a day with --send."""
    if send:
        click.echo(f"{daily.send()[0]} e-mails sent")
        return
    found = digest.digests()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    for item in () if as_json else found:
        click.echo(f"{item['name']} <{item['email']}>\n\n{digest.text(item)}")


@harvest.command("openapi")
def show_openapi() -> None:
    """The actions of harvesting as an OpenAPI document (docs/openapi.json)."""
    click.echo(json.dumps(openapi.document(), ensure_ascii=False, indent=1))


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
    if report.halted or report.renames:
        click.echo(f"  waits for a person: {report.halted or 'renamed identifiers'} (ckan kranj harvest approve)")
    for code, count in report.codes().items():
        click.echo(f"  {count:6} × {code}")
