"""What makes empty servers a catalogue: a table of steps, each done once per its ground, resumed after a kill."""

import hashlib
import os
import secrets
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from . import config
from .errors import StackError
from .processes import die_with_parent, marked
from .progress import done, say
from .python import LOCK, Software
from .state import ROOT, State

PACKAGE = ROOT / "ckanext-kranj" / "ckanext" / "kranj"
REGISTER = ROOT / "deployment" / "demo" / "register.yaml"


@dataclass(frozen=True)
class Step:
    """One step: its name in ``prepare.py``, what the user reads, and what its result depends on."""

    name: str
    label: str
    depends_on: Callable[[State], Iterable[str | Path]]
    required: bool = True  # a portal can be served without the others; they are tried again at the next start


def _migrations(_: State) -> list[str | Path]:
    return [LOCK, config.SETTINGS, *(str(file.relative_to(ROOT)) for file in sorted(PACKAGE.rglob("versions/*.py")))]


TABLE = (
    Step("tables", "Database tables", _migrations),
    Step("administrator", "Administrator", lambda _: []),
    Step("words", "Slovene words for scripts", lambda _: [LOCK, *sorted(PACKAGE.rglob("*.po"))], required=False),
    # Built before anybody asks: two processes that build at once show a page without its style.
    Step("assets", "Styles and scripts", lambda _: [LOCK, *sorted(PACKAGE.rglob("assets/*"))], required=False),
    Step("city", "City organisations and content areas", lambda _: sorted((PACKAGE / "catalogue").glob("*.yaml"))),
    Step("register", "Register of systems", lambda _: [REGISTER], required=False),
    Step(
        "sources",
        "Sources of the demo city",
        lambda state: [demo_url(state), *sorted((ROOT / "harvesters" / "presets").glob("*.yaml"))],
        required=False,
    ),
    Step("harvest", "First harvest", lambda state: [demo_url(state).rpartition(":")[0]], required=False),
)


def demo_url(state: State) -> str:
    """The address of the demo city's server."""
    return f"http://127.0.0.1:{state.port('demo', in_use_by_us=True)}"


def outstanding(state: State) -> list[Step]:
    """The steps that were not done yet, or whose ground has changed."""
    known: dict[str, str] = state.values.setdefault("steps", {})
    return [step for step in TABLE if known.get(step.name) != _fingerprint(step, state)]


def admin_password(state: State) -> str:
    """The administrator's first password; kept until it was shown."""
    if "admin_password" not in state.values:
        state.values["admin_password"] = "-".join(secrets.token_hex(2) for _ in range(4))
        state.save()
    return str(state.values["admin_password"])


def do(state: State, software: Software) -> None:
    """Do what is outstanding, in one process, so that CKAN is loaded once.

    Raises:
        StackError: a step without which there is no portal failed.
    """
    todo = outstanding(state)
    if not todo:
        return
    log = state.folder / "logs" / "prepare.log"
    extra = {"KRANJ_DEMO_URL": demo_url(state)}
    if any(step.name == "administrator" for step in todo):
        extra["KRANJ_ADMIN_PASSWORD"] = admin_password(state)
    command = [str(software.python), str(ROOT / "deployment" / "prepare.py"), str(config.path(state))]
    with log.open("a", encoding="utf-8") as out:
        process = subprocess.Popen(
            [*command, *(step.name for step in todo)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=out, text=True, bufsize=1,
            cwd=state.folder, env=marked(state, extra),
            preexec_fn=die_with_parent,  # noqa: PLW1509 - there is one thread
        )  # fmt: skip
        try:
            finished = _follow(process, {step.name: step for step in todo}, state, out)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if process.returncode == 0:
        return
    failed = next((step for step in todo if step.name not in finished), todo[-1])
    say(f"  ✗  {failed.label}: failed, see {log}")
    if failed.required:
        raise StackError(
            f"The step '{failed.label}' failed: {_cause(log)}.",
            f"The full text is in {log}; the next run continues with this step.",
        )


def _follow(process: "subprocess.Popen[str]", steps: dict[str, Step], state: State, log: object) -> set[str]:
    finished: set[str] = set()
    started = time.monotonic()
    assert process.stdout is not None  # noqa: S101 - it was opened with a pipe
    for line in process.stdout:
        print(line, end="", file=log, flush=True)  # type: ignore[call-overload]
        word, _, name = line.strip().partition(" ")
        if word == "end" and name in steps:
            state.values["steps"][name] = _fingerprint(steps[name], state)
            state.save()
            finished.add(name)
            done(steps[name].label, time.monotonic() - started)
            started = time.monotonic()
    process.wait()
    return finished


def _fingerprint(step: Step, state: State) -> str:
    digest = hashlib.sha256(step.name.encode())
    for item in step.depends_on(state):
        digest.update(item.read_bytes() if isinstance(item, Path) else os.fsencode(item))
    return digest.hexdigest()


def _cause(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    lines = [line for line in lines if line and line.partition(" ")[0] not in ("begin", "end")]
    return lines[-1].rstrip(".")[:300] if lines else "it wrote nothing"
