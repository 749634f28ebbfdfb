"""ChatKit's protocol on OpenAI's SDK: conversations come from our store, answers from the agent over gRPC.

The SDK is subclassed where it is open to that. Two of its private methods are replaced on purpose (the version is
pinned exactly): `retry_after_item` must not delete the old answer before there is a new one, and times must
say their zone.
"""

import logging
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

from chatkit.errors import CustomStreamError
from chatkit.server import ChatKitServer
from chatkit.store import NotFoundError
from chatkit.types import (
    FeedbackKind,
    NonStreamingReq,
    StreamingReq,
    Thread,
    ThreadItem,
    ThreadMetadata,
    ThreadsRetryAfterItemReq,
    ThreadStreamEvent,
    UserMessageInput,
    UserMessageItem,
)
from docs_chat.agent.v1 import agent_service_pb2 as pb

from gateway.answer_writer import AnswerWriter
from gateway.convert import conversation, question_of, title_from
from gateway.metrics import FEEDBACK
from gateway.reader_errors import reader_message
from gateway.store.thread_store import MAX_PAGE_SIZE, ThreadStore
from gateway.store.turn_records import TurnRecord, TurnRecords
from gateway.turns import Turns
from gateway.visit import Visit
from services.runtime.errors import ServiceError

logger = logging.getLogger(__name__)

# ChatKit takes an empty list for "any host": a name that can never exist means none.
_NO_IMAGES = ("images.invalid",)


@dataclass(frozen=True, slots=True)
class ChatPolicy:
    """How conversations are kept and told."""

    default_site: str = ""
    history_messages: int = 20
    max_message_chars: int = 8000
    image_domains: tuple[str, ...] = ()


class DocsChatServer(ChatKitServer[Visit]):
    """Answers readers from the docs.

    Args:
        store: Conversations.
        turns: Where answers come from.
        records: Where feedback goes.
        policy: How conversations are kept and told.
    """

    def __init__(self, store: ThreadStore, turns: Turns, records: TurnRecords, policy: ChatPolicy) -> None:
        super().__init__(store)
        self._turns = turns
        self._records = records
        self._policy = policy

    # The SDK's `process` builds the schema of all requests anew each time, 14 ms: requests come here parsed.
    def stream(self, request: StreamingReq, visit: Visit) -> AsyncGenerator[bytes, None]:
        """The framed events that answer a streaming request."""
        return self._process_streaming(request, visit)

    async def reply(self, request: NonStreamingReq, visit: Visit) -> bytes:
        """The JSON that answers any other request."""
        return await self._process_non_streaming(request, visit)

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: Visit
    ) -> AsyncIterator[ThreadStreamEvent]:
        """Answer a message: one turn of the agent."""
        if input_user_message is None:
            raise CustomStreamError("Please ask a question.")
        if thread.title is None:
            thread.title = title_from(question_of(input_user_message))
        writer = AnswerWriter(self.store.generate_item_id("message", thread, context), thread.id)
        request = await self._turn_request(thread, input_user_message, context)
        record = TurnRecord(
            uuid.uuid4().hex,
            "chatkit",
            thread_id=thread.id,
            item_id=writer.item_id,
            site=request.site,
            page_uri=request.page_uri,
            question=question_of(input_user_message),
        )
        try:
            async with aclosing(self._turns.run(request, record)) as turn:
                async for event in turn:
                    for written in writer.write(event):
                        yield written
        except ServiceError as error:
            if writer.has_text:
                yield writer.break_off()
            message = reader_message(error)
            raise CustomStreamError(message.text, allow_retry=message.allow_retry) from error

    async def add_feedback(self, thread_id: str, item_ids: list[str], feedback: FeedbackKind, context: Visit) -> None:
        """Keep a thumb, for the reader's own items only: ChatKit itself checks nothing here."""
        if not await self._records.give_feedback(thread_id, item_ids, feedback, context):
            raise NotFoundError("no such items in this thread")
        FEEDBACK.labels(feedback).inc()

    async def _turn_request(self, thread: ThreadMetadata, question: UserMessageItem, visit: Visit) -> pb.RunTurnRequest:
        items = await self._items_until(thread.id, question, visit)
        place = visit.place
        return pb.RunTurnRequest(
            messages=conversation(items, limit=self._policy.history_messages, max_chars=self._policy.max_message_chars),
            site=place.site or self._policy.default_site,
            scope=place.scope(),
            page_uri=place.page_uri,
            page_title=place.page_title,
            selected_text=question.quoted_text or "",
            reader_id=visit.reader.id,
            reader_language=visit.language,
            tabs=place.tabs,
            options=pb.TurnOptions(model=question.inference_options.model or ""),
        )

    async def _items_until(self, thread_id: str, question: UserMessageItem, visit: Visit) -> list[ThreadItem]:
        """The newest items up to the question: what stands below it (when it is answered again) is not told."""
        page = await self.store.load_thread_items(thread_id, None, MAX_PAGE_SIZE, "desc", visit)
        ids = [item.id for item in page.data]
        before = page.data[ids.index(question.id) + 1 :] if question.id in ids else []
        return [*reversed(before), question]

    async def _process_streaming_impl(
        self, request: StreamingReq, context: Visit
    ) -> AsyncGenerator[ThreadStreamEvent, None]:
        if isinstance(request, ThreadsRetryAfterItemReq):
            stream = self._retry(request, context)
        else:
            stream = super()._process_streaming_impl(request, context)
        async with aclosing(stream):
            async for event in stream:
                yield event

    async def _retry(self, request: ThreadsRetryAfterItemReq, visit: Visit) -> AsyncGenerator[ThreadStreamEvent, None]:
        """Answer a message again; what stood below it goes when the new answer is stored, not before."""
        thread = await self.store.load_thread(request.params.thread_id, visit)

        async def answer_again() -> AsyncIterator[ThreadStreamEvent]:
            question, later = await self._item_and_later(thread.id, request.params.item_id, visit)
            async with aclosing(self.respond(thread, question, visit)) as answer:  # type: ignore[type-var]
                async for event in answer:
                    yield event
            for item in later:
                await self.store.delete_thread_item(thread.id, item.id, visit)

        async for event in self._process_events(thread, visit, answer_again):
            yield event

    async def _item_and_later(
        self, thread_id: str, item_id: str, visit: Visit
    ) -> tuple[UserMessageItem, list[ThreadItem]]:
        later: list[ThreadItem] = []
        async for item in self._paginate_thread_items_reverse(thread_id, visit):
            if item.id == item_id and isinstance(item, UserMessageItem):
                return item, later
            later.append(item)
        raise CustomStreamError("This message is no longer part of the conversation.")

    async def _build_user_message_item(
        self,
        input: UserMessageInput,  # noqa: A002  # the SDK's name
        thread: ThreadMetadata,
        context: Visit,
    ) -> UserMessageItem:
        item = await super()._build_user_message_item(input, thread, context)
        return item.model_copy(update={"created_at": datetime.now(UTC)})

    def _to_thread_response(self, thread: ThreadMetadata | Thread) -> Thread:
        """A browser reads a time without zone as its own."""
        response = super()._to_thread_response(thread)
        response.created_at = thread.created_at.astimezone(UTC)
        response.allowed_image_domains = list(self._policy.image_domains or _NO_IMAGES)
        return response
