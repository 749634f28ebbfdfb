"""What outlives a process: quota counters and answers, in an embedded file or in Redis."""

from typing import Protocol

from services.agent.quota.counting import QuotaStore
from services.agent.turn.answer_cache import AnswerStore


class State(QuotaStore, AnswerStore, Protocol):
    """Both, in one place."""

    async def close(self) -> None:
        """Let go of the file or the connections."""
