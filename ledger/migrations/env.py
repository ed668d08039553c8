"""Runs the migrations on the engine that `ledger.database.upgrade` hands over, all of them or none."""

from alembic import context
from sqlalchemy import text

from ledger.tables import Base

LOCK = 7_261_993
"""Any number of ours: whoever holds this lock of PostgreSQL migrates, the others wait and then find nothing to do."""

engine = context.config.attributes["engine"]

with engine.begin() as connection:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        user_module_prefix="columns.",
        # SQLite can take back a CREATE TABLE; the driver's habit of committing it early is switched off in `database`.
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
