"""Contracts, from which recurring invoices are made; customers are found by their key."""

import sqlalchemy as sa
from alembic import op

from ledger import columns

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "contracts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("customer_key", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("billed_until", sa.Date(), nullable=True),
        sa.Column("owes_setup", sa.Boolean(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("made_at", columns.Instant(timezone=True), nullable=False),
        sa.Column("changed_at", columns.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("client", "number"),
    )
    op.create_index("contracts_by_day", "contracts", ["client", "next_on"])
    op.create_index("contracts_by_customer", "contracts", ["client", "customer_key"])
    op.create_table(
        "contract_bills",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("net", columns.Cents(), nullable=False),
        sa.Column("is_supplement", sa.Boolean(), nullable=False),
        sa.Column("settled_setup", sa.Boolean(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("made_at", columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"]),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("contract_id", "count"),
    )
    op.create_index("contract_bills_by_job", "contract_bills", ["job_id"])
    _give_customers_keys()


def _give_customers_keys() -> None:
    """The number, without one the name; before, each search read all customers."""
    with op.batch_alter_table("customers") as batch:
        batch.add_column(sa.Column("key", sa.Text(), nullable=False, server_default=""))
    customers = sa.table(
        "customers", sa.column("id", sa.Integer), sa.column("name"), sa.column("key"), sa.column("snapshot", sa.JSON())
    )
    found = op.get_bind().execute(sa.select(customers.c.id, customers.c.name, customers.c.snapshot)).all()
    for number, name, snapshot in found:
        key = snapshot.get("number") or name
        op.get_bind().execute(sa.update(customers).where(customers.c.id == number).values(key=key))
    with op.batch_alter_table("customers") as batch:
        batch.alter_column("key", existing_type=sa.Text(), server_default=None)
    op.create_index("customers_by_key", "customers", ["client", "source", "key"])
