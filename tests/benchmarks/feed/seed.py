"""Fill a database of its own with any number of public datasets: one made by the Action API, the rest copied in SQL.

Run as ``seed.py INI NUMBER INDEXED``: NUMBER datasets in the database, INDEXED of them in the search index, which is
all that the stock endpoint needs for the pages it is measured on.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import sqlalchemy as sa

from ckan.cli.cli import CtxObject

ROOT = Path(__file__).parents[3]
COMPLETE = ROOT / "tests" / "data" / "complete_dataset.json"
RESOURCES = 3
AUDITED = ("package", "resource")


def copies(table: str, columns: list[str], changed: dict[str, str], source: str) -> str:
    """An INSERT of copies of the first row of a table."""
    taken = ", ".join(changed.get(name, f't."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table} ({names}) SELECT {taken} FROM {table} t {source}"  # noqa: S608


def main(ini: str, number: int, indexed: int) -> None:
    """Empty the catalogue and fill it."""
    app = CtxObject(ini).app
    from ckan import model
    from ckan.lib import search
    from ckan.plugins import toolkit as tk

    from ckanext.kranj.catalogue import city

    with app._wsgi_app.test_request_context():
        city.set_up()
        with model.meta.engine.begin() as connection:
            for table in AUDITED:  # or the portal seals the entries of all these rows while it is measured
                connection.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER kranj_audit"))
            connection.execute(sa.text("DELETE FROM resource_view"))
            connection.execute(sa.text("DELETE FROM resource"))
            connection.execute(sa.text("DELETE FROM package_member"))
            connection.execute(sa.text("DELETE FROM package"))
            for table in ("record", "dirty", "page"):
                connection.execute(sa.text(f"DELETE FROM kranj_feed_{table}"))  # noqa: S608
            connection.execute(sa.text("UPDATE kranj_feed_state SET total = 0, last_seq = 0"))
        search.clear_all()
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        dataset = json.loads(COMPLETE.read_text(encoding="utf-8"))
        one = dataset["resources"][0]
        dataset["resources"] = [{**one, "name_translated": {"sl": f"Tabela {n}"}} for n in range(RESOURCES)]
        made = tk.get_action("package_create")({"ignore_auth": True, "user": user}, dataset)
        packages = [column.name for column in model.Package.__table__.columns]
        resources = [column.name for column in model.Resource.__table__.columns]
        new_id = "'00000000-0000-4000-8000-' || lpad(n::text, 12, '0')"
        with model.meta.engine.begin() as connection:
            connection.execute(
                sa.text(
                    copies(
                        "package", packages,
                        {"id": new_id, "name": "'zbirka-' || n", "title": "'Zbirka ' || n"},
                        "CROSS JOIN generate_series(1, :last) n WHERE t.id = :id",
                    )
                ),
                {"last": number - 1, "id": made["id"]},
            )  # fmt: skip
            connection.execute(
                sa.text(
                    copies(
                        "resource", resources,
                        {"id": "md5(n || ':' || t.position)::uuid::text", "package_id": new_id},
                        "CROSS JOIN generate_series(1, :last) n WHERE t.package_id = :id",
                    )
                ),
                {"last": number - 1, "id": made["id"]},
            )  # fmt: skip
            for table in AUDITED:
                connection.execute(sa.text(f"ALTER TABLE {table} ENABLE TRIGGER kranj_audit"))
        chosen = [f"00000000-0000-4000-8000-{n:012d}" for n in range(1, indexed)]
        for identifier in chosen:
            search.rebuild(identifier, defer_commit=True)
        search.commit()
        token = tk.get_action("api_token_create")({"ignore_auth": True, "user": user}, {"user": user, "name": "bench"})
        print(json.dumps({"id": made["id"], "token": token["token"]}))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
