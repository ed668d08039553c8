"""Runs the migrations on the engine that `ledger.database.upgrade` hands over, all of them or none.

Two processes may start on an empty database at once: the second waits for the first one's write lock and then finds
nothing to do.
"""

from alembic import context

import ledger.account_tables
import ledger.post_tables
import ledger.proposal_tables
import ledger.rates  # noqa: F401 its tables belong to the schema as well
from ledger.tables import Base

engine = context.config.attributes["engine"]

with engine.begin() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        user_module_prefix="columns.",
        # SQLite can take back a CREATE TABLE; the driver's habit of committing it early is switched off in `database`.
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
