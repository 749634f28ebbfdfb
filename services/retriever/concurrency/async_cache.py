"""Answers that are worked out once: the latest are kept, and one that is being worked out is awaited."""

from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from cachetools import LRUCache

from services.retriever.concurrency.single_flight import SingleFlight

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


class AsyncCache(Generic[Key, Answer]):
    """Keeps the answers used last.

    Args:
        most: Answers kept; 0 keeps none, and still works each out once for all who wait for it.
        worth_keeping: Whether an answer may be given again later.
    """

    def __init__(self, most: int, *, worth_keeping: Callable[[Answer], bool] = lambda answer: True) -> None:
        self._most = most
        self._worth_keeping = worth_keeping
        self._kept: LRUCache[Key, Answer] = LRUCache(most)
        self._in_flight: SingleFlight[Key, Answer] = SingleFlight()

    def kept(self, key: Key) -> Answer | None:
        """The answer if it is kept; it counts as used now."""
        return self._kept.get(key)

    async def get(self, key: Key, make: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """The answer that is kept, or that `make` works out now for all who ask for this key."""
        if (known := self.kept(key)) is not None:
            return known
        answer = await self._in_flight.once(key, make)
        if self._most and self._worth_keeping(answer):
            self._kept[key] = answer
        return answer
