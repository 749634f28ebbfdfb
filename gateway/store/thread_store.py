"""Conversations in SQL, each owned by a reader, whose id is the owner. Threads and items are ChatKit's own types.

The owner is part of every query, so a guessed id finds nothing. Statements that every question needs are built once:
building one costs more than running it.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from chatkit.store import NotFoundError
from chatkit.types import Page, ThreadItem, ThreadMetadata, UserMessageItem
from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Row, Table, and_, bindparam, delete, select, update

from gateway.store.database import Database
from gateway.store.surroundings import Shown, Surroundings, keep, keep_statement, read
from gateway.store.tables import items, threads

MAX_PAGE_SIZE = 100
_ITEM: TypeAdapter[Any] = TypeAdapter(ThreadItem)
_T = TypeVar("_T")

_MY_THREAD = and_(threads.c.id == bindparam("my_thread"), threads.c.owner == bindparam("me"))
_MY_ITEMS = and_(items.c.thread_id == bindparam("my_thread"), items.c.owner == bindparam("me"))
_MY_ITEM = and_(_MY_ITEMS, items.c.id == bindparam("my_item"))
_TOUCH = update(threads).where(_MY_THREAD).values(touched_at=bindparam("now"))
_READ_THREAD = select(threads.c.data).where(_MY_THREAD)
_FIND_THREAD = select(threads.c.id).where(_MY_THREAD)
_READ_ITEM = select(items.c.data, items.c.position).where(_MY_ITEM)
_DELETE_ITEM = delete(items).where(_MY_ITEM)
_LATER_IDS = select(items.c.id).where(_MY_ITEMS, items.c.position > bindparam("position"))
_NEWEST = select(items.c.data).where(_MY_ITEMS).order_by(items.c.position.desc()).limit(bindparam("count"))
_NEWEST_BEFORE = _NEWEST.where(items.c.position < bindparam("position"))


class UnknownCursor(NotFoundError):
    """The row to go on from does not exist (any more)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in its conversation."""

    question: UserMessageItem
    earlier: list[ThreadItem]
    """The newest items before it, oldest first."""
    later_ids: tuple[str, ...] = ()
    """Ids of the items after it."""


class ThreadStore:
    """Threads and items; every method is one transaction, all writes are upserts, all order is by arrival.

    Every method raises `NotFoundError` for what does not exist or has another owner; deleting that does nothing.

    Args:
        database: Migrated database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._upsert_thread = _upsert(database, threads, "data", "touched_at")
        self._upsert_item = _upsert(database, items, "data")
        self._keep = keep_statement(database)

    async def load_thread(self, thread_id: str, owner: str) -> ThreadMetadata:
        data = await self._database.run(lambda connection: connection.scalar(_READ_THREAD, _mine(thread_id, owner)))
        if data is None:
            raise NotFoundError(f"no thread {thread_id}")
        return ThreadMetadata.model_validate_json(data)

    async def save_thread(self, thread: ThreadMetadata, owner: str) -> None:
        row = _thread_row(thread, owner)
        await self._database.run(lambda connection: _save(connection, self._upsert_thread, row))

    async def load_threads(self, limit: int, after: str | None, order: str, owner: str) -> Page[ThreadMetadata]:
        mine = threads.c.owner == owner
        rows, has_more = await self._database.run(
            lambda connection: _page(connection, threads, mine, limit=limit, after=after, order=order)
        )
        return _page_of([ThreadMetadata.model_validate_json(row.data) for row in rows], rows, has_more)

    async def delete_thread(self, thread_id: str, owner: str) -> None:
        statement = delete(threads).where(_MY_THREAD)  # items and thumbs follow by foreign key
        await self._database.run(lambda connection: connection.execute(statement, _mine(thread_id, owner)))

    async def delete_all_threads(self, owner: str) -> int:
        """Delete all conversations of an owner; returns how many there were."""
        statement = delete(threads).where(threads.c.owner == owner)
        return await self._database.run(lambda connection: connection.execute(statement).rowcount)

    async def load_items(
        self, thread_id: str, after: str | None, limit: int, order: str, owner: str
    ) -> Page[ThreadItem]:
        def read(connection: Connection) -> tuple[Sequence[Row[Any, Any]], bool]:
            if connection.scalar(_FIND_THREAD, _mine(thread_id, owner)) is None:
                raise NotFoundError(f"no thread {thread_id}")
            mine = and_(items.c.thread_id == thread_id, items.c.owner == owner)
            return _page(connection, items, mine, limit=limit, after=after, order=order)

        rows, has_more = await self._database.run(read)
        return _page_of([_ITEM.validate_json(row.data) for row in rows], rows, has_more)

    async def begin_thread(self, thread: ThreadMetadata, question: UserMessageItem, owner: str) -> Asked:
        """Store a new conversation with its first question."""

        def write(connection: Connection) -> None:
            _save(connection, self._upsert_thread, _thread_row(thread, owner))
            _save(connection, self._upsert_item, _item_row(question, owner))

        await self._database.run(write)
        return Asked(question, [])

    async def add_question(self, question: UserMessageItem, owner: str, *, history: int) -> Asked:
        """Store the next question of a conversation.

        Args:
            question: The question.
            owner: Whose it is.
            history: Most earlier items to return with it.
        """

        def write(connection: Connection) -> Sequence[str]:
            earlier = connection.scalars(_NEWEST, _mine(question.thread_id, owner) | {"count": history}).all()
            self._add(connection, question, owner)
            return earlier

        return Asked(question, _oldest_first(await self._database.run(write)))

    async def ask_again(self, thread_id: str, question_id: str, owner: str, *, history: int) -> Asked | None:
        """A question that was stored before; None when it is no longer in the conversation. `history` as above."""

        def read(connection: Connection) -> tuple[str, Sequence[str], Sequence[str]] | None:
            mine = _mine(thread_id, owner)
            if connection.scalar(_FIND_THREAD, mine) is None:
                raise NotFoundError(f"no thread {thread_id}")
            found = connection.execute(_READ_ITEM, mine | {"my_item": question_id}).one_or_none()
            if found is None:
                return None
            here = mine | {"position": found.position}
            later_ids = connection.scalars(_LATER_IDS, here).all()
            return found.data, connection.scalars(_NEWEST_BEFORE, here | {"count": history}).all(), later_ids

        if (rows := await self._database.run(read)) is None:
            return None
        data, earlier, later_ids = rows
        question = _ITEM.validate_json(data)
        if not isinstance(question, UserMessageItem):
            return None
        return Asked(question, _oldest_first(earlier), tuple(later_ids))

    async def add_item(
        self,
        item: ThreadItem,
        owner: str,
        *,
        replaced_ids: Iterable[str] = (),
        surroundings: Surroundings | None = None,
    ) -> None:
        """Store an item, in its old place when it has one; the items it replaces are deleted.

        Args:
            item: The item.
            owner: Whose it is.
            replaced_ids: Items to delete.
            surroundings: What the reader is shown around it.
        """

        def write(connection: Connection) -> None:
            self._add(connection, item, owner)
            for item_id in replaced_ids:
                connection.execute(_DELETE_ITEM, _mine(item.thread_id, owner) | {"my_item": item_id})
            if surroundings is not None:
                keep(connection, self._keep, surroundings, owner)

        await self._database.run(write)

    async def keep_surroundings(self, surroundings: Surroundings, owner: str) -> None:
        """Keep what a reader was shown although no answer came."""
        await self._database.run(lambda connection: keep(connection, self._keep, surroundings, owner))

    async def load_surroundings(self, item_ids: Sequence[str], owner: str) -> Shown:
        """What was kept for items of the owner."""
        return await self._database.run(lambda connection: read(connection, item_ids, owner))

    def _add(self, connection: Connection, item: ThreadItem, owner: str) -> None:
        if connection.execute(_TOUCH, _mine(item.thread_id, owner) | {"now": _now()}).rowcount == 0:
            raise NotFoundError(f"no thread {item.thread_id}")
        _save(connection, self._upsert_item, _item_row(item, owner))


def new_id(prefix: str) -> str:
    """An id that is never repeated: ChatKit's own have 32 random bits, so that two of 77,000 items share one."""
    return f"{prefix}_{uuid.uuid4().hex}"


def _save(connection: Connection, statement: Any, row: dict[str, Any]) -> None:
    if connection.execute(statement, row).rowcount == 0:
        raise NotFoundError("the id belongs to somebody else")


def _upsert(database: Database, table: Table, *changing: str) -> Any:
    """Insert a row, or change the owner's own."""
    statement = database.upsert(table)
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_={name: statement.excluded[name] for name in changing},
        where=table.c.owner == statement.excluded.owner,
    )


def _page(
    connection: Connection, table: Table, mine: ColumnElement[bool], *, limit: int, after: str | None, order: str
) -> tuple[Sequence[Row[Any, Any]], bool]:
    """Rows that follow the row `after`, and whether there are more.

    Raises:
        UnknownCursor: If there is no row `after`, or it is not one of these.
    """
    size = max(1, min(limit, MAX_PAGE_SIZE))
    position = table.c.position
    query = select(table.c.id, table.c.data).where(mine)
    if after:
        cursor = connection.scalar(select(position).where(mine, table.c.id == after))
        if cursor is None:
            raise UnknownCursor(f"no row {after} to go on from")
        query = query.where(position > cursor if order == "asc" else position < cursor)
    ordered = query.order_by(position.asc() if order == "asc" else position.desc())
    rows = connection.execute(ordered.limit(size + 1)).all()
    return rows[:size], len(rows) > size


def _mine(thread_id: str, owner: str) -> dict[str, Any]:
    return {"my_thread": thread_id, "me": owner}


def _thread_row(thread: ThreadMetadata, owner: str) -> dict[str, Any]:
    return {"id": thread.id, "owner": owner, "data": thread.model_dump_json(), "touched_at": _now()}


def _item_row(item: ThreadItem, owner: str) -> dict[str, Any]:
    data = item.model_dump_json(exclude_none=True)
    return {"id": item.id, "thread_id": item.thread_id, "owner": owner, "data": data}


def _oldest_first(newest_first: Sequence[str]) -> list[ThreadItem]:
    return [_ITEM.validate_json(data) for data in reversed(newest_first)]


def _page_of(found: list[_T], rows: Sequence[Row[Any, Any]], has_more: bool) -> Page[_T]:
    return Page(data=found, has_more=has_more, after=rows[-1].id if has_more else None)


def _now() -> datetime:
    return datetime.now(UTC)
