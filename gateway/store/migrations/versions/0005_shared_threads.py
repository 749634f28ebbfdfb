"""Read-only links to conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shared_threads",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column(
            "thread_id", sa.String(64), sa.ForeignKey("threads.id", ondelete="CASCADE"), nullable=False, unique=True
        ),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )


def downgrade() -> None:
    op.drop_table("shared_threads")
