"""What counts against a daily cap is found by its day; before, each claim read all that a client ever sent."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_index("effects_by_state", "effects")
    op.create_index("effects_by_state", "effects", ["client", "state", "kind", "changed_at"])
