"""Runs the migrations on the engine that `ledger.database.upgrade` hands over."""

from alembic import context

from ledger.tables import Base

engine = context.config.attributes["engine"]

with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, user_module_prefix="columns.")
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
