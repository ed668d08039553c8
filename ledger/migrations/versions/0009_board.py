"""Indexes of the board: what it asks of every invoice, and which are open."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BOARD = (
    *("client", "issue_date", "id", "due_date", "number", "marker", "customer_name", "customer_key"),
    *("open_amount", "is_voided", "gross"),
)


def upgrade() -> None:
    """Apply."""
    op.create_index("invoices_by_open_amount", "invoices", ["client", "open_amount", "is_voided"], unique=False)
    op.create_index("invoices_on_board", "invoices", list(BOARD), unique=False)
