"""Letters that a service posts, and letters that come back: those were never a mail."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "consignments",
        sa.Column("effect_id", sa.Integer(), nullable=False),
        sa.Column("client", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=80), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("is_checked", sa.Boolean(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["effect_id"], ["effects.id"]),
        sa.PrimaryKeyConstraint("effect_id"),
    )
    op.create_index("consignments_to_look_at", "consignments", ["client", "look_at"])
    with op.batch_alter_table("bounces") as batch:
        batch.alter_column("incoming_id", existing_type=sa.Integer(), nullable=True)
