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
from sqlalchemy import ColumnElement, Connection, Row, Table, and_, delete, select, update

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
        self._upsert_thread = _upsert(database, threads, "data", "touched_at")
        self._upsert_item = _upsert(database, items, "data")

    def generate_thread_id(self, context: Visit) -> str:
        return _new_id("thread")

    def generate_item_id(self, item_type: StoreItemType, thread: ThreadMetadata, context: Visit) -> str:
        return _new_id(item_type)

    async def load_thread(self, thread_id: str, context: Visit) -> ThreadMetadata:
        query = select(threads.c.data).where(*_my_thread(thread_id, context))
        data = await self._database.run(lambda connection: connection.scalar(query))
        if data is None:
            raise NotFoundError(f"no thread {thread_id}")
        return ThreadMetadata.model_validate_json(data)

    async def save_thread(self, thread: ThreadMetadata, context: Visit) -> None:
        # ChatKit may hand over a whole Thread: its items have rows of their own.
        plain = ThreadMetadata.model_validate(thread.model_dump(exclude={"items"}))
        plain.created_at = _utc(plain.created_at)
        row = {"id": plain.id, "owner": context.reader.id, "data": plain.model_dump_json(), "touched_at": _now()}
        await self._database.run(lambda connection: _save(connection, self._upsert_thread, row))

    async def load_threads(self, limit: int, after: str | None, order: str, context: Visit) -> Page[ThreadMetadata]:
        mine = threads.c.owner == context.reader.id
        rows, has_more = await self._database.run(
            lambda connection: _page(connection, threads, mine, limit=limit, after=after, order=order)
        )
        return _page_of([ThreadMetadata.model_validate_json(row.data) for row in rows], rows, has_more)

    async def delete_thread(self, thread_id: str, context: Visit) -> None:
        statement = delete(threads).where(*_my_thread(thread_id, context))  # items and thumbs follow by foreign key
        await self._database.run(lambda connection: connection.execute(statement))

    async def delete_all_threads(self, context: Visit) -> int:
        """Forget a reader's conversations; returns how many there were."""
        statement = delete(threads).where(threads.c.owner == context.reader.id)
        return await self._database.run(lambda connection: connection.execute(statement).rowcount)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Visit
    ) -> Page[ThreadItem]:
        def read(connection: Connection) -> tuple[Sequence[Row[Any, Any]], bool]:
            if connection.scalar(select(threads.c.id).where(*_my_thread(thread_id, context))) is None:
                raise NotFoundError(f"no thread {thread_id}")
            mine = and_(items.c.thread_id == thread_id, items.c.owner == context.reader.id)
            return _page(connection, items, mine, limit=limit, after=after, order=order)

        rows, has_more = await self._database.run(read)
        return _page_of([_ITEM.validate_json(row.data) for row in rows], rows, has_more)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Visit) -> None:
        stored = item.model_copy(update={"created_at": _utc(item.created_at), "thread_id": thread_id})
        row = {
            "id": stored.id,
            "thread_id": thread_id,
            "owner": context.reader.id,
            "data": stored.model_dump_json(exclude_none=True),
        }

        def write(connection: Connection) -> None:
            touch = update(threads).where(*_my_thread(thread_id, context)).values(touched_at=_now())
            if connection.execute(touch).rowcount == 0:
                raise NotFoundError(f"no thread {thread_id}")
            _save(connection, self._upsert_item, row)

        await self._database.run(write)

    async def save_item(self, thread_id: str, item: ThreadItem, context: Visit) -> None:
        await self.add_thread_item(thread_id, item, context)

    async def load_item(self, thread_id: str, item_id: str, context: Visit) -> ThreadItem:
        query = select(items.c.data).where(*_my_item(thread_id, item_id, context))
        data = await self._database.run(lambda connection: connection.scalar(query))
        if data is None:
            raise NotFoundError(f"no item {item_id} in thread {thread_id}")
        item: ThreadItem = _ITEM.validate_json(data)
        return item

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Visit) -> None:
        statement = delete(items).where(*_my_item(thread_id, item_id, context))
        await self._database.run(lambda connection: connection.execute(statement))

    async def save_attachment(self, attachment: Attachment, context: Visit) -> None:
        raise NotFoundError("attachments are not taken")

    async def load_attachment(self, attachment_id: str, context: Visit) -> Attachment:
        raise NotFoundError("attachments are not taken")

    async def delete_attachment(self, attachment_id: str, context: Visit) -> None:
        raise NotFoundError("attachments are not taken")


def _save(connection: Connection, statement: Any, row: dict[str, Any]) -> None:
    if connection.execute(statement, row).rowcount == 0:
        raise NotFoundError("the id belongs to somebody else")


def _upsert(database: Database, table: Table, *changing: str) -> Any:
    """Insert a row, or change the owner's own; made once, because making it costs more than running it."""
    statement = database.upsert(table)
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_={name: statement.excluded[name] for name in changing},
        where=table.c.owner == statement.excluded.owner,
    )


def _page(
    connection: Connection, table: Table, mine: ColumnElement[bool], *, limit: int, after: str | None, order: str
) -> tuple[Sequence[Row[Any, Any]], bool]:
    """Rows behind the row `after`, and whether more follow."""
    size = max(1, min(limit, MAX_PAGE_SIZE))
    position = table.c.position
    query = select(table.c.id, table.c.data).where(mine)
    if after:
        cursor = connection.scalar(select(position).where(mine, table.c.id == after))
        if cursor is None:
            raise NotFoundError(f"no row {after} to go on from")
        query = query.where(position > cursor if order == "asc" else position < cursor)
    ordered = query.order_by(position.asc() if order == "asc" else position.desc())
    rows = connection.execute(ordered.limit(size + 1)).all()
    return rows[:size], len(rows) > size


def _new_id(item_type: StoreItemType) -> str:
    return f"{_PREFIXES[item_type]}_{uuid.uuid4().hex}"


def _now() -> datetime:
    return datetime.now(UTC)


def _utc(moment: datetime) -> datetime:
    """ChatKit makes naive local times; what is stored says its zone."""
    return moment.astimezone(UTC)


def _my_thread(thread_id: str, context: Visit) -> tuple[ColumnElement[bool], ...]:
    return threads.c.id == thread_id, threads.c.owner == context.reader.id


def _my_item(thread_id: str, item_id: str, context: Visit) -> tuple[ColumnElement[bool], ...]:
    return items.c.id == item_id, items.c.thread_id == thread_id, items.c.owner == context.reader.id


def _page_of(found: list[_T], rows: Sequence[Row[Any, Any]], has_more: bool) -> Page[_T]:
    return Page(data=found, has_more=has_more, after=rows[-1].id if has_more else None)
