"""package_search and the page of a dataset at 10,000 datasets beside stock CKAN, in one run.

``python tests/benchmarks/access/search_and_page.py [DATASETS] [ROUNDS]``, with the Python of the environment. Stock CKAN
(with ckanext-dcat's ``dcat_ap_full`` schema) and this portal have a database and a core each on the test servers, and a
process each; they are asked in turn, as an anonymous visitor and as a member of 20 organisations. Printed are medians of
processor and wall time in milliseconds, how many were found, and how many bytes the answer has: our descriptions are
longer. With ``--same-size`` in front, stock's descriptions get as much more text as makes its answers as long as ours, so
that what is left is the price of the software; a search of four fields (``fl``) is as long in both anyway. ``--profile ours`` or ``--profile stock`` prints where the time of a search
goes instead.
"""

import cProfile
import hashlib
import json
import os
import pstats
import shlex
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tests" / "benchmarks" / "schemas"))
ORGANIZATIONS = 20
LEVELS = ("public", "public", "public", "internal", "organization", "restricted")
SEARCH = "/api/action/package_search?rows=20&include_private=true&q="
WHAT = ("search", "search by word", "search of four fields", "dataset page")
COLUMNS = "title, version, url, notes, license_id, type, creator_user_id, metadata_created, metadata_modified, state"
PARTS = "url, format, description, position, extras, name, mimetype, size, created, state"


def level_of(number, kind):
    """The level of a dataset; stock knows two."""
    level = LEVELS[number % len(LEVELS)]
    return level if kind == "ours" or level == "public" else "organization"


def organizations_of(kind, call):
    """Twenty organisations."""
    from ckan import model

    if kind == "ours":
        from ckanext.kranj.catalogue import city

        city.set_up()
        more = {"organization_kind": "nvo", "circle": "ostali", "duty": "prostovoljno"}
        given = [{"title_translated": {"sl": f"Organizacija {number}"}, **more} for number in range(ORGANIZATIONS)]
    else:
        given = [{"title": f"Organizacija {number}"} for number in range(ORGANIZATIONS)]
    made = [call("organization_create", name=f"org-{number}", **data) for number, data in enumerate(given)]
    return [model.Group.get(item["id"]) for item in made]


def fill(kind, count, call, more=0):
    """Datasets copied from one in database and index; gives the name of a public one."""
    import sqlalchemy as sa
    from beside_stock import full, ours

    import ckan.plugins.toolkit as tk
    from ckan import model
    from ckan.lib.search import make_connection

    owners = organizations_of(kind, call)
    data = ours(0, None) if kind == "ours" else full(0, owners[0].name)
    if more:
        data["notes"] = data.get("notes", "") + " zbirka"[:more] + "x" * (more - 7)
    base = call("package_create", **data)
    solr, site = make_connection(), tk.config["ckan.site_id"]
    (document,) = solr.search(f"id:{base['id']}", fl="*").docs
    document.pop("_version_")
    text = json.dumps(document, default=lambda day: day.strftime("%Y-%m-%dT%H:%M:%SZ"))
    rows, documents = [], []
    for number in range(count):
        identifier, level, owner = str(uuid4()), level_of(number, kind), owners[number % ORGANIZATIONS]
        private = level != "public"
        labels = [level if level == "public" else f"member-{owner.id}"]
        if kind == "ours":
            from ckanext.kranj.access.labels import labels_of

            row = model.Package(id=identifier, type="dataset", state="active", private=private, owner_org=owner.id)
            labels = labels_of(row, level)
        rows.append({"id": identifier, "name": f"zbirka-{number}", "owner": owner.id, "private": private,
                     "extras": json.dumps({"visibility": level}) if kind == "ours" else "{}",
                     "base": base["id"], "resource": str(uuid4())})  # fmt: skip
        copied = json.loads(text.replace(base["id"], identifier).replace(base["name"], f"zbirka-{number}"))
        copied |= {"index_id": hashlib.md5(f"{identifier}{site}".encode()).hexdigest(),  # noqa: S324 as CKAN does
                   "organization": owner.name, "owner_org": owner.id, "permission_labels": labels,
                   "capacity": "private" if private else "public"}  # fmt: skip
        documents.append(copied | ({"visibility": level} if kind == "ours" else {}))
    model.Session.expunge_all()
    with model.meta.engine.begin() as connection:
        connection.execute(
            sa.text(
                f"INSERT INTO package (id, name, owner_org, private, extras, {COLUMNS}) SELECT :id, :name, :owner,"  # noqa: S608
                f" :private, coalesce(extras, '{{}}') || CAST(:extras AS jsonb), {COLUMNS} FROM package WHERE id = :base"
            ),
            rows,
        )
        connection.execute(
            sa.text(
                f"INSERT INTO resource (id, package_id, {PARTS}) SELECT :resource, :id, {PARTS}"  # noqa: S608
                " FROM resource WHERE package_id = :base"
            ),
            rows,
        )
        connection.execute(sa.text("ANALYZE package, resource"))
    for start in range(0, count, 1000):
        solr.add(documents[start : start + 1000], commit=False)
    solr.commit()
    return base["name"], owners


def profiled(ask):
    """Where the time of 200 questions goes, by call."""
    profile = cProfile.Profile()
    profile.runcall(lambda: [ask() for _ in range(200)])
    pstats.Stats(profile, stream=sys.stderr).sort_stats("cumulative").print_stats(90)


def worker(ini, kind, count, more):
    """One portal: answers each line ``person what`` with its processor and wall time."""
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    application = make_app(CKANConfigLoader(ini).get_config())
    import ckan.plugins.toolkit as tk
    from ckan import model

    with application._wsgi_app.test_request_context():
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]

        def call(action, **data):
            return tk.get_action(action)({"user": user, "ignore_auth": True}, data)

        name, owners = fill(kind, int(count), call, int(more))
        member = call("user_create", name="clan", email="clan@kranj.si", password="Zelo-dolgo-geslo-1")["name"]  # noqa: S106
        for owner in owners:
            call("organization_member_create", id=owner.id, username=member, role="member")
        token = call("api_token_create", user=member, name="x")["token"]
        model.Session.commit()
    paths = {"search": SEARCH + "*:*", "search by word": SEARCH + "zbirka", "dataset page": f"/dataset/{name}",
             "search of four fields": SEARCH + "*:*&fl=id%20name%20title%20notes"}  # fmt: skip
    headers = {"anonymous": {}, "member": {"Authorization": token}}
    client = application._wsgi_app.test_client(use_cookies=False)
    print("ready", flush=True)
    for line in sys.stdin:
        person, what = json.loads(line)
        if person == "profile":
            profiled(lambda: client.get(paths["search"], headers=headers[what]))  # noqa: B023 called at once
            print(json.dumps([0, 0, 0]), flush=True)
            continue
        started = time.process_time(), time.perf_counter()
        answer = client.get(paths[what], headers=headers[person])
        taken = time.process_time() - started[0], time.perf_counter() - started[1]
        assert answer.status_code == 200, answer.get_data(as_text=True)[:500]  # noqa: S101
        found = answer.json["result"]["count"] if "search" in what else 0
        print(json.dumps([*taken, found, len(answer.data)]), flush=True)


def started(kind, count, stderr, more=0):
    """A portal over an empty database and core of its own, in a process of its own."""
    import beside_stock as others

    told = subprocess.run([ROOT / "deployment" / "test", "env", "--name", f"bench_{kind}"], capture_output=True, text=True,
                          check=True).stdout  # fmt: skip
    values = dict(part.split("=", 1) for part in shlex.split(told.replace("export ", "")) if "=" in part)
    environment = {**os.environ, **values}
    ini = Path(mkdtemp()) / f"{kind}.ini"
    text = others.STOCK if kind == "stock" else others.OURS
    ini.write_text(text.format(root=ROOT), encoding="utf-8")
    emptied = [sys.executable, __file__, "empty", str(ini)]
    subprocess.run(emptied, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=stderr)
    process = subprocess.Popen([sys.executable, __file__, "worker", str(ini), kind, str(count), str(more)], env=environment, text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr)  # fmt: skip
    while line := process.stdout.readline():
        if line.strip() == "ready":
            return process
    raise SystemExit(f"{kind} did not start; run it alone to see why: {' '.join(emptied)}")


def empty(ini):
    """Make the tables of a portal anew and empty its core."""
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    make_app(CKANConfigLoader(ini).get_config())
    from ckan import model
    from ckan.cli.db import _migrate_plugins
    from ckan.lib.search import clear_all
    from ckan.tests.helpers import reset_db

    model.Session.remove()
    reset_db()
    _migrate_plugins(apply=True)
    clear_all()


def asked(process, person, what):
    """Processor time, wall time and how many were found."""
    process.stdin.write(json.dumps([person, what]) + "\n")
    process.stdin.flush()
    while not (line := process.stdout.readline()).startswith("["):
        if not line:
            raise SystemExit("a portal ended; --profile of it shows why")
    return json.loads(line)


def stopped(process):
    """End a portal."""
    process.stdin.close()
    process.wait(timeout=60)


def shorter(ours):
    """By how many bytes an answer of stock is shorter than one of ours, for each of its twenty rows."""
    small = started("stock", 40, subprocess.DEVNULL)
    lengths = [asked(process, "anonymous", "search")[3] for process in (ours, small)]
    stopped(small)
    return max(0, lengths[0] - lengths[1]) // 20


def main(count, rounds, *, same_size=False):
    """Ask both portals the same in turn and print a line for each question."""
    running = {"ours": started("ours", count, subprocess.DEVNULL)}
    more = shorter(running["ours"]) if same_size else 0
    running["stock"] = started("stock", count, subprocess.DEVNULL, more)
    worst = 0.0
    questions = [(person, what) for person in ("anonymous", "member") for what in WHAT]
    times = {(question, kind): [] for question in questions for kind in running}
    for number in range(rounds + 5):
        for question in questions:  # in turn, so that a busy minute of the machine does not fall upon one of them
            for kind in sorted(running, reverse=bool(number % 2)):
                found = asked(running[kind], *question)
                if number >= 5:
                    times[question, kind].append(found)
    for person, what in questions:
        held = {kind: times[(person, what), kind] for kind in running}
        for at, clock in enumerate(("processor", "wall")):
            told = {kind: round(statistics.median(row[at] for row in rows) * 1000, 2) for kind, rows in held.items()}
            ratio = round(told["ours"] / told["stock"], 3)
            told |= {f"{kind}_found": rows[0][2] for kind, rows in held.items()}
            told |= {f"{kind}_bytes": rows[0][3] for kind, rows in held.items()}
            print(json.dumps({"person": person, "what": what, "clock": clock, "ratio": ratio, **told}), flush=True)
            worst = max(worst, ratio if clock == "processor" else 0)
    for process in running.values():
        stopped(process)
    print(json.dumps({"worst": worst, "promise": 1.15, "kept": worst <= 1.15}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        worker(*sys.argv[2:6])
    elif sys.argv[1:2] == ["empty"]:
        empty(sys.argv[2])
    elif sys.argv[1:2] == ["--profile"]:
        for who in ("anonymous", "member"):
            asked(started(sys.argv[2], 2000, None), "profile", who)
    else:
        given = [item for item in sys.argv[1:] if item != "--same-size"]
        numbers = [int(item) for item in given[:2]]
        main(*(numbers + [10_000, 150][len(numbers) :]), same_size=len(given) < len(sys.argv) - 1)
