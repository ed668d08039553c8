"""When held things were looked at again, and tasks on a board outside."""

import sqlalchemy as sa
from alembic import op

from ledger import columns

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "rechecks",
        sa.Column("client", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=220), nullable=False),
        sa.Column("first_at", columns.Instant(timezone=True), nullable=False),
        sa.Column("last_at", columns.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client", "subject"),
    )
    op.create_table(
        "task_cards",
        sa.Column("task_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("client", sa.String(length=40), nullable=False),
        sa.Column("shown", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", columns.Instant(timezone=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("changed_at", columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"]),
        sa.PrimaryKeyConstraint("task_id"),
    )
    op.create_index("task_cards_by_client", "task_cards", ["client", "shown"])
