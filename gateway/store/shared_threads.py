"""Read-only links to conversations: a secret that stands for one thread until it is withdrawn or too old."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import ThreadItem, ThreadMetadata
from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, and_, delete, insert, select

from gateway.store.database import Database
from gateway.store.tables import items, shared_threads, threads

_ITEM: TypeAdapter[Any] = TypeAdapter(ThreadItem)
_MOST_ITEMS = 400
"""Of a longer conversation the first ones are shown."""
_TOKEN_BYTES = 24
_MOST_TOKEN_CHARS = 64


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a conversation."""

    token: str
    """Unguessable: 192 random bits, as base64url."""
    expires_at: datetime | None
    """None: lives as long as the conversation."""


class SharedThreads:
    """Makes, reads and withdraws links. A link goes with its thread.

    Args:
        database: Migrated database.
        days: How long a link lives; 0: as long as its conversation.
    """

    def __init__(self, database: Database, *, days: int) -> None:
        self._database = database
        self._days = days

    async def share(self, thread_id: str, owner: str) -> Link:
        """The link to a thread of the owner; the same one while it lives.

        Raises:
            NotFoundError: If the thread does not exist or is another reader's.
        """

        def write(connection: Connection) -> Link:
            mine = and_(threads.c.id == thread_id, threads.c.owner == owner)
            if connection.scalar(select(threads.c.id).where(mine)) is None:
                raise NotFoundError(f"no thread {thread_id}")
            known = connection.execute(select(shared_threads).where(shared_threads.c.thread_id == thread_id)).first()
            if known is not None and self._lives(known):
                return self._link(known.token, known.shared_at)
            connection.execute(delete(shared_threads).where(shared_threads.c.thread_id == thread_id))
            token, now = secrets.token_urlsafe(_TOKEN_BYTES), datetime.now(UTC)
            row = {"token": token, "thread_id": thread_id, "owner": owner, "shared_at": now}
            connection.execute(insert(shared_threads).values(row))
            return self._link(token, now)

        return await self._database.run(write)

    async def withdraw(self, thread_id: str, owner: str) -> None:
        """Make the link of a thread of the owner lead nowhere; without one nothing happens."""
        mine = and_(shared_threads.c.thread_id == thread_id, shared_threads.c.owner == owner)
        await self._database.run(lambda connection: connection.execute(delete(shared_threads).where(mine)))

    async def read(self, token: str) -> tuple[ThreadMetadata, list[ThreadItem]]:
        """The conversation behind a link, oldest item first.

        Raises:
            NotFoundError: If there is no such link (any more).
        """

        if not token.isascii() or len(token) > _MOST_TOKEN_CHARS or "\0" in token:
            raise NotFoundError("no such link")

        def read(connection: Connection) -> tuple[str, list[str]]:
            row = connection.execute(select(shared_threads).where(shared_threads.c.token == token)).first()
            if row is None or not self._lives(row):
                raise NotFoundError("no such link")
            data = connection.scalar(select(threads.c.data).where(threads.c.id == row.thread_id))
            wanted = select(items.c.data).where(items.c.thread_id == row.thread_id, items.c.owner == row.owner)
            found = connection.scalars(wanted.order_by(items.c.position.asc()).limit(_MOST_ITEMS)).all()
            return str(data), list(found)

        thread, found = await self._database.run(read)
        return ThreadMetadata.model_validate_json(thread), [_ITEM.validate_json(data) for data in found]

    async def forget(self) -> int:
        """Delete links that are too old; returns how many."""
        if not self._days:
            return 0
        old = shared_threads.c.shared_at < datetime.now(UTC) - timedelta(days=self._days)
        return await self._database.run(
            lambda connection: connection.execute(delete(shared_threads).where(old)).rowcount
        )

    def _lives(self, row: Row[Any]) -> bool:
        expires_at = self._expiry(row.shared_at)
        return expires_at is None or expires_at > datetime.now(UTC)

    def _link(self, token: str, shared_at: datetime) -> Link:
        return Link(token, self._expiry(shared_at))

    def _expiry(self, shared_at: datetime) -> datetime | None:
        aware = shared_at if shared_at.tzinfo else shared_at.replace(tzinfo=UTC)  # SQLite keeps no zone
        return aware + timedelta(days=self._days) if self._days else None
