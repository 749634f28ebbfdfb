"""Writes one answer: takes the events of a turn, gives the events of a ChatKit thread."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypeVar, assert_never

from chatkit.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ClientEffectEvent,
    NoticeEvent,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
)
from docs_chat.agent.v1 import turn_events_pb2 as events

from gateway.chatkit.shown_turn import ShownTurn
from gateway.chatkit.translate import (
    annotation_of,
    answer_effect,
    notice_of,
    passages_effect,
    progress_of,
    suggestions_effect,
)
from gateway.texts.speech import Speech
from gateway.turns.events import Retrying, TurnEvent

_Beside = TypeVar("_Beside", ClientEffectEvent, NoticeEvent)
BROKE_OFF = "The answer broke off here."
"""Below what had been said by then."""


class AnswerWriter:
    """One assistant message in the making.

    Args:
        item_id: Id of the message.
        thread_id: Thread it belongs to.
        speech: How the reader is spoken to.
    """

    def __init__(self, item_id: str, thread_id: str, speech: Speech) -> None:
        self.item_id = item_id
        self._thread_id = thread_id
        self._speech = speech
        self._created_at = datetime.now(UTC)
        self._started = time.perf_counter()
        self._is_open = False
        self._text = ""
        self._annotations: list[Annotation] = []
        self.shown = ShownTurn()
        """What the reader has been shown besides the text."""

    @property
    def has_text(self) -> bool:
        return bool(self._text.strip())

    def write(self, event: TurnEvent) -> Iterator[ThreadStreamEvent]:
        """What one event of the turn means for the reader."""
        match event:
            case events.Progress() | Retrying():
                yield progress_of(event, self._speech)
            case events.PassagesFound():
                yield self._show(passages_effect(event))
            case events.Notice():
                yield self._show(notice_of(event, self._speech))
            case events.TextDelta():
                yield from self._open()
                self._text += event.text
                yield self._update(AssistantMessageContentPartTextDelta(content_index=0, delta=event.text))
            case events.CitationAdded():
                yield from self._open()
                yield self._cite(event.citation)
            case events.TurnCompleted():
                yield from self._complete(event)
            case _:
                assert_never(event)

    def break_off(self) -> ThreadItemDoneEvent:
        """The message so far, marked as incomplete."""
        text = f"{self._text.rstrip()}\n\n*{self._speech.say(BROKE_OFF)}*"
        return ThreadItemDoneEvent(item=self._item(text, self._annotations))

    def so_far(self) -> AssistantMessageItem:
        """The message so far."""
        return self._item(self._text, self._annotations)

    def _open(self) -> Iterator[ThreadStreamEvent]:
        """Announce the message with one empty part: ChatKit applies deltas only to a part that exists."""
        if not self._is_open:
            self._is_open = True
            yield ThreadItemAddedEvent(item=self._item("", []))

    def _cite(self, citation: events.Citation) -> ThreadItemUpdatedEvent:
        annotation = annotation_of(citation, self._text)
        self._annotations.append(annotation)
        return self._update(
            AssistantMessageContentPartAnnotationAdded(
                content_index=0, annotation_index=len(self._annotations) - 1, annotation=annotation
            )
        )

    def _complete(self, completed: events.TurnCompleted) -> Iterator[ThreadStreamEvent]:
        """The finished message, which is stored with all that is shown around it, then what the panel shows below."""
        yield from self._open()
        annotations = [annotation_of(citation, completed.text) for citation in completed.citations]
        total_ms = round((time.perf_counter() - self._started) * 1000)
        below = [self._show(answer_effect(completed, self.item_id, total_ms))]
        if completed.suggestions:
            below.append(self._show(suggestions_effect(completed)))
        self.shown.state = "done"
        yield ThreadItemDoneEvent(item=self._item(completed.text, annotations))
        yield from below

    def _show(self, event: _Beside) -> _Beside:
        self.shown.take(event)
        return event

    def _item(self, text: str, annotations: list[Annotation]) -> AssistantMessageItem:
        return AssistantMessageItem(
            id=self.item_id,
            thread_id=self._thread_id,
            created_at=self._created_at,
            content=[AssistantMessageContent(text=text, annotations=list(annotations))],
        )

    def _update(
        self, update: AssistantMessageContentPartTextDelta | AssistantMessageContentPartAnnotationAdded
    ) -> ThreadItemUpdatedEvent:
        return ThreadItemUpdatedEvent(item_id=self.item_id, update=update)
