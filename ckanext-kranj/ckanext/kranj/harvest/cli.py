"""``ckan kranj harvest …``: sources, runs, the worker."""

from __future__ import annotations

import json
import time
from typing import Any

import click

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.harvest.model import HarvestJob
from ckanext.kranj.harvest import (
    decisions,
    difference,
    digest,
    events,
    gallery,
    health,
    openapi,
    overview,
    progress,
    reports,
    restoring,
    runner,
    schedule,
    sources,
    state,
)
from ckanext.kranj.harvest.model import HarvestRecord, HarvestRun
from ckanext.kranj.harvest.worker import Worker, limit_memory

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


@harvest.command("approve")
@click.argument("source")
@click.option("--reject", is_flag=True, help="Keep what is missing, and let renamed records be new ones.")
@click.option("--user", default="command line", help="Who decides; kept with the decision.")
def approve(source: str, reject: bool, user: str) -> None:
    """Do what the last run of SOURCE asked about: archive what is missing, accept renamed identifiers."""
    try:
        run = decisions.waiting(sources.find(source).id)
    except HarvestError as error:
        raise click.ClickException(str(error)) from error
    if run is None:
        click.echo(f"{source}: nothing waits for a decision")
        return
    done = decisions.decide(run, user, accept=not reject)
    click.echo(f"{source}: {done['archived']} archived, {done['renamed']} renamed")


@harvest.command("findings")
@click.argument("source", required=False)
@click.option("--kind", multiple=True, type=click.Choice(overview.KINDS), help="Only these kinds.")
@AS_JSON
def findings(source: str | None, kind: tuple[str, ...], as_json: bool) -> None:
    """Everything that waits for a person, of SOURCE or of every source."""
    asked = {**({"source": source} if source else {}), **({"kind": list(kind)} if kind else {})}
    try:
        rows = tk.get_action("kranj_harvest_finding_list")(sources.context(), asked)
    except tk.ObjectNotFound as error:
        raise click.ClickException(str(sources.UnknownSource(str(source)))) from error
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    for row in () if as_json else rows:
        click.echo(f"{row['source']:24} {row['kind']:16} {row['message']} {row['remedy']}")


@harvest.command("release")
@click.argument("dataset")
@click.argument("fields", nargs=-1)
def release(dataset: str, fields: tuple[str, ...]) -> None:
    """Give the FIELDS of DATASET, or all of them, back to its source: the next run writes the source's values."""
    package = model.Package.get(dataset)
    given = decisions.release(package.id, fields) if package else []
    click.echo(f"{dataset}: {', '.join(given) or 'no field is a steward’s'}")


@harvest.command("restore")
@click.argument("dataset")
@click.option("--let-go", is_flag=True, help="Let the source decide about it again.")
def restore(dataset: str, let_go: bool) -> None:
    """Bring DATASET back that its source no longer has; no run withdraws it again until it is let go."""
    package = model.Package.get(dataset)
    row = model.Session.query(HarvestRecord).filter_by(package_id=package.id).first() if package else None
    if row is None:
        raise click.ClickException(f"{dataset}: no source has such a dataset")
    decision = restoring.LET_GO if let_go else restoring.RESTORE
    asked = {"source": row.source_id, "guids": [row.guid], "decision": decision}
    click.echo(json.dumps(tk.get_action("kranj_harvest_restore")(sources.context(), asked)))


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


@harvest.command("digest")
@click.option("--send", is_flag=True, help="Send the e-mails; without it they are only shown.")
@AS_JSON
def show_digest(send: bool, as_json: bool) -> None:
    """The daily e-mail to stewards about their sources; once a day with --send."""
    if send:
        click.echo(f"{digest.send()} e-mails sent")
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
