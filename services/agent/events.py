"""The closed family of events a turn is made of; they are the contract's own messages."""

from typing import TypeAlias, assert_never

from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1.turn_events_pb2 import (
    CitationAdded,
    Notice,
    NoticeCode,
    PassagesFound,
    Progress,
    TextDelta,
    TurnCompleted,
    TurnStage,
)

from services.runtime.times import duration

TurnEvent: TypeAlias = Progress | PassagesFound | TextDelta | CitationAdded | Notice | TurnCompleted


def to_response(event: TurnEvent) -> pb.RunTurnResponse:
    """The event as it travels."""
    match event:
        case Progress():
            return pb.RunTurnResponse(progress=event)
        case PassagesFound():
            return pb.RunTurnResponse(passages_found=event)
        case TextDelta():
            return pb.RunTurnResponse(text_delta=event)
        case CitationAdded():
            return pb.RunTurnResponse(citation_added=event)
        case Notice():
            return pb.RunTurnResponse(notice=event)
        case TurnCompleted():
            return pb.RunTurnResponse(turn_completed=event)
        case _:
            assert_never(event)


def progress(stage: "TurnStage.ValueType") -> Progress:
    """A step of the turn that needs no numbers."""
    return Progress(stage=stage)


def queued(ahead: int, estimated_wait_s: float) -> Progress:
    """The reader's place in the queue for the model: turns ahead, 0 for the next one."""
    return Progress(stage=TurnStage.TURN_STAGE_QUEUED, queue_position=ahead, estimated_wait=duration(estimated_wait_s))


def notice(code: "NoticeCode.ValueType", message: str, details: tuple[str, ...] = ()) -> Notice:
    """A remark beside the answer."""
    return Notice(code=code, message=message, details=details)
