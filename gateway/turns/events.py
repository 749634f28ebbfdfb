"""What happens in a turn: the agent's own events, and the attempts that the gateway makes."""

from dataclasses import dataclass
from typing import TypeAlias

from docs_chat.agent.v1 import turn_events_pb2 as events

from services.runtime.errors import ServiceError

_SOURCES = {
    events.ANSWER_SOURCE_MODEL: "model",
    events.ANSWER_SOURCE_CACHE: "cache",
    events.ANSWER_SOURCE_EXTRACTIVE: "extractive",
    events.ANSWER_SOURCE_NOT_COVERED: "not_covered",
    events.ANSWER_SOURCE_SMALL_TALK: "small_talk",
}


@dataclass(frozen=True, slots=True)
class Retrying:
    """An attempt failed before any text; the next one starts in `wait_s` seconds. Sent every second, as a countdown."""

    attempt: int
    """Number of the next attempt, from 2."""
    wait_s: float
    error: ServiceError


TurnEvent: TypeAlias = (
    events.Progress
    | events.PassagesFound
    | events.TextDelta
    | events.CitationAdded
    | events.Notice
    | events.TurnCompleted
    | Retrying
)


def source_name(completed: events.TurnCompleted) -> str:
    """Who answered, in the word that every door and record uses."""
    return _SOURCES.get(completed.source, "unknown")
