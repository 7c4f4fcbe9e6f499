"""Save, show and page of a dataset beside stock CKAN with ckanext-dcat's ``dcat_ap_full`` schema, in one run.

``eval "$(./deployment/test env)"; python tests/benchmarks/schemas/beside_stock.py [COUNT]`` with the test servers up. It
empties their database. The two portals take turns, each in a process of its own; medians in milliseconds are printed.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[3]
STOCK = """[app:main]
use = config:{root}/test.ini
ckan.plugins = dcat structured_data scheming_datasets
scheming.dataset_schemas = ckanext.dcat.schemas:dcat_ap_full.yaml
scheming.presets = ckanext.scheming:presets.json ckanext.dcat.schemas:presets.yaml
licenses_group_url =
"""
OURS = "[app:main]\nuse = config:{root}/test.ini\n"


def full(number, owner):
    """A description in stock's schema: as many values as in ours."""
    return {
        "name": f"zbirka-{number:05}", "title": f"Zbirka {number}", "notes": "Opis zbirke podatkov. " * 5,
        "owner_org": owner, "tag_string": "promet, parkiranje, cene",
        "contact": [{"name": "Skrbnik", "email": "podatki@kranj.si", "url": "https://www.kranj.si"}],
        "publisher": [{"name": "Mestna občina Kranj", "email": "mok@kranj.si"}],
        "license_id": "cc-by", "theme": ["http://publications.europa.eu/resource/authority/data-theme/TRAN"],
        "language": ["http://publications.europa.eu/resource/authority/language/SLV"], "documentation": ["https://a.si/d"],
        "conforms_to": ["https://a.si/c"], "is_referenced_by": ["https://a.si/r"], "applicable_legislation": ["https://a.si/l"],
        "hvd_category": [], "spatial_coverage": [{"uri": "https://a.si/s", "text": "Kranj"}],
        "temporal_coverage": [{"start": "2024-03-01", "end": "2026-09-30"}], "temporal_resolution": "P1M",
        "spatial_resolution_in_meters": "10", "issued": "2024-03-01", "modified": "2026-10-01", "version": "1.0",
        "version_notes": "Prva", "frequency": "MONTHLY", "provenance": "Popis", "access_rights": "PUBLIC",
        "url": "https://www.kranj.si/parkiranje", "identifier": f"zbirka-{number}",
        "alternate_identifier": ["a"], "qualified_relation": [], "creator": [{"name": "Urad"}],
        "resources": [{
            "name": "Podatki", "description": "Ena vrstica na parkirišče.", "url": "https://podatki.example.org/p.csv",
            "download_url": "https://podatki.example.org/p.csv", "format": "CSV", "mimetype": "text/csv",
            "license": "http://publications.europa.eu/resource/authority/licence/CC_BY_4_0", "size": 2048,
            "availability": "http://publications.europa.eu/resource/authority/planned-availability/STABLE",
            "language": ["http://publications.europa.eu/resource/authority/language/SLV"],
        }],
    }  # fmt: skip


def ours(number, _owner):
    """The complete example of the tests under another title."""
    found = json.loads((ROOT / "tests" / "data" / "complete_dataset.json").read_text(encoding="utf-8"))
    found["title_translated"]["sl"] = f"Zbirka {number}"
    return found


def worker(ini, kind):
    """One portal: answers each line ``number`` with the times of create, show and page."""
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    application = make_app(CKANConfigLoader(ini).get_config())
    import ckan.plugins.toolkit as tk
    from ckan import model

    client = application._wsgi_app.test_client()
    with application._wsgi_app.test_request_context():
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        owner = "mestna-obcina-kranj"
        if kind == "ours":
            from ckanext.kranj.catalogue import city

            city.set_up()
        elif model.Group.get(owner) is None:
            tk.get_action("organization_create")({"user": user}, {"name": owner})
        print("ready", flush=True)
        for line in sys.stdin:
            data = (ours if kind == "ours" else full)(int(line), owner)
            started = time.process_time(), time.perf_counter()
            made = tk.get_action("package_create")({"user": user}, data)
            saved = time.process_time(), time.perf_counter()
            tk.get_action("package_show")({"user": user}, {"id": made["id"]})
            shown = time.process_time(), time.perf_counter()
            assert client.get(f"/dataset/{made['name']}").status_code == 200  # noqa: S101
            read = time.process_time(), time.perf_counter()
            points = [started, saved, shown, read]
            print(
                json.dumps([[b[i] - a[i] for a, b in zip(points, points[1:], strict=False)] for i in (0, 1)]),
                flush=True,
            )
            model.Session.remove()


def prepared():
    """The settings of both portals, over an empty database and index."""
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    folder = Path(tempfile.mkdtemp())
    portals = {}
    for kind, text in (("stock", STOCK), ("ours", OURS)):
        ini = folder / f"{kind}.ini"
        ini.write_text(text.format(root=ROOT), encoding="utf-8")
        portals[kind] = str(ini)
    make_app(CKANConfigLoader(portals["ours"]).get_config())
    from ckan.lib.search import clear_all
    from ckan.model import repo

    repo.delete_all()
    clear_all()
    return portals


def started(kind, ini):
    """A portal in a process of its own, ready to answer."""
    process = subprocess.Popen(
        [sys.executable, __file__, "worker", ini, kind],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ,
    )  # fmt: skip
    while (line := process.stdout.readline()).strip() != "ready":
        if not line:
            sys.exit(f"{kind}: the portal does not start; run any test that needs servers first, it makes the tables")
    return process


def asked(process, number):
    """Processor and wall times of create, show and page."""
    process.stdin.write(f"{number}\n")
    process.stdin.flush()
    line = process.stdout.readline()
    while not line.startswith("[["):
        if not line:
            sys.exit(f"a portal ended at dataset {number}")
        line = process.stdout.readline()
    return json.loads(line)


def main(count):
    """Fill both portals with that many datasets, taking turns."""
    running = {kind: started(kind, ini) for kind, ini in prepared().items()}
    times = {kind: ([], []) for kind in running}
    for number in range(count):
        for kind, process in running.items():
            for held, found in zip(times[kind], asked(process, number), strict=True):
                held.append(found)
    for process in running.values():
        process.stdin.close()
        process.wait(timeout=60)
    for index, clock in enumerate(("processor", "wall")):
        for at, what in enumerate(("save", "show", "page")):
            found = {kind: statistics.median(row[at] for row in held[index]) * 1000 for kind, held in times.items()}
            ratio = round(found["ours"] / found["stock"], 2)
            told = {kind: round(value, 1) for kind, value in found.items()}
            print(json.dumps({"clock": clock, "what": what, "datasets": count, **told, "ratio": ratio}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        worker(*sys.argv[2:4])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
