"""Records of turns for the docs team: what was covered, who answered, how long it took. No text unless allowed."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from gateway.store.database import Database
from gateway.store.tables import feedback, items, threads, turns


@dataclass(slots=True)
class TurnRecord:
    """One turn; times in milliseconds from the question."""

    id: str
    channel: str
    """The door: `chatkit` or `openai`."""
    thread_id: str | None = None
    item_id: str | None = None
    """The answer's item, for feedback."""
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    site: str = ""
    page_uri: str = ""
    outcome: str = "left"
    """`completed`, `left` (the reader went away), or the reason of the failure."""
    verdict: str = "unknown"
    source: str = ""
    model: str = ""
    degraded: bool = False
    attempts: int = 1
    passages_ms: int | None = None
    first_text_ms: int | None = None
    total_ms: int = 0
    passage_uris: list[str] = field(default_factory=list)
    cited_uris: list[str] = field(default_factory=list)
    not_found: list[str] = field(default_factory=list)
    question: str | None = None
    model_requests: int = 0
    """Requests to the provider that this turn made itself."""


class TurnRecords:
    """Writes records and feedback, and deletes what is too old.

    Args:
        database: Migrated database.
        store_texts: Store the question with the record.
    """

    def __init__(self, database: Database, *, store_texts: bool) -> None:
        self._database = database
        self._store_texts = store_texts
        self._insert = database.upsert(turns).on_conflict_do_nothing()

    async def save(self, *records: TurnRecord) -> None:
        rows = [self._row(record) for record in records]
        await self._database.run(lambda connection: connection.execute(self._insert, rows))

    def _row(self, record: TurnRecord) -> dict[str, Any]:
        row = {name: getattr(record, name) for name in TurnRecord.__slots__}
        row |= {name: json.dumps(row[name]) for name in ("passage_uris", "cited_uris", "not_found")}
        return row if self._store_texts else row | {"question": None}

    async def give_feedback(
        self, thread_id: str, item_ids: list[str], kind: str, owner: str, *, reason: str | None = None, text: str = ""
    ) -> bool:
        """Store a thumb for items of the reader's own thread; the last one given counts.

        The reader's words stay with the conversation and go when it goes; the record of the turn gets the reason alone.

        Args:
            thread_id: The thread.
            item_ids: Items of it.
            kind: `positive` or `negative`.
            owner: Whose thread it is.
            reason: Why the answer did not help; None when the reader did not say.
            text: What the reader says about it; may be empty.

        Returns:
            False when the thread or one of the items is not the owner's; then nothing is stored.
        """
        wanted = set(item_ids)
        mine = (items.c.thread_id == thread_id, items.c.owner == owner, items.c.id.in_(wanted))
        given = {"kind": kind, "given_at": datetime.now(UTC), "reason": reason, "text": text or None}
        common = {"thread_id": thread_id, "owner": owner} | given

        def write(connection: Connection) -> bool:
            found = connection.scalar(select(func.count()).select_from(items).where(*mine))
            if not wanted or found != len(wanted):
                return False
            for item_id in sorted(wanted):
                statement = self._database.upsert(feedback).values(common | {"item_id": item_id})
                connection.execute(statement.on_conflict_do_update(index_elements=["item_id"], set_=common))
            noted = {"feedback": kind, "feedback_reason": reason}
            connection.execute(update(turns).where(turns.c.item_id.in_(wanted)).values(noted))
            return True

        return await self._database.run(write)

    async def forget(self, *, threads_days: int, records_days: int) -> int:
        """Delete idle threads and old records; 0 days keeps them. Returns the number of rows deleted."""
        now = datetime.now(UTC)
        statements = []
        if threads_days:
            statements.append(delete(threads).where(threads.c.touched_at < now - timedelta(days=threads_days)))
        if records_days:
            statements.append(delete(turns).where(turns.c.asked_at < now - timedelta(days=records_days)))
        return await self._database.run(
            lambda connection: sum(connection.execute(statement).rowcount for statement in statements)
        )
