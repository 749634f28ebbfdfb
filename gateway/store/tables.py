"""Tables. Threads and items are JSON of ChatKit's own types, so that its schema may change without ours.

`position` orders rows by arrival: clocks may go backwards and two rows may share a time; a sequence does neither.
"""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

_Position = BigInteger().with_variant(Integer, "sqlite")  # SQLite increments only INTEGER by itself

threads = Table(
    "threads",
    metadata,
    Column("position", _Position, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("owner", String(80), nullable=False),
    Column("data", Text, nullable=False),
    Column("touched_at", DateTime(timezone=True), nullable=False, index=True),
    Index("threads_of_owner", "owner", "position"),
)

items = Table(
    "items",
    metadata,
    Column("position", _Position, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("thread_id", String(64), ForeignKey("threads.id", ondelete="CASCADE"), nullable=False),
    Column("owner", String(80), nullable=False),
    Column("data", Text, nullable=False),
    Index("items_of_thread", "thread_id", "position"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("item_id", String(64), ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Column("thread_id", String(64), nullable=False),
    Column("owner", String(80), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("given_at", DateTime(timezone=True), nullable=False),
    Column("reason", String(16)),
    Column("text", Text),
)

shared_threads = Table(
    "shared_threads",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("thread_id", String(64), ForeignKey("threads.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("owner", String(80), nullable=False),
    Column("shared_at", DateTime(timezone=True), nullable=False, index=True),
)

surroundings = Table(
    "surroundings",
    metadata,
    Column("question_id", String(64), ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Column("owner", String(80), nullable=False),
    Column("data", Text, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("asked_at", DateTime(timezone=True), nullable=False, index=True),
    Column("channel", String(16), nullable=False),
    Column("thread_id", String(64)),
    Column("item_id", String(64), index=True),
    Column("site", String(64), nullable=False),
    Column("page_uri", Text, nullable=False),
    Column("outcome", String(48), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("source", String(16), nullable=False),
    Column("model", String(128), nullable=False),
    Column("degraded", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("passages_ms", Integer),
    Column("first_text_ms", Integer),
    Column("total_ms", Integer, nullable=False),
    Column("passage_uris", Text, nullable=False),
    Column("cited_uris", Text, nullable=False),
    Column("not_found", Text, nullable=False),
    Column("feedback", String(16)),
    Column("feedback_reason", String(16)),
    Column("question", Text),
    Column("model_requests", Integer, nullable=False, server_default="0"),
)
