"""Prepare a catalogue: tables, administrator, organisations, sources, first harvest. Loads CKAN once for all steps.

Run by ``deployment/run`` with the portal's interpreter: ``prepare.py INI STEP…``. For each step it prints
``begin STEP`` and ``end STEP`` on a line of its own. Every step may be repeated. The administrator's password comes
in ``KRANJ_ADMIN_PASSWORD``, the demo city's address in ``KRANJ_DEMO_URL``.
"""

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import click
import yaml

from ckan.cli.cli import CtxObject, _add_external_commands
from ckan.cli.cli import ckan as commands

ADMIN = "admin"
REGISTER = Path(__file__).parent / "demo" / "register.yaml"


def main(arguments: list[str]) -> int:
    """Do the named steps in order; the exit status is 1 when one fails."""
    ini, *names = arguments
    context = click.Context(commands, info_name="ckan", obj=CtxObject(ini))
    context.meta["flask_app"] = context.obj.app._wsgi_app
    with context:
        _add_external_commands(context)
        for name in names:
            print(f"\nbegin {name}", flush=True)
            try:
                STEPS[name](context)
            except Exception:  # noqa: BLE001 - the boundary: the launcher shows one sentence and where the text is
                traceback.print_exc()
                return 1
            except SystemExit as ended:
                if ended.code:
                    return 1
            print(f"\nend {name}", flush=True)
    return 0


def run(context: click.Context, *arguments: str) -> None:
    """Run one CKAN command inside this process."""
    name, command, rest = commands.resolve_command(context, list(arguments))
    if command is None:
        raise click.UsageError(f"no command {arguments[0]}")
    with command.make_context(name, list(rest), parent=context) as inner:
        command.invoke(inner)


def administrator(context: click.Context) -> None:
    """Make the first system administrator unless there is one."""
    from ckan import model
    from ckan.plugins import toolkit as tk

    with context.meta["flask_app"].test_request_context():
        if model.Session.query(model.User).filter_by(sysadmin=True, state="active", name=ADMIN).first():
            return
        site_user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
        tk.get_action("user_create")(
            {"ignore_auth": True, "user": site_user["name"]},
            {
                "name": ADMIN,
                "email": "admin@localhost.localdomain",
                "fullname": "Administrator",
                "password": os.environ["KRANJ_ADMIN_PASSWORD"],
                "sysadmin": True,
            },
        )


def register(context: click.Context) -> None:
    """Enter the demonstration city's systems; an entry that is there, perhaps edited by now, stays as it is."""
    from ckan import model
    from ckan.plugins import toolkit as tk

    entries = yaml.safe_load(REGISTER.read_text(encoding="utf-8"))
    with context.meta["flask_app"].test_request_context():
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        known = {title for (title,) in model.Session.query(model.Package.title).filter_by(type="system")}
        for entry in entries:
            if entry["title_translated"]["sl"] not in known:
                tk.get_action("package_create")({"ignore_auth": True, "user": user}, {"type": "system", **entry})


STEPS: dict[str, Callable[[click.Context], None]] = {
    "tables": lambda context: run(context, "db", "upgrade"),
    "administrator": administrator,
    "words": lambda context: run(context, "translation", "js"),
    "assets": lambda context: run(context, "asset", "build"),
    "city": lambda context: run(context, "kranj", "setup"),
    "register": register,
    "sources": lambda context: run(context, "kranj", "harvest", "add-presets", "--demo", os.environ["KRANJ_DEMO_URL"]),
    "harvest": lambda context: run(context, "kranj", "harvest", "run", "--all"),
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
