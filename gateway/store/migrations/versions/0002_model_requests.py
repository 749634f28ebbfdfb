"""How many requests to the provider a turn cost."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("turns", sa.Column("model_requests", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("turns", "model_requests")
