"""Drive the stand-in of the national portal: ``site.py prepare CATALOGUE SITE``, ``site.py harvest``, ``site.py show``.

Uses nothing but CKAN, ckanext-harvest and ckanext-dcat, all stock; what they need to work at all is in
``workarounds.py``. ``harvest`` and ``show`` print JSON on their last line.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
INI = Path(__file__).parent / "standin.ini"
WAYS = {"dcat": "dcat_rdf", "ckan": "ckan"}
"""How the portal may read us: name of the way, type of the stock harvester."""


def tables() -> None:
    """Create what CKAN and its extensions keep."""
    ckan = str(Path(sys.executable).with_name("ckan"))
    for command in (["db", "init"], ["db", "upgrade"]):
        subprocess.run([ckan, "-c", str(INI), *command], check=True, stdout=subprocess.DEVNULL)


def prepare(catalogue: str, site: str) -> None:
    """Make an organisation and a harvest source for each way; sources that exist get the address anew."""
    from ckan.logic import NotFound
    from ckan.plugins import toolkit as tk

    addresses = {"dcat": catalogue, "ckan": site}
    for way, kind in WAYS.items():
        name = f"kranj-{way}"
        try:
            tk.get_action("organization_show")(_context(), {"id": name})
        except NotFound:
            tk.get_action("organization_create")(_context(), {"name": name, "title": f"Kranj ({way})"})
        source = {
            "name": f"vir-{way}", "title": f"Kranj, {kind}", "url": addresses[way], "source_type": kind,
            "owner_org": name, "frequency": "MANUAL", "active": True,
        }  # fmt: skip
        try:
            known = tk.get_action("harvest_source_show")(_context(), {"id": source["name"]})
            tk.get_action("harvest_source_update")(_context(), {**source, "id": known["id"]})
        except NotFound:
            tk.get_action("harvest_source_create")(_context(), source)


def harvest(ways: list[str]) -> dict[str, Any]:
    """Run the stock harvesters to the end; what each counted and complained of, by way."""
    from workarounds import index_source_again, purge_deleted

    from ckan import model

    from ckanext.harvest.model import HarvestGatherError, HarvestJob, HarvestObjectError
    from ckanext.harvest.utils import run_test_harvester

    found = {}
    for way in ways:
        purge_deleted()
        index_source_again(f"vir-{way}")
        run_test_harvester(f"vir-{way}", None)
        model.Session.expire_all()
        job = model.Session.query(HarvestJob).order_by(HarvestJob.created.desc()).first()
        told = [row.message for row in model.Session.query(HarvestGatherError).filter_by(harvest_job_id=job.id)]
        for one in job.objects:
            told += [row.message for row in model.Session.query(HarvestObjectError).filter_by(harvest_object_id=one.id)]
        found[way] = {"objects": len(job.objects), "errors": told}
    return found


def show() -> dict[str, list[dict[str, Any]]]:
    """Every dataset that the stand-in shows to anybody, by way."""
    from ckan.plugins import toolkit as tk

    found: dict[str, list[dict[str, Any]]] = {}
    for way in WAYS:
        rows: list[dict[str, Any]] = []
        while True:
            query = {
                "fq": f"organization:kranj-{way} dataset_type:dataset",
                "rows": 500,
                "start": len(rows),
                "sort": "id asc",
            }
            page = tk.get_action("package_search")({"user": ""}, query)["results"]
            if not page:
                break
            rows += page
        found[way] = [
            tk.get_action("package_show")({"user": "", "use_cache": False}, {"id": row["id"]}) for row in rows
        ]
    return found


def _context() -> dict[str, Any]:
    from ckan.plugins import toolkit as tk

    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    return {"ignore_auth": True, "user": user}


def main(arguments: list[str]) -> None:
    """Run one command."""
    from ckan.cli.cli import CtxObject

    command, *rest = arguments
    if command == "prepare":
        tables()
    app = CtxObject(str(INI)).app
    with app._wsgi_app.test_request_context():
        result = {
            "prepare": lambda: prepare(*rest),
            "harvest": lambda: harvest(rest or list(WAYS)),
            "show": show,
        }[command]()
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1:])
