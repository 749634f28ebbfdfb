"""Events of a turn as ChatKit's: annotations, progress lines, notices, and the panel's own effects."""

from typing import Any

from chatkit.types import Annotation, ClientEffectEvent, EntitySource, NoticeEvent, ProgressUpdateEvent
from docs_chat.agent.v1 import turn_events_pb2 as events

from gateway.retrieval.translate import passage_summary, verdict_name, widening_data
from gateway.texts.speech import Speech
from gateway.turns.events import Retrying, source_name
from services.runtime.errors import IndexUnavailable, ServiceUnreachable

_WARNINGS = (
    events.NOTICE_CODE_TRUNCATED,
    events.NOTICE_CODE_INTERRUPTED,
    events.NOTICE_CODE_DEGRADED_SEARCH,
    events.NOTICE_CODE_UNGROUNDED,
    events.NOTICE_CODE_NO_SOURCES,
    events.NOTICE_CODE_DOUBTFUL,
)


def utf16_index(text: str, index: int) -> int:
    """Position in UTF-16 units, as JavaScript counts, of a position in code points.

    >>> utf16_index("a🎉b", 2)
    3
    """
    return len(text[:index].encode("utf-16-le")) // 2


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


def progress_of(event: events.Progress | Retrying, speech: Speech) -> ProgressUpdateEvent:
    """The line a reader sees while nothing else moves."""
    if isinstance(event, Retrying):
        return _retry_line(event, speech)
    match event.stage:
        case events.TURN_STAGE_SEARCHING:
            return ProgressUpdateEvent(text=speech.say("Searching the docs"), icon="search")
        case events.TURN_STAGE_READING:
            count = event.passage_count
            text = (
                speech.say("Reading 1 passage") if count == 1 else speech.say("Reading {count} passages", count=count)
            )
            return ProgressUpdateEvent(text=text, icon="book-open")
        case events.TURN_STAGE_QUEUED:
            return ProgressUpdateEvent(text=_queue_text(event, speech), icon="clock")
        case events.TURN_STAGE_WAITING_FOR_MODEL:
            return ProgressUpdateEvent(text=speech.say("Waiting for the model"), icon="sparkle")
        case events.TURN_STAGE_SEARCHING_AGAIN:
            return ProgressUpdateEvent(text=speech.say("Looking into the docs again"), icon="search")
        case _:
            return ProgressUpdateEvent(text=speech.say("Working on it"), icon="sparkle")


def _retry_line(event: Retrying, speech: Speech) -> ProgressUpdateEvent:
    if isinstance(event.error, ServiceUnreachable | IndexUnavailable):
        what = speech.say("The service does not answer")
    elif event.error.facts.get("limit_owner") == "network":
        what = speech.say("Many questions come from your network")
    else:
        what = speech.say("The model is busy")
    seconds = round(event.wait_s)
    if event.wait_s >= 1:
        again = "{text}. Trying again in {seconds} s (attempt {attempt})"
        text = speech.say(again, text=what, seconds=seconds, attempt=event.attempt)
    else:
        text = speech.say("{text}. Trying again now (attempt {attempt})", text=what, attempt=event.attempt)
    return ProgressUpdateEvent(text=text, icon="reload")


def _queue_text(event: events.Progress, speech: Speech) -> str:
    match event.queue_position:
        case 0:
            text = speech.say("Waiting for the model. You are next")
        case 1:
            text = speech.say("Waiting for the model. 1 reader is ahead of you")
        case count:
            text = speech.say("Waiting for the model. {count} readers are ahead of you", count=count)
    seconds = event.estimated_wait.ToTimedelta().total_seconds()
    if seconds <= 0:
        return text
    return speech.say("{text}, about {seconds} s", text=text, seconds=max(1, round(seconds)))


def notice_of(notice: events.Notice, speech: Speech) -> NoticeEvent:
    """A remark beside the answer; its details are shown as code, whatever they contain."""
    level = "warning" if notice.code in _WARNINGS else "info"
    if notice.code == events.NOTICE_CODE_WIDENED:
        return NoticeEvent(level=level, message=_widened(notice, speech))
    details = ", ".join(f"`{detail.replace('`', '')}`" for detail in notice.details if detail.strip("` "))
    return NoticeEvent(level=level, message=f"{speech.repeat(notice.message)} {details}".strip())


def _widened(notice: events.Notice, speech: Speech) -> str:
    places = [speech.repeat(place) for place in notice.details] or [speech.say("another part of the docs")]
    return speech.say("Nothing was found where you are; this comes from {where}.", where=", ".join(places))


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
