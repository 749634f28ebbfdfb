"""Threads, items, feedback, turns.

A migration spells its tables out: it must do the same when `tables.py` has moved on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_POSITION = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "threads",
        sa.Column("position", _POSITION, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("touched_at", _TIME, nullable=False, index=True),
        sa.Index("threads_of_owner", "owner", "position"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "items",
        sa.Column("position", _POSITION, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("thread_id", sa.String(64), sa.ForeignKey("threads.id", ondelete="CASCADE"), nullable=False),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Index("items_of_thread", "thread_id", "position"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "feedback",
        sa.Column("item_id", sa.String(64), sa.ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("thread_id", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("given_at", _TIME, nullable=False),
    )
    op.create_table(
        "turns",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("asked_at", _TIME, nullable=False, index=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("thread_id", sa.String(64)),
        sa.Column("item_id", sa.String(64), index=True),
        sa.Column("site", sa.String(64), nullable=False),
        sa.Column("page_uri", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(48), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("degraded", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("passages_ms", sa.Integer),
        sa.Column("first_text_ms", sa.Integer),
        sa.Column("total_ms", sa.Integer, nullable=False),
        sa.Column("passage_uris", sa.Text, nullable=False),
        sa.Column("cited_uris", sa.Text, nullable=False),
        sa.Column("not_found", sa.Text, nullable=False),
        sa.Column("feedback", sa.String(16)),
        sa.Column("question", sa.Text),
    )


def downgrade() -> None:
    for table in ("turns", "feedback", "items", "threads"):
        op.drop_table(table)
