"""Run the migrations of the plugin ``kranj`` on the database that CKAN names."""

from alembic import context
from sqlalchemy import engine_from_config, pool

from ckan.model.meta import metadata

config = context.config

engine = engine_from_config(
    config.get_section(config.config_ini_section), prefix="sqlalchemy.", poolclass=pool.NullPool
)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, version_table="kranj_alembic_version")
    with context.begin_transaction():
        context.run_migrations()
