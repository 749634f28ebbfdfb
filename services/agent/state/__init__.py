"""What outlives a process: quota counters, answers and what was learnt of models, in an embedded file or in Redis."""

from typing import Protocol

from services.agent.models.traits import TraitStore
from services.agent.quota.counting import QuotaStore
from services.agent.turn.answer_cache import AnswerStore


class State(QuotaStore, AnswerStore, TraitStore, Protocol):
    """All of it, in one place."""

    async def close(self) -> None:
        """Let go of the file or the connections."""
