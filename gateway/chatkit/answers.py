"""Answers readers: stores the question, runs a turn of the agent, stores its answer, and sends both as events.

A question is stored before the turn begins, an answer before the reader is told that it is complete. When an answer
breaks off or the reader leaves, what had been said is stored.
"""

import asyncio
import logging
import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

from chatkit.types import (
    InferenceOptions,
    StreamOptions,
    StreamOptionsEvent,
    ThreadCreatedEvent,
    ThreadItem,
    ThreadItemDoneEvent,
    ThreadMetadata,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsRetryAfterItemReq,
    ThreadStreamEvent,
    UserMessageInput,
    UserMessageItem,
)
from docs_chat.agent.v1 import agent_service_pb2 as pb

from gateway.chatkit.answer_writer import AnswerWriter
from gateway.chatkit.shown_turn import Failure
from gateway.chatkit.threads import conversation, question_of, serialized, shown_thread, title_from
from gateway.http.reader_messages import reader_message
from gateway.readers.asker import Asker
from gateway.store.surroundings import Surroundings
from gateway.store.thread_store import Asked, ThreadStore, new_id
from gateway.store.turn_records import TurnRecord
from gateway.texts.speech import speech_for
from gateway.turns.runner import Turns
from gateway.turns.turn_request import turn_request
from services.runtime.errors import InvalidRequest, ServiceError

logger = logging.getLogger(__name__)

Question = ThreadsCreateReq | ThreadsAddUserMessageReq | ThreadsRetryAfterItemReq
_MAY_STOP = StreamOptionsEvent(stream_options=StreamOptions(allow_cancel=True))


@dataclass(frozen=True, slots=True)
class ChatPolicy:
    """How conversations are told to the agent and shown to readers."""

    default_site: str = ""
    history_messages: int = 20
    max_message_chars: int = 8000
    image_domains: tuple[str, ...] = ()


class Answers:
    """Answers questions.

    Args:
        store: Conversations.
        turns: Where answers come from.
        policy: How conversations are told and shown.
    """

    def __init__(self, store: ThreadStore, turns: Turns, policy: ChatPolicy) -> None:
        self._store = store
        self._turns = turns
        self._policy = policy

    async def stream(self, request: Question, asker: Asker) -> AsyncGenerator[bytes, None]:
        """The frames of one answer.

        Raises:
            NotFoundError: If the conversation does not exist or is another reader's.
            ServiceError: What ended the turn; what had been said by then is stored and sent.
        """
        asked, opening = await self._keep_question(request, asker)
        for event in (*opening, _MAY_STOP):
            yield frame(event)
        writer = AnswerWriter(new_id("msg"), asked.question.thread_id, speech_for(asker.page.locale))
        try:
            async with aclosing(self._written(asked, writer, asker)) as events:
                async for event in events:
                    yield frame(event)
        except ServiceError as error:
            message = reader_message(error)
            writer.shown.state = "failed"
            writer.shown.failure = Failure(message=message.text, retryable=message.allow_retry)
            broken = writer.break_off() if writer.has_text else None
            await self._keep_unfinished(broken.item if broken else None, asked, writer, asker)
            if broken:
                yield frame(broken)
            raise
        except asyncio.CancelledError:
            await self._keep_unfinished(writer.so_far() if writer.has_text else None, asked, writer, asker)
            raise

    async def _keep_unfinished(self, said: ThreadItem | None, asked: Asked, writer: AnswerWriter, asker: Asker) -> None:
        """Store what came before the end; a second try that said nothing leaves the first answer as it was."""
        surroundings = _surroundings(asked, writer)
        if said is not None:
            await self._store.add_item(said, asker.reader.id, surroundings=surroundings)
        elif not asked.later_ids:
            try:
                await self._store.keep_surroundings(surroundings, asker.reader.id)
            except Exception:  # the reader is to hear why there is no answer
                logger.exception("what was shown of a turn could not be stored")

    async def _written(
        self, asked: Asked, writer: AnswerWriter, asker: Asker
    ) -> AsyncGenerator[ThreadStreamEvent, None]:
        policy, said = self._policy, [*asked.earlier, asked.question]
        request = turn_request(
            asker,
            conversation(said, limit=policy.history_messages, max_chars=policy.max_message_chars),
            site=asker.page.site,
            default_site=policy.default_site,
            selected_text=asked.question.quoted_text or "",
        )
        async with aclosing(self._turns.run(request, _record(asked, writer, request))) as turn:
            async for event in turn:
                for written in writer.write(event):
                    if isinstance(written, ThreadItemDoneEvent):
                        await self._store.add_item(
                            written.item,
                            asker.reader.id,
                            replaced_ids=asked.later_ids,
                            surroundings=_surroundings(asked, writer),
                        )
                    yield written

    async def _keep_question(self, request: Question, asker: Asker) -> tuple[Asked, list[ThreadStreamEvent]]:
        """Store the question; return it with the events that say so."""
        history = self._policy.history_messages
        match request:
            case ThreadsCreateReq():
                thread = ThreadMetadata(id=new_id("thr"), created_at=datetime.now(UTC))
                question = _question(request.params.input, thread.id)
                thread.title = title_from(question_of(question))
                asked = await self._store.begin_thread(thread, question, asker.reader.id)
                created = ThreadCreatedEvent(thread=shown_thread(thread, self._policy.image_domains))
                return asked, [created, ThreadItemDoneEvent(item=question)]
            case ThreadsAddUserMessageReq():
                question = _question(request.params.input, request.params.thread_id)
                asked = await self._store.add_question(question, asker.reader.id, history=history)
                return asked, [ThreadItemDoneEvent(item=question)]
            case ThreadsRetryAfterItemReq(params=params):
                again = await self._store.ask_again(params.thread_id, params.item_id, asker.reader.id, history=history)
                if again is None:
                    raise InvalidRequest("this message is no longer part of the conversation")
                return again, []


def frame(event: ThreadStreamEvent) -> bytes:
    """An event as it travels."""
    return b"data: " + serialized(event) + b"\n\n"


def _question(message: UserMessageInput, thread_id: str) -> UserMessageItem:
    return UserMessageItem(
        id=new_id("msg"),
        thread_id=thread_id,
        created_at=datetime.now(UTC),
        content=message.content,
        quoted_text=message.quoted_text,
        inference_options=InferenceOptions(),  # the operators choose models and tools
    )


def _surroundings(asked: Asked, writer: AnswerWriter) -> Surroundings:
    return Surroundings(asked.question.thread_id, asked.question.id, writer.shown.kept())


def _record(asked: Asked, writer: AnswerWriter, request: pb.RunTurnRequest) -> TurnRecord:
    return TurnRecord(
        uuid.uuid4().hex,
        "chatkit",
        thread_id=asked.question.thread_id,
        item_id=writer.item_id,
        site=request.site,
        page_uri=request.page_uri,
        question=question_of(asked.question),
    )
