"""Environment of the migrations of the exchange of tables; CKAN supplies the address of the database."""

from __future__ import annotations

from alembic import context
from sqlalchemy import engine_from_config, pool

config = context.config

connectable = engine_from_config(
    config.get_section(config.config_ini_section), prefix="sqlalchemy.", poolclass=pool.NullPool
)
with connectable.connect() as connection:
    context.configure(connection=connection, target_metadata=None, version_table="kranj_exchange_alembic_version")
    with context.begin_transaction():
        context.run_migrations()
