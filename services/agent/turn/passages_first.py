"""Who goes first when many ask at once: those who wait for passages, before the models that write for the others."""

import asyncio
import contextlib
from collections.abc import Iterator


class PassagesFirst:
    """Holds answers back while a crowd is being searched for.

    A search needs milliseconds and shows the reader something true; setting up a run of a model needs more of our
    processor, and its answer is a second away in any case. So a crowd gets all its passages, then its answers.

    Args:
        crowd: Searches in flight that are no crowd yet; while there are no more, nothing is held back.
        longest_hold_s: Longest time an answer is held back.
        together: Answers that may begin in one round of the event loop.
    """

    def __init__(self, *, crowd: int = 4, longest_hold_s: float = 1.0, together: int = 8) -> None:
        self._crowd = crowd
        self._longest_hold_s = longest_hold_s
        self._searches = 0
        self._thinned = asyncio.Event()
        self._thinned.set()
        self._door = asyncio.Semaphore(together)

    @contextlib.contextmanager
    def searching(self) -> Iterator[None]:
        """Around the search of one turn."""
        self._searches += 1
        if self._searches > self._crowd:
            self._thinned.clear()
        try:
            yield
        finally:
            self._searches -= 1
            if self._searches <= self._crowd:
                self._thinned.set()

    async def passed(self) -> None:
        """Return when an answer may begin; a few in a round, so that a search that comes meanwhile gets its turn."""
        hold_until = asyncio.get_running_loop().time() + self._longest_hold_s
        async with self._door:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(hold_until):
                    await self._thinned.wait()
            await asyncio.sleep(0)
