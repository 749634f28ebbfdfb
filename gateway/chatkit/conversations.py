"""What a reader may do with their conversations besides asking: list, open, rename, delete, rate answers, say why."""

import json
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import (
    FeedbackKind,
    HiddenContextItem,
    ItemsFeedbackReq,
    ItemsListReq,
    NonStreamingReq,
    Page,
    SDKHiddenContextItem,
    ThreadItem,
    ThreadsDeleteReq,
    ThreadsGetByIdReq,
    ThreadsListReq,
    ThreadsSyncCustomActionReq,
    ThreadsUpdateReq,
)

from gateway.chatkit.remarks import Remark, remark_of
from gateway.chatkit.shown_turn import is_asked_for, shown_data
from gateway.chatkit.threads import serialized, shown_thread
from gateway.metrics import FEEDBACK
from gateway.store.thread_store import ThreadStore
from gateway.store.turn_records import TurnRecords
from services.runtime.errors import InvalidRequest

_PAGE_SIZE = 20
_NOTHING = b"{}"


class NoSuchItems(NotFoundError):
    """The conversation exists, but not the items that were named in it."""


class Conversations:
    """Answers the requests that need no stream.

    Args:
        store: Conversations.
        records: Where thumbs are noted.
        image_domains: Hosts from which images of an answer may be loaded.
    """

    def __init__(self, store: ThreadStore, records: TurnRecords, image_domains: tuple[str, ...]) -> None:
        self._store = store
        self._records = records
        self._image_domains = image_domains

    async def reply(self, request: NonStreamingReq, owner: str) -> bytes:
        """The JSON that answers a request of a reader, whose id is the owner.

        Raises:
            NotFoundError: If the conversation does not exist or is another reader's.
            NoSuchItems: If the conversation has no such items.
            UnknownCursor: If the cursor names no row.
        """
        match request:
            case ThreadsListReq(params=params):
                return await self._list(params.limit or _PAGE_SIZE, params.after, params.order, owner)
            case ThreadsGetByIdReq(params=params):
                return await self._open(params.thread_id, owner, with_turns=is_asked_for(request))
            case ItemsListReq(params=params):
                limit = params.limit or _PAGE_SIZE
                page = await self._items(params.thread_id, params.after, limit, params.order, owner)
                return serialized(page) if not is_asked_for(request) else _written(await self._with_turns(page, owner))
            case ThreadsUpdateReq(params=params):
                return await self._rename(params.thread_id, params.title, owner)
            case ThreadsDeleteReq(params=params):
                await self._store.delete_thread(params.thread_id, owner)
                return _NOTHING
            case ItemsFeedbackReq(params=params):
                return await self._feedback(params.thread_id, params.item_ids, params.kind, owner)
            case ThreadsSyncCustomActionReq(params=params):
                item_id, remark = remark_of(request)
                return await self._feedback(params.thread_id, [item_id], "negative", owner, remark)
            case _:
                raise InvalidRequest("this is not served here")

    async def _list(self, limit: int, after: str | None, order: str, owner: str) -> bytes:
        page = await self._store.load_threads(limit, after, order, owner)
        shown = [shown_thread(thread, self._image_domains) for thread in page.data]
        return serialized(Page(data=shown, has_more=page.has_more, after=page.after))

    async def _open(self, thread_id: str, owner: str, *, with_turns: bool) -> bytes:
        thread = await self._store.load_thread(thread_id, owner)
        items = await self._items(thread_id, None, _PAGE_SIZE, "asc", owner)
        plain = serialized(shown_thread(thread, self._image_domains, items))
        if not with_turns:
            return plain
        return _written(json.loads(plain) | {"items": await self._with_turns(items, owner)})

    async def _with_turns(self, page: Page[ThreadItem], owner: str) -> dict[str, Any]:
        """A page of items with what surrounds them."""
        shown = await self._store.load_surroundings([item.id for item in page.data], owner)
        plain: dict[str, Any] = json.loads(serialized(page))
        return plain | {"docs_chat": shown_data(shown)}

    async def _items(self, thread_id: str, after: str | None, limit: int, order: str, owner: str) -> Page[ThreadItem]:
        page = await self._store.load_items(thread_id, after, limit, order, owner)
        page.data = [item for item in page.data if not isinstance(item, HiddenContextItem | SDKHiddenContextItem)]
        return page

    async def _rename(self, thread_id: str, title: str, owner: str) -> bytes:
        thread = await self._store.load_thread(thread_id, owner)
        thread.title = title
        await self._store.save_thread(thread, owner)
        return serialized(shown_thread(thread, self._image_domains))

    async def _feedback(
        self, thread_id: str, item_ids: list[str], kind: FeedbackKind, owner: str, remark: Remark | None = None
    ) -> bytes:
        why = {"reason": remark.reason.value, "text": remark.text.strip()} if remark else {}
        if not await self._records.give_feedback(thread_id, item_ids, kind, owner, **why):
            await self._store.load_thread(thread_id, owner)
            raise NoSuchItems("no such items in this thread")
        if remark is None:  # a remark follows a thumb, which has been counted
            FEEDBACK.labels(kind).inc()
        return _NOTHING


def _written(shape: dict[str, Any]) -> bytes:
    return json.dumps(shape, ensure_ascii=False, separators=(",", ":")).encode()
