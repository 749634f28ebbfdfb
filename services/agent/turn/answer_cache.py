"""Answers kept under what they were made of, so that an entry is stale exactly when its content has changed."""

import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from docs_chat.agent.v1.turn_events_pb2 import TurnCompleted

from services.agent.agent_run.instructions import prompt_version
from services.agent.conversation import TurnRequest
from services.agent.evidence import Evidence
from services.agent.telemetry import CACHE_LOOKUPS

_FILLERS = re.compile(r"^(?:hi|hello|hey|please|ok|okay|so)[\s,!.]+|[\s?!.]+$", re.IGNORECASE)


class AnswerStore(Protocol):
    """Bytes by key, that forgets by itself."""

    async def read_answer(self, key: str, now: float) -> bytes | None:
        """What is kept under a key, or None."""

    async def write_answer(self, key: str, value: bytes, now: float) -> None:
        """Keep it."""


@dataclass(slots=True)
class AnswerCache:
    """The cache as a turn sees it.

    Args:
        store: Where entries live.
        policy: Models and settings that write answers; another policy, another answer.
        clock: Seconds since 1970.
    """

    store: AnswerStore
    policy: str
    clock: Callable[[], float] = time.time

    def key(self, request: TurnRequest, evidence: Evidence, language: str) -> str | None:
        """Key of the answer to a turn; None when it is personal and must not be shared."""
        if request.history or request.selected_text:
            return None
        passages = [[passage.uri, passage.content_hash] for passage in evidence.passages]
        page = request.page_title or request.page_uri
        made_of = [
            prompt_version(), self.policy, request.options.model, evidence.site, language,
            normalised(request.question), page, sorted(request.tabs), passages,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(made_of, ensure_ascii=False).encode()).hexdigest()

    async def read(self, key: str) -> TurnCompleted | None:
        """The answer kept under a key."""
        value = await self.store.read_answer(key, self.clock())
        CACHE_LOOKUPS.labels("miss" if value is None else "hit").inc()
        return None if value is None else TurnCompleted.FromString(value)

    async def write(self, key: str, answer: TurnCompleted) -> None:
        """Keep a complete answer of a model."""
        kept = TurnCompleted()
        kept.CopyFrom(answer)
        kept.ClearField("timings")
        kept.ClearField("usage")
        await self.store.write_answer(key, kept.SerializeToString(), self.clock())


def normalised(question: str) -> str:
    """A question without what makes no difference: case, blanks, a greeting, the question mark."""
    text = " ".join(question.lower().split())
    return _FILLERS.sub("", _FILLERS.sub("", text)) or text
