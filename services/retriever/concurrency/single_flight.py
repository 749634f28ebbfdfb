"""Work that is being done already is awaited, not done again."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")
Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True)
class _Shared(Generic[Answer]):
    task: "asyncio.Task[Answer]"
    awaited_by: int = 0


class SingleFlight(Generic[Key, Answer]):
    """Does work once for all callers that want it at the same time; it is cancelled when the last of them leaves."""

    def __init__(self) -> None:
        self._shared: dict[Key, _Shared[Answer]] = {}

    async def once(self, key: Key, make: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """The answer of `make`, or of the call to it that is already running under this key."""
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = _Shared(asyncio.ensure_future(make()))
            shared.task.add_done_callback(lambda _: self._forget(key, shared))
        shared.awaited_by += 1
        try:
            return await asyncio.shield(shared.task)
        finally:
            shared.awaited_by -= 1
            if not shared.awaited_by:
                shared.task.cancel()
                self._forget(key, shared)

    def _forget(self, key: Key, shared: _Shared[Answer]) -> None:
        if self._shared.get(key) is shared:
            del self._shared[key]
