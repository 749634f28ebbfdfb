"""One answer in the shapes of OpenAI's chat completions, whole and streamed."""

import time
from typing import Any

from docs_chat.agent.v1 import turn_events_pb2 as events

from gateway.openai.bounded_text import BoundedText
from gateway.openai.cited_text import CitedText
from gateway.openai.completion_request import Citations, CompletionRequest
from gateway.retrieval.translate import passage_summary, verdict_name
from gateway.turns.events import TurnEvent, source_name


class Completion:
    """Takes the events of a turn, gives what is sent to the program.

    Args:
        completion_id: Id of the answer.
        asked: The request.
        citations: How sources are shown unless the request says so itself.
    """

    def __init__(self, completion_id: str, asked: CompletionRequest, *, citations: Citations) -> None:
        self._head = {"id": completion_id, "created": int(time.time()), "model": asked.model}
        self._wants_usage = asked.wants_usage
        self._shown = (asked.docs_chat and asked.docs_chat.citations) or citations
        self._bounds = BoundedText(stops=asked.stop or [], max_tokens=asked.token_limit)
        self._text = CitedText(self._bounds, marked=self._shown == "markdown")
        self._found = events.PassagesFound()
        self._notices: list[events.Notice] = []

    def chunks(self, event: TurnEvent) -> list[dict[str, Any]]:
        """What a stream sends for an event; `opening` comes before all of them."""
        self.note(event)
        match event:
            case events.TextDelta():
                text = self._text.add(event.text)
            case events.CitationAdded():
                self._text.cite(event.citation)
                return []
            case events.TurnCompleted():
                return self._end(event)
            case _:
                text = self._text.flush()
        return [self._chunk({"content": text})] if text else []

    def opening(self) -> dict[str, Any]:
        """The first chunk of a stream."""
        return self._chunk({"role": "assistant", "content": ""})

    def broken_off(self) -> list[dict[str, Any]]:
        """Text that was still held back when the turn failed."""
        text = self._text.flush() + self._bounds.finish()
        return [self._chunk({"content": text})] if text else []

    def whole(self, completed: events.TurnCompleted) -> dict[str, Any]:
        """The answer in one piece."""
        content = self._text.add(completed.text)
        for citation in completed.citations:
            self._text.cite(citation)
        content += self._text.finish()
        message = {"role": "assistant", "content": content, "refusal": None, "annotations": self._annotations()}
        choice = {"index": 0, "message": message, "finish_reason": self._finish_reason(), "logprobs": None}
        answer = {**self._head, "object": "chat.completion", "choices": [choice]}
        return answer | {"usage": _usage(completed), "docs_chat": self._facts(completed)}

    def note(self, event: TurnEvent) -> None:
        """Remember what the end of the answer reports."""
        if isinstance(event, events.PassagesFound):
            self._found = event
        elif isinstance(event, events.Notice):
            self._notices.append(event)

    def _end(self, completed: events.TurnCompleted) -> list[dict[str, Any]]:
        text = self._text.finish()
        last = self._chunk({"annotations": self._annotations()}, self._finish_reason())
        told = [self._chunk({"content": text})] if text else []
        told.append(last | {"docs_chat": self._facts(completed)})
        if self._wants_usage:
            told.append(self._chunk(None) | {"usage": _usage(completed)})
        return told

    def _chunk(self, delta: dict[str, Any] | None, finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        choices = [] if delta is None else [choice]
        return {**self._head, "object": "chat.completion.chunk", "choices": choices}

    def _finish_reason(self) -> str:
        truncated = any(notice.code == events.NOTICE_CODE_TRUNCATED for notice in self._notices)
        return self._bounds.cut or ("length" if truncated else "stop")

    def _annotations(self) -> list[dict[str, Any]]:
        return [] if self._shown == "none" else self._text.annotations()

    def _facts(self, completed: events.TurnCompleted) -> dict[str, Any]:
        found = self._found
        return {
            "source": source_name(completed),
            "model": completed.model,
            "degraded": completed.degraded,
            "not_found": list(completed.grounding.not_found),
            "suggestions": list(completed.suggestions),
            "notices": [notice.message for notice in self._notices],
            "site": found.site,
            "answerability": verdict_name(found.answerability),
            "passages": [passage_summary(passage) for passage in found.passages],
        }


def _usage(completed: events.TurnCompleted) -> dict[str, int]:
    read, written = completed.usage.input_tokens, completed.usage.output_tokens
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
