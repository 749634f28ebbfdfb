"""Work that queues up is done in batches."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting(Generic[Item, Answer]):
    item: Item
    answer: "asyncio.Future[Answer]"


class Batcher(Generic[Item, Answer]):
    """Hands items to workers. While all are busy items queue up, and the next free worker takes several at once.

    Nothing is delayed on purpose: an item that finds a free worker goes at once, with those of the same moment.

    Args:
        work: Answers some items, in their order. When it fails for several, each is tried alone, so that one bad
            item does not fail its neighbours.
        workers: Batches worked on at once.
        together: How many of the waiting items, oldest first, go together: at least one.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]],
        *,
        workers: int,
        together: Callable[[Sequence[Item]], int],
    ) -> None:
        self._work = work
        self._free = workers
        self._together = together
        self._queue: list[_Waiting[Item, Answer]] = []
        self._running: set[asyncio.Task[None]] = set()
        self._is_starting = False

    async def ask(self, item: Item) -> Answer:
        """The answer to one item. A caller that gives up before a worker takes the item causes no work."""
        loop = asyncio.get_running_loop()
        waiting: _Waiting[Item, Answer] = _Waiting(item, loop.create_future())
        self._queue.append(waiting)
        if not self._is_starting:
            self._is_starting = True
            loop.call_soon(self._start)
        return await waiting.answer

    def _start(self) -> None:
        self._is_starting = False
        while self._free and (batch := self._next_batch()):
            self._free -= 1
            task = asyncio.get_running_loop().create_task(self._run(batch))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def _next_batch(self) -> list[_Waiting[Item, Answer]]:
        self._queue = [waiting for waiting in self._queue if not waiting.answer.done()]
        count = self._together([waiting.item for waiting in self._queue]) if len(self._queue) > 1 else 1
        batch, self._queue = self._queue[:count], self._queue[count:]
        return batch

    async def _run(self, batch: Sequence[_Waiting[Item, Answer]]) -> None:
        try:
            await self._answer(batch)
        finally:
            self._free += 1
            self._start()

    async def _answer(self, batch: Sequence[_Waiting[Item, Answer]]) -> None:
        try:
            answers = await self._work([waiting.item for waiting in batch])
        except Exception as error:
            if len(batch) > 1:
                await asyncio.gather(*(self._answer([waiting]) for waiting in batch))
            elif not batch[0].answer.done():
                batch[0].answer.set_exception(error)
            return
        for waiting, answer in zip(batch, answers, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(answer)
