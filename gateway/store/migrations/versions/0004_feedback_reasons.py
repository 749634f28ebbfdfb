"""Why an answer did not help, in the reader's choice and words."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feedback", sa.Column("reason", sa.String(16)))
    op.add_column("feedback", sa.Column("text", sa.Text))
    op.add_column("turns", sa.Column("feedback_reason", sa.String(16)))


def downgrade() -> None:
    op.drop_column("turns", "feedback_reason")
    op.drop_column("feedback", "text")
    op.drop_column("feedback", "reason")
