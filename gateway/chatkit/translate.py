"""Between the contracts and ChatKit: positions, sources, progress lines, notices, the panel's own effects."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

from chatkit.types import (
    Annotation,
    AssistantMessageItem,
    ClientEffectEvent,
    EntitySource,
    NoticeEvent,
    Page,
    ProgressUpdateEvent,
    Thread,
    ThreadItem,
    ThreadMetadata,
    UserMessageItem,
)
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import turn_events_pb2 as events
from docs_chat.retriever.v1 import passages_pb2
from pydantic import BaseModel

from gateway.turns.agent_client import Retrying
from services.runtime.errors import IndexUnavailable, ServiceUnreachable

SNIPPET_CHARS = 300
_VERDICTS = {
    passages_pb2.ANSWERABILITY_VERDICT_ANSWERABLE: "answerable",
    passages_pb2.ANSWERABILITY_VERDICT_WEAK: "weak",
    passages_pb2.ANSWERABILITY_VERDICT_NOT_COVERED: "not_covered",
}
_SOURCES = {
    events.ANSWER_SOURCE_MODEL: "model",
    events.ANSWER_SOURCE_CACHE: "cache",
    events.ANSWER_SOURCE_EXTRACTIVE: "extractive",
    events.ANSWER_SOURCE_NOT_COVERED: "not_covered",
    events.ANSWER_SOURCE_SMALL_TALK: "small_talk",
}
_WARNINGS = (
    events.NOTICE_CODE_TRUNCATED,
    events.NOTICE_CODE_INTERRUPTED,
    events.NOTICE_CODE_DEGRADED_SEARCH,
    events.NOTICE_CODE_UNGROUNDED,
    events.NOTICE_CODE_NO_SOURCES,
)
_SPACE = re.compile(r"\s+")
_NO_IMAGES = ("images.invalid",)
"""ChatKit takes an empty list for "any host": a name that can never exist means none."""


def serialized(shape: BaseModel) -> bytes:
    """JSON as ChatKit's own server writes it: no empty fields, and of attachments no metadata."""
    return shape.model_dump_json(by_alias=True, exclude_none=True, context={"exclude_metadata": True}).encode()


def shown_thread(
    thread: ThreadMetadata, image_domains: tuple[str, ...], items: Page[ThreadItem] | None = None
) -> Thread:
    """A conversation as its reader sees it: what we noted about it ourselves stays here."""
    return Thread(
        id=thread.id,
        title=thread.title,
        created_at=thread.created_at,
        status=thread.status,
        allowed_image_domains=list(image_domains or _NO_IMAGES),
        items=items or Page(),
    )


def utf16_index(text: str, index: int) -> int:
    """Position in UTF-16 units, as JavaScript counts, of a position in code points.

    >>> utf16_index("a🎉b", 2)
    3
    """
    return len(text[:index].encode("utf-16-le")) // 2


def verdict_name(answerability: passages_pb2.Answerability) -> str:
    return _VERDICTS.get(answerability.verdict, "unknown")


def source_name(completed: events.TurnCompleted) -> str:
    return _SOURCES.get(completed.source, "unknown")


def annotation_of(citation: events.Citation, text: str) -> Annotation:
    """A citation as ChatKit's annotation; `text` is the answer at least up to the citation's index."""
    data = {"href": citation.uri, "number": str(citation.number), "heading": " › ".join(citation.heading_path)}
    extra = {"quote": citation.quote, "version": citation.version}
    source = EntitySource(
        id=citation.uri,
        title=citation.title or citation.uri,
        description=citation.quote or None,
        interactive=True,
        data=data | {name: value for name, value in extra.items() if value},
    )
    return Annotation(source=source, index=utf16_index(text, citation.index))


def progress_of(event: events.Progress | Retrying) -> ProgressUpdateEvent:
    """The line a reader sees while nothing else moves."""
    if isinstance(event, Retrying):
        return _retry_line(event)
    match event.stage:
        case events.TURN_STAGE_SEARCHING:
            return ProgressUpdateEvent(text="Searching the docs", icon="search")
        case events.TURN_STAGE_READING:
            noun = "passage" if event.passage_count == 1 else "passages"
            return ProgressUpdateEvent(text=f"Reading {event.passage_count} {noun}", icon="book-open")
        case events.TURN_STAGE_QUEUED:
            return ProgressUpdateEvent(text=_queue_text(event), icon="clock")
        case events.TURN_STAGE_WAITING_FOR_MODEL:
            return ProgressUpdateEvent(text="Waiting for the model", icon="sparkle")
        case events.TURN_STAGE_SEARCHING_AGAIN:
            return ProgressUpdateEvent(text="Looking into the docs again", icon="search")
        case _:
            return ProgressUpdateEvent(text="Working on it", icon="sparkle")


def _retry_line(event: Retrying) -> ProgressUpdateEvent:
    if isinstance(event.error, ServiceUnreachable | IndexUnavailable):
        what = "The service does not answer"
    elif event.error.facts.get("limit_owner") == "network":
        what = "Many questions come from your network"
    else:
        what = "The model is busy"
    when = f" in {round(event.wait_s)} s" if event.wait_s >= 1 else " now"
    return ProgressUpdateEvent(text=f"{what}. Trying again{when} (attempt {event.attempt})", icon="reload")


def _queue_text(event: events.Progress) -> str:
    noun = "reader is" if event.queue_position == 1 else "readers are"
    ahead = f"{event.queue_position} {noun} ahead of you" if event.queue_position else "You are next"
    seconds = event.estimated_wait.ToTimedelta().total_seconds()
    return f"Waiting for the model. {ahead}" + (f", about {max(1, round(seconds))} s" if seconds > 0 else "")


def notice_of(notice: events.Notice) -> NoticeEvent:
    """A remark beside the answer; details are shown as code, whatever they contain."""
    details = ", ".join(f"`{detail.replace('`', '')}`" for detail in notice.details if detail.strip("` "))
    level = "warning" if notice.code in _WARNINGS else "info"
    return NoticeEvent(level=level, message=f"{notice.message} {details}".strip())


def passages_effect(found: events.PassagesFound) -> ClientEffectEvent:
    """`docs_chat.passages`: what the panel shows before the first word."""
    data: dict[str, Any] = {
        "passages": [passage_summary(passage) for passage in found.passages],
        "answerability": verdict_name(found.answerability),
        "revision": found.revision,
        "site": found.site,
    }
    if found.HasField("widening"):
        data["widening"] = widening_data(found.widening)
    return ClientEffectEvent(name="docs_chat.passages", data=data)


def suggestions_effect(completed: events.TurnCompleted) -> ClientEffectEvent:
    """`docs_chat.suggestions`: questions to go on with."""
    return ClientEffectEvent(name="docs_chat.suggestions", data={"suggestions": list(completed.suggestions)})


def answer_effect(completed: events.TurnCompleted, item_id: str, total_ms: int) -> ClientEffectEvent:
    """`docs_chat.answer`: who wrote the answer, and what in it was not found in the docs."""
    data = {
        "item_id": item_id,
        "source": source_name(completed),
        "model": completed.model,
        "degraded": completed.degraded,
        "not_found": list(completed.grounding.not_found),
        "total_ms": total_ms,
    }
    return ClientEffectEvent(name="docs_chat.answer", data=data)


def widening_data(widening: passages_pb2.Widening) -> dict[str, Any]:
    return {"versions": list(widening.versions), "locale": widening.locale}


def passage_summary(passage: passages_pb2.Passage) -> dict[str, Any]:
    """A passage for a list of results."""
    return {
        "uri": passage.uri,
        "title": passage.title,
        "heading_path": list(passage.heading_path),
        "snippet": snippet_of(passage),
        "version": passage.version,
        "locale": passage.locale,
    }


def snippet_of(passage: passages_pb2.Passage, limit: int = SNIPPET_CHARS) -> str:
    """The stretch of at most `limit` characters that holds most highlights, cut at spaces, on one line."""
    text = passage.text
    starts = sorted(mark.start for mark in passage.highlights) or [0]
    best = max(range(len(starts)), key=lambda at: bisect_left(starts, starts[at] + limit - 40) - at)
    begin = 0 if starts[best] < limit // 2 else text.rfind(" ", 0, max(starts[best] - 40, 1)) + 1
    piece = _SPACE.sub(" ", text[begin : begin + 2 * limit]).strip()
    room = limit - (2 if begin else 0)
    if len(piece) > room:
        piece = piece[: room - 2].rsplit(" ", 1)[0].rstrip() + " …"
    return ("… " if begin else "") + piece


def question_of(item: UserMessageItem) -> str:
    """What a reader typed, tags included, as plain text."""
    return "".join(part.text for part in item.content).strip()


def conversation(items: Iterable[ThreadItem], *, limit: int, max_chars: int) -> list[pb.Message]:
    """The conversation as the agent wants it: plain texts, oldest first, bounded.

    Args:
        items: Items of a thread in order; the last user message is the question.
        limit: Most messages to keep, the newest ones.
        max_chars: Longest text of one message, in characters.
    """
    messages = []
    for item in items:
        match item:
            case UserMessageItem():
                role, text = pb.MESSAGE_ROLE_USER, question_of(item)
            case AssistantMessageItem():
                role, text = pb.MESSAGE_ROLE_ASSISTANT, "\n\n".join(part.text for part in item.content).strip()
            case _:
                continue
        if text:
            messages.append(pb.Message(role=role, text=text[:max_chars]))
    return messages[-limit:]


def title_from(question: str, limit: int = 80) -> str:
    """Title of a conversation: the first line of its first question."""
    line = _SPACE.sub(" ", question.strip().partition("\n")[0])
    return line if len(line) <= limit else line[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"
