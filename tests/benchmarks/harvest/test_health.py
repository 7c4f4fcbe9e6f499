"""The health page with 500 sources and 50,000 runs: under a second, and the same number of questions as with few."""

import time

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.harvest import health

pytestmark = pytest.mark.long
SOURCES, RUNS = 500, 100

SEED = (
    "INSERT INTO package (id, name, title, type, state, private, owner_org, url, extras, metadata_created,"
    " metadata_modified) SELECT 'bench-' || n, 'bench-' || n, 'Vir številka ' || n, 'harvest', 'active', true, :owner,"
    " 'https://vir.example/' || n, '{}', now(), now() FROM generate_series(1, :sources) n",
    "INSERT INTO harvest_source (id, url, title, config, created, type, active, frequency)"
    " SELECT 'bench-' || n, 'https://vir.example/' || n, 'Vir ' || n, '{}', now(), 'kranj-dcat', true, 'DAILY'"
    " FROM generate_series(1, :sources) n",
    "INSERT INTO harvest_job (id, source_id, status, created, gather_started, gather_finished, finished)"
    " SELECT 'bench-' || n || '-' || r, 'bench-' || n, 'Finished', now() - r * interval '1 day',"
    " now() - r * interval '1 day', now(), now() FROM generate_series(1, :sources) n, generate_series(1, :runs) r",
    "INSERT INTO kranj_harvest_run (id, source_id, started, heartbeat, finished, complete, reason, counts, codes,"
    " problems, seen, halted, plan) SELECT 'bench-' || n || '-' || r, 'bench-' || n,"
    " now() - (r - 0.5) * interval '1 day', now(), now() - (r - 0.5) * interval '1 day' + (r % 7) * interval '1 second',"
    " (n + r) % 13 <> 0, '', jsonb_build_object('read', 100 + (n * r) % 40), '{}', '[]', 100, '', '{}'"
    " FROM generate_series(1, :sources) n, generate_series(1, :runs) r",
)


@pytest.fixture
def many(catalogue):
    owner = model.Group.get("mestna-obcina-kranj").id
    asked = {"owner": owner, "sources": SOURCES, "runs": RUNS}
    for statement in SEED:
        model.Session.execute(sa.text(statement), asked)
    model.Session.commit()
    with model.meta.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            sa.text("ANALYZE package, harvest_source, harvest_job, kranj_harvest_run")
        )
    yield
    model.Session.execute(sa.text("DELETE FROM kranj_harvest_run WHERE id LIKE 'bench-%'"))
    model.Session.commit()


def test_the_health_page_of_five_hundred_sources(many, catalogue):
    user = factories.UserWithToken()
    call_action("organization_member_create", id="mestna-obcina-kranj", username=user["name"], role="editor")
    headers = {"Authorization": user["token"]}
    counts = []

    def saw(_connection, _cursor, statement, *_):
        counts[-1] += 1

    sa.event.listen(model.meta.engine, "before_cursor_execute", saw)
    try:
        counts.append(0)
        assert len(health.rows()) == SOURCES
        walls, cpus = [], []
        for _ in range(5):
            counts.append(0)
            wall, cpu = time.monotonic(), time.process_time()
            page = catalogue.get("/harvest/health", headers=headers)
            walls.append(time.monotonic() - wall)
            cpus.append(time.process_time() - cpu)
            assert page.body.count("<svg") == SOURCES
    finally:
        sa.event.remove(model.meta.engine, "before_cursor_execute", saw)
    print(
        f"\n{SOURCES} sources, {SOURCES * RUNS} runs: page {min(walls):.2f} s (median {sorted(walls)[2]:.2f}),"
        f" processor {min(cpus):.2f} s; questions: data {counts[0]}, whole page {counts[-1]}"
    )
    assert counts[0] <= 5
    assert min(walls) < 1
