"""What our panel shows of a turn besides question and answer, as it is kept and as it comes back.

ChatKit has no place for it: its client ignores effects once they have passed, shows notices once, and forgets thumbs.
So it is kept beside the items, and told only to a client that asks for it in the `metadata` of `threads.get_by_id` or
`items.list`, which ChatKit's own client leaves empty. What that one is sent stays what ChatKit's own server would send.
"""

import json
from typing import Any, Literal

from chatkit.types import ClientEffectEvent, NonStreamingReq, NoticeEvent
from pydantic import BaseModel, Field

from gateway.store.surroundings import Shown

ASKED_BY = "docs_chat.turns"
"""Key of the metadata by which a client asks for what surrounds the answers; any true value."""


class Failure(BaseModel):
    """How a turn failed, in words for the reader."""

    message: str
    retryable: bool


class ShownTurn(BaseModel):
    """One turn; fields are named as in the panel."""

    state: Literal["done", "stopped", "failed"] = "stopped"
    found: dict[str, Any] | None = None
    """Data of the effect `docs_chat.passages`."""
    notices: list[dict[str, Any]] = Field(default_factory=list)
    facts: dict[str, Any] | None = None
    """Data of the effect `docs_chat.answer`."""
    suggestions: list[str] = Field(default_factory=list)
    failure: Failure | None = None

    def take(self, event: ClientEffectEvent | NoticeEvent) -> None:
        """Note what a reader is being shown."""
        match event:
            case NoticeEvent():
                self.notices.append(event.model_dump(include={"level", "message", "title"}, exclude_none=True))
            case ClientEffectEvent(name="docs_chat.passages", data=data):
                self.found = data
            case ClientEffectEvent(name="docs_chat.answer", data=data):
                self.facts = data
            case ClientEffectEvent(name="docs_chat.suggestions", data=data):
                self.suggestions = data["suggestions"]

    def kept(self) -> str:
        """As it is stored and sent."""
        return self.model_dump_json(exclude_none=True)


def is_asked_for(request: NonStreamingReq) -> bool:
    """Whether a client can show what surrounds the answers."""
    return bool(request.metadata.get(ASKED_BY))


def shown_data(shown: Shown) -> dict[str, Any]:
    """What is added to a page of items, as `docs_chat`."""
    return {"turns": {item: json.loads(data) for item, data in shown.turns.items()}, "thumbs": shown.thumbs}
