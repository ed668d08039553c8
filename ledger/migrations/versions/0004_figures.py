"""What figures need of an invoice, beside its draft: whose it is, and its net amount."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

from ledger import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CHUNK = 1000

invoices = sa.table(
    "invoices",
    sa.column("id", sa.Integer()),
    sa.column("customer_name", sa.Text()),
    sa.column("draft", sa.JSON()),
    sa.column("customer_key", sa.Text()),
    sa.column("net", columns.Cents()),
)


def upgrade() -> None:
    """Apply."""
    op.add_column("invoices", sa.Column("customer_key", sa.Text(), nullable=False, server_default=""))
    op.add_column("invoices", sa.Column("net", columns.Cents(), nullable=False, server_default="0"))
    op.create_index("invoices_by_customer", "invoices", ["client", "customer_key"], unique=False)
    for found in _read():
        op.get_bind().execute(
            sa.update(invoices)
            .where(invoices.c.id == sa.bindparam("the_id"))
            .values(customer_key=sa.bindparam("customer_key"), net=sa.bindparam("net")),
            [_values(row) for row in found],
        )


def _read() -> Iterator[Any]:
    last = 0
    query = sa.select(invoices.c.id, invoices.c.customer_name, invoices.c.draft).order_by(invoices.c.id).limit(CHUNK)
    while found := op.get_bind().execute(query.where(invoices.c.id > last)).all():
        yield found
        last = found[-1].id


def _values(row: Any) -> dict[str, Any]:
    net = Decimal(row.draft["totals"]["net"])
    is_credit = row.draft.get("kind") == "credit_note"
    key = row.draft["customer"]["number"] or row.customer_name
    return {"the_id": row.id, "customer_key": key, "net": -net if is_credit else net}
