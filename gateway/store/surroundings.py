"""What surrounds an answer: passages, notices, who answered, suggestions, how the turn ended. Kept with its question.

It is part of the conversation, not of the records for the docs team: it belongs to the reader, is read with their id
alone, and goes when the question, the conversation or its time of retention goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Text, bindparam, cast, select

from gateway.store.database import Database
from gateway.store.tables import feedback, items, surroundings

_QUESTION = (
    items.c.id == bindparam("my_item"),
    items.c.thread_id == bindparam("my_thread"),
    items.c.owner == bindparam("me"),
)
_READ = select(surroundings.c.question_id, surroundings.c.data).where(
    surroundings.c.question_id.in_(bindparam("ids", expanding=True)), surroundings.c.owner == bindparam("me")
)
_READ_THUMBS = select(feedback.c.item_id, feedback.c.kind).where(
    feedback.c.item_id.in_(bindparam("ids", expanding=True)), feedback.c.owner == bindparam("me")
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a reader was shown around one answer."""

    thread_id: str
    question_id: str
    data: str
    """JSON; what is in it is the business of those who write and show it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What was kept for some items of a conversation."""

    turns: dict[str, str] = field(default_factory=dict)
    """JSON by the id of the question."""
    thumbs: dict[str, str] = field(default_factory=dict)
    """The last thumb by the id of the answer."""


def keep_statement(database: Database) -> Any:
    """Keeps surroundings in the place of earlier ones, if their question is still there and its reader's own."""
    question = select(items.c.id, items.c.owner, cast(bindparam("data"), Text)).where(*_QUESTION)
    statement = database.upsert(surroundings).from_select(["question_id", "owner", "data"], question)
    return statement.on_conflict_do_update(index_elements=["question_id"], set_={"data": statement.excluded.data})


def keep(connection: Connection, statement: Any, kept: Surroundings, owner: str) -> None:
    """Run `keep_statement`; keeps nothing for a question that has gone meanwhile."""
    row = {"my_item": kept.question_id, "my_thread": kept.thread_id, "me": owner, "data": kept.data}
    connection.execute(statement, row)


def read(connection: Connection, item_ids: Sequence[str], owner: str) -> Shown:
    """What was kept for these items, questions and answers alike."""
    mine = {"ids": list(item_ids), "me": owner}
    turns, thumbs = connection.execute(_READ, mine).all(), connection.execute(_READ_THUMBS, mine).all()
    return Shown({row.question_id: row.data for row in turns}, {row.item_id: row.kind for row in thumbs})
