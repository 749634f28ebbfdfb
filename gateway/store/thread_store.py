"""ChatKit's store: conversations, each owned by a reader.

The owner stands in every query, so a guessed id finds nothing.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from chatkit.store import NotFoundError, Store, StoreItemType
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata
from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, Table, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.database import Database
from gateway.store.tables import items, threads
from gateway.visit import Visit

MAX_PAGE_SIZE = 100
_ITEM: TypeAdapter[Any] = TypeAdapter(ThreadItem)
_PREFIXES: dict[StoreItemType, str] = {
    "thread": "thr",
    "message": "msg",
    "tool_call": "tc",
    "workflow": "wf",
    "task": "tsk",
    "attachment": "atc",
    "sdk_hidden_context": "shcx",
}
_T = TypeVar("_T")


class ThreadStore(Store[Visit]):
    """Threads and items in SQL; all writes are upserts, all order is by arrival.

    Args:
        database: Migrated database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def generate_thread_id(self, context: Visit) -> str:
        return _new_id("thread")

    def generate_item_id(self, item_type: StoreItemType, thread: ThreadMetadata, context: Visit) -> str:
        return _new_id(item_type)

    async def load_thread(self, thread_id: str, context: Visit) -> ThreadMetadata:
        query = select(threads.c.data).where(threads.c.id == thread_id, threads.c.owner == context.reader.id)
        async with self._database.reading() as connection:
            data = await connection.scalar(query)
        if data is None:
            raise NotFoundError(f"no thread {thread_id}")
        return ThreadMetadata.model_validate_json(data)

    async def save_thread(self, thread: ThreadMetadata, context: Visit) -> None:
        # ChatKit may hand over a whole Thread: its items have rows of their own.
        plain = ThreadMetadata.model_validate(thread.model_dump(exclude={"items"}))
        plain.created_at = _utc(plain.created_at)
        row = {"id": plain.id, "owner": context.reader.id, "data": plain.model_dump_json(), "touched_at": _now()}
        await self._upsert(threads, row, changing=("data", "touched_at"))

    async def load_threads(self, limit: int, after: str | None, order: str, context: Visit) -> Page[ThreadMetadata]:
        rows, has_more = await self._page(threads, threads.c.owner == context.reader.id, limit, after, order)
        found = [ThreadMetadata.model_validate_json(row.data) for row in rows]
        return _page_of(found, rows, has_more)

    async def delete_thread(self, thread_id: str, context: Visit) -> None:
        mine = (threads.c.id == thread_id, threads.c.owner == context.reader.id)
        async with self._database.writing() as connection:
            await connection.execute(delete(threads).where(*mine))  # items and feedback follow by foreign key

    async def delete_all_threads(self, context: Visit) -> int:
        """Forget a reader's conversations; returns how many there were."""
        async with self._database.writing() as connection:
            return (await connection.execute(delete(threads).where(threads.c.owner == context.reader.id))).rowcount

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Visit
    ) -> Page[ThreadItem]:
        await self.load_thread(thread_id, context)
        mine = and_(items.c.thread_id == thread_id, items.c.owner == context.reader.id)
        rows, has_more = await self._page(items, mine, limit, after, order)
        return _page_of([_ITEM.validate_json(row.data) for row in rows], rows, has_more)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Visit) -> None:
        stored = item.model_copy(update={"created_at": _utc(item.created_at), "thread_id": thread_id})
        row = {
            "id": stored.id,
            "thread_id": thread_id,
            "owner": context.reader.id,
            "data": stored.model_dump_json(exclude_none=True),
        }
        mine = (threads.c.id == thread_id, threads.c.owner == context.reader.id)
        async with self._database.writing() as connection:
            touched = await connection.execute(update(threads).where(*mine).values(touched_at=_now()))
            if touched.rowcount == 0:
                raise NotFoundError(f"no thread {thread_id}")
            await self._upsert_in(connection, items, row, changing=("data",))

    async def save_item(self, thread_id: str, item: ThreadItem, context: Visit) -> None:
        await self.add_thread_item(thread_id, item, context)

    async def load_item(self, thread_id: str, item_id: str, context: Visit) -> ThreadItem:
        async with self._database.reading() as connection:
            data = await connection.scalar(select(items.c.data).where(*_my_item(thread_id, item_id, context)))
        if data is None:
            raise NotFoundError(f"no item {item_id} in thread {thread_id}")
        item: ThreadItem = _ITEM.validate_json(data)
        return item

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Visit) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(items).where(*_my_item(thread_id, item_id, context)))

    async def save_attachment(self, attachment: Attachment, context: Visit) -> None:
        raise NotFoundError("attachments are not taken")

    async def load_attachment(self, attachment_id: str, context: Visit) -> Attachment:
        raise NotFoundError("attachments are not taken")

    async def delete_attachment(self, attachment_id: str, context: Visit) -> None:
        raise NotFoundError("attachments are not taken")

    async def _page(
        self, table: Table, mine: ColumnElement[bool], limit: int, after: str | None, order: str
    ) -> tuple[Sequence[Row[Any]], bool]:
        """Rows behind the row `after`, and whether more follow."""
        size = max(1, min(limit, MAX_PAGE_SIZE))
        position = table.c.position
        query = select(table).where(mine).order_by(position.asc() if order == "asc" else position.desc())
        async with self._database.reading() as connection:
            if after:
                cursor = await connection.scalar(select(position).where(mine, table.c.id == after))
                if cursor is None:
                    raise NotFoundError(f"no row {after} to go on from")
                query = query.where(position > cursor if order == "asc" else position < cursor)
            rows = (await connection.execute(query.limit(size + 1))).all()
        return rows[:size], len(rows) > size

    async def _upsert(self, table: Table, row: dict[str, Any], *, changing: tuple[str, ...]) -> None:
        async with self._database.writing() as connection:
            await self._upsert_in(connection, table, row, changing=changing)

    async def _upsert_in(
        self, connection: AsyncConnection, table: Table, row: dict[str, Any], *, changing: tuple[str, ...]
    ) -> None:
        statement = self._database.upsert(table).values(row)
        statement = statement.on_conflict_do_update(
            index_elements=["id"],
            set_={name: statement.excluded[name] for name in changing},
            where=table.c.owner == row["owner"],
        )
        if (await connection.execute(statement)).rowcount == 0:
            raise NotFoundError("the id belongs to somebody else")


def _new_id(item_type: StoreItemType) -> str:
    return f"{_PREFIXES[item_type]}_{uuid.uuid4().hex}"


def _now() -> datetime:
    return datetime.now(UTC)


def _utc(moment: datetime) -> datetime:
    """ChatKit makes naive local times; what is stored says its zone."""
    return moment.astimezone(UTC)


def _my_item(thread_id: str, item_id: str, context: Visit) -> tuple[ColumnElement[bool], ...]:
    return items.c.id == item_id, items.c.thread_id == thread_id, items.c.owner == context.reader.id


def _page_of(found: list[_T], rows: Sequence[Row[Any]], has_more: bool) -> Page[_T]:
    return Page(data=found, has_more=has_more, after=rows[-1].id if has_more else None)
