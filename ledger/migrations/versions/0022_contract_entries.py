"""What the journal says about a contract is found without searching the journal."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "contract_entries",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["journal.id"]),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
        sa.PrimaryKeyConstraint("entry_id"),
    )
    op.create_index("contract_entries_by_contract", "contract_entries", ["contract_id"])
    _find_old_ones(op.get_bind())


def _find_old_ones(connection: sa.Connection) -> None:
    journal = sa.table("journal", sa.column("id"), sa.column("client"), sa.column("event"), sa.column("facts", sa.JSON))
    contracts = sa.table("contracts", sa.column("id"), sa.column("client"), sa.column("number"))
    whose = (contracts.c.client == journal.c.client) & (contracts.c.number == journal.c.facts["contract"].as_string())
    found = sa.select(journal.c.id, contracts.c.id).join(contracts, whose).where(journal.c.event.like("contract %"))
    entries = sa.table("contract_entries", sa.column("entry_id"), sa.column("contract_id"))
    connection.execute(entries.insert().from_select(["entry_id", "contract_id"], found))
