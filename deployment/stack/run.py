"""``deployment/run``: the portal's command line."""

import argparse
import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time

from . import config, portal, python
from .errors import StackError
from .portal import Portal
from .processes import marked, wait_until
from .progress import say
from .servers import Servers
from .state import ROOT, State, state_folder

KEEPER = "keeper.lock"
HELP = """\
Start the data catalogue on this machine, or look after it.

  run                     prepare what is missing, serve the portal until Ctrl-C
  run --detach            the same, but return when the portal answers
  run --with-opsi         the same, with a stand-in of the national portal beside it that harvests us
  run stop                stop it; no process stays
  run status [--json]     what runs, and where
  run logs [NAME]         the last lines of the logs (web, worker, jobs, postgres, redis, solr, demo, prepare)
  run reset [--yes]       stop it and delete its state folder with all data
  run ckan ...            CKAN's own command line with this portal's configuration

KRANJ_STATE=DIR           another state folder: several portals side by side (default: .state)
CKAN_SQLALCHEMY_URL, CKAN_SOLR_URL, CKAN_REDIS_URL   use these servers instead of starting own ones
"""


def main(arguments: list[str]) -> int:
    """Run one sub-command; returns the exit status."""
    state = State(state_folder(".state"))
    if arguments[:1] == ["ckan"]:
        return _ckan(state, arguments[1:])
    parser = argparse.ArgumentParser(
        prog="deployment/run", usage=HELP, formatter_class=argparse.RawDescriptionHelpFormatter, add_help=False
    )
    parser.add_argument("command", nargs="?", choices=["start", "stop", "status", "logs", "reset", "keep"])
    parser.add_argument("name", nargs="?")
    parser.add_argument("--detach", action="store_true")
    parser.add_argument("--port", type=int)
    parser.add_argument("--with-opsi", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--yes", action="store_true")
    parser.add_argument("-h", "--help", action="store_true")
    given = parser.parse_args(arguments)
    if given.help:
        say(HELP)
        return 0
    commands = {
        "stop": lambda: _stop(state),
        "status": lambda: _status(state, as_json=given.json),
        "logs": lambda: _logs(state, given.name),
        "reset": lambda: _reset(state, yes=given.yes),
        "keep": lambda: _keep(state),
    }
    start = lambda: _start(state, detach=given.detach, port=given.port, with_opsi=given.with_opsi)  # noqa: E731
    return commands.get(given.command, start)()


def _start(state: State, *, detach: bool, port: int | None, with_opsi: bool) -> int:
    _interruptible()
    started = time.monotonic()
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(_keeper_lock(state))
        except BlockingIOError:
            return _already_running(state)
        state.open()
        if state.values.setdefault("kind", "portal") != "portal":
            raise StackError(f"{state.folder} is the state folder of the tests.", "Set KRANJ_STATE to another folder.")
        portal.adopt_environment(state)
        state.save()
        say(f"Data catalogue of the City of Kranj (state: {state.folder})")
        with python.installing():
            python.install()
        the_portal = Portal(state, python.software())
        try:
            if port is not None and port != state.values["ports"].get("web"):
                the_portal.choose_web_port(port)
            the_portal.bring_up()
            _welcome(the_portal, time.monotonic() - started, detach=detach)
            if with_opsi:
                _harvested(the_portal)
            if not detach:
                portal.watch(the_portal)
        except KeyboardInterrupt:
            say("\nStopping …")
            _ignore_signals()
            portal.end_all(state, the_portal.servers)
            say("Stopped. Everything is kept; './deployment/run' continues.")
            return 0 if not detach else 130
        except BaseException:
            _ignore_signals()
            portal.end_all(state, the_portal.servers)
            raise
    _leave_keeper(state)
    return 0


def _leave_keeper(state: State) -> None:
    """Leave a process behind that looks after the supervisor."""
    with (state.folder / "logs" / "keeper.log").open("ab") as out:
        subprocess.Popen(
            [sys.executable, "-B", "-m", "stack", "run", "keep"],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=state.folder, start_new_session=True,
            env=marked(state, {"KRANJ_STATE": str(state.folder), "PYTHONPATH": str(ROOT / "deployment")}),
        )  # fmt: skip
    wait_until(lambda: _keeper(state) != 0, seconds=10)


def _keep(state: State) -> int:
    _interruptible()
    try:
        with _keeper_lock(state):
            state.open()
            the_portal = Portal(state, python.software())
            the_portal.servers.remember()
            try:
                portal.watch(the_portal)
            except KeyboardInterrupt:
                _ignore_signals()
                portal.end_all(state, the_portal.servers)
    except BlockingIOError:
        return 0  # another keeper was quicker
    return 0


def _stop(state: State) -> int:
    if not state.exists:
        say("Nothing runs here.")
        return 0
    keeper = _keeper(state)
    if keeper:
        with contextlib.suppress(OSError):
            os.kill(keeper, signal.SIGTERM)
        if not wait_until(lambda: _keeper(state) == 0, seconds=120):
            with contextlib.suppress(OSError):
                os.kill(keeper, signal.SIGKILL)
    with _keeper_lock(state):
        state.open()
        portal.end_all(state, Servers(state, python.software(), only=()))
    say("Stopped. Everything is kept; './deployment/run' continues.")
    return 0


def _status(state: State, *, as_json: bool) -> int:
    if not state.exists:
        say(json.dumps({"running": False, "programs": []}) if as_json else "Not started yet: ./deployment/run")
        return 3
    state.read()
    shown = Portal(state, python.software(), look_only=True).show()
    if as_json:
        say(json.dumps(shown, indent=1))
    else:
        for item in shown["programs"]:
            say(f"{item['name']:<10} {item['state']:<10} pid {item['pid']:<8} {item['seconds']} s")
        if shown["answers"] and shown["datasets"] is None:
            say(f"The portal answers at {shown['address']}, but its search does not. See './deployment/run logs solr'.")
        elif shown["answers"]:
            say(f"The portal answers at {shown['address']} with {shown['datasets']} public datasets.")
        else:
            say("The portal does not answer. Start it with './deployment/run'.")
    return 0 if shown["running"] else 3


def _logs(state: State, name: str | None) -> int:
    files = sorted((state.folder / "logs").glob("*.log"))
    if name:
        files = [file for file in files if file.stem == name]
    if not files:
        raise StackError(
            f"There is no log{f' of {name}' if name else ''} in {state.folder}.", "See './deployment/run -h'."
        )
    for file in files:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        if len(files) > 1:
            say(f"==> {file} <==")
        for line in lines[-200 if name else -20 :]:
            say(line)
    return 0


def _reset(state: State, *, yes: bool) -> int:
    if not state.folder.exists():
        say("There is nothing to delete.")
        return 0
    if not state.exists and any(state.folder.iterdir()):
        raise StackError(f"{state.folder} is not a state folder.", "Look at KRANJ_STATE.")
    if not yes:
        if not sys.stdin.isatty():
            raise StackError(f"This deletes {state.folder} with all data.", "Say so: ./deployment/run reset --yes.")
        if input(f"Delete {state.folder} with all data? Type yes: ").strip() != "yes":
            return 1
    with contextlib.suppress(StackError):  # a damaged or older folder can be deleted, too
        _stop(state)
    for folder in state.elsewhere():
        shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(state.folder, ignore_errors=True)
    say(f"Deleted {state.folder}.")
    return 0


def _ckan(state: State, arguments: list[str]) -> int:
    state.read()
    ini = config.path(state)
    if not ini.exists():
        raise StackError("The portal was not prepared yet.", "Start it first: ./deployment/run --detach")
    if not Portal(state, python.software(), look_only=True).supervisor.programs():
        raise StackError("The portal's servers do not run.", "Start them first: ./deployment/run --detach")
    for variable in portal.EXTERNAL.values():
        os.environ.pop(variable, None)
    command = [str(python.software().tool("ckan")), "-c", str(ini), *arguments]
    os.execv(command[0], command)  # noqa: S606


def _already_running(state: State) -> int:
    state.read()
    shown = (
        Portal(state, python.software(), look_only=True).show()
        if python.software().python.exists()
        else {"answers": False}
    )
    if shown["answers"]:
        say(f"The portal runs already: {shown['address']}. Stop it with './deployment/run stop'.")
        return 0
    raise StackError(
        f"Another './deployment/run' works in {state.folder} just now (process {_keeper(state)}).",
        "Wait until it is ready, or end it with './deployment/run stop'.",
    )


@contextlib.contextmanager
def _keeper_lock(state: State):  # noqa: ANN202 - a context manager
    """Be the one process that looks after this state folder; our number stands in the lock file."""
    with state.locked(KEEPER, wait=False):
        (state.folder / KEEPER).write_text(str(os.getpid()), encoding="utf-8")
        yield


def _keeper(state: State) -> int:
    """The process that holds the keeper's lock, 0 when nobody does."""
    file = state.folder / KEEPER
    try:
        handle = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(file.read_text(encoding="utf-8") or 0)
    finally:
        os.close(handle)
    return 0


def _welcome(the_portal: Portal, seconds: float, *, detach: bool) -> None:
    state, url = the_portal.state, the_portal.site_url
    count = the_portal.datasets()
    say(f"\nThe portal is ready after {seconds:.0f} s, with {count} public datasets:  {url}")
    password = state.values.get("admin_password")
    if password:
        say(f"Account: admin   password: {password}   (shown this once)")
        del state.values["admin_password"]
        state.save()
    else:
        say("Account: admin   (a new password: ./deployment/run ckan user setpass admin)")
    say("\nThree things to try:")
    say(f"  1. See the pilot settlement's data:   {url}/sl/dataset?q=Mlaka")
    say(f"  2. Read what a national portal reads: curl {url}/catalog.ttl")
    say("  3. Harvest again, nothing changes:    ./deployment/run ckan kranj harvest run --all")
    say("\nStop with './deployment/run stop'." if detach else "\nStop with Ctrl-C.")


def _harvested(the_portal: Portal) -> None:
    """Bring the stand-in of the national portal up and say what it read."""
    found = the_portal.standin.bring_up(the_portal.supervisor, the_portal.site_url)
    say(f"\nThe stand-in of the national portal:  {the_portal.standin.address}")
    for way, told in found.items():
        say(f"  {way:<5} {told['objects']} datasets harvested, {len(told['errors'])} errors")
        for message in told["errors"][:3]:
            say(f"        {message[:200]}")


def _interruptible() -> None:
    """A terminated or hung-up launcher ends like one that got Ctrl-C: with everything stopped."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
