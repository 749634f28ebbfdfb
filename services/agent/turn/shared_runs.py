"""One run for identical questions in flight: each reader has a stream of its own, and leaving cuts nobody else's."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from services.agent.telemetry import SHARED_TURNS

_Event = TypeVar("_Event")
Emit = Callable[[_Event], None]


@dataclass(slots=True)
class _Run(Generic[_Event]):
    events: list[_Event] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    readers: int = 0
    task: "asyncio.Task[None] | None" = None

    def emit(self, event: _Event) -> None:
        self.events.append(event)
        self.wake()

    def wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


class SharedRuns(Generic[_Event]):
    """Runs in flight by key."""

    def __init__(self) -> None:
        self._runs: dict[str, _Run[_Event]] = {}

    @property
    def in_flight(self) -> int:
        """Runs that others can join."""
        return len(self._runs)

    async def follow(
        self, key: str | None, produce: Callable[[Emit[_Event]], Coroutine[Any, Any, None]]
    ) -> AsyncGenerator[_Event, None]:
        """Events of the run with this key, from its beginning; it is started if there is none.

        Args:
            key: Equal keys share; None never shares.
            produce: Does the work, handing out events; what it raises reaches every reader.
        """
        run = self._runs.get(key) if key else None
        if run is None:
            run = self._start(key, produce)
        else:
            SHARED_TURNS.inc()
        run.readers += 1
        try:
            async with contextlib.aclosing(self._read(run)) as events:
                async for event in events:
                    yield event
        finally:
            run.readers -= 1
            if run.readers == 0:
                await self._stop(key, run)

    def _start(self, key: str | None, produce: Callable[[Emit[_Event]], Coroutine[Any, Any, None]]) -> _Run[_Event]:
        run: _Run[_Event] = _Run()
        run.task = asyncio.create_task(produce(run.emit))
        run.task.add_done_callback(lambda _: self._ended(key, run))
        if key:
            self._runs[key] = run
        return run

    async def _read(self, run: _Run[_Event]) -> AsyncGenerator[_Event, None]:
        assert run.task is not None
        position = 0
        while True:
            changed = run.changed
            while position < len(run.events):
                yield run.events[position]
                position += 1
            if run.task.done():
                if position == len(run.events):
                    run.task.result()
                    return
            elif changed is run.changed:
                await changed.wait()

    def _ended(self, key: str | None, run: _Run[_Event]) -> None:
        self._forget(key, run)
        run.wake()

    async def _stop(self, key: str | None, run: _Run[_Event]) -> None:
        """Nobody reads any more: end the work, and with it the connection to the provider."""
        self._forget(key, run)  # a reader who asks from now on starts a new run
        assert run.task is not None
        if run.task.done():
            if not run.task.cancelled():
                run.task.exception()  # seen, even if its reader left before
            return
        run.task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await run.task

    def _forget(self, key: str | None, run: _Run[_Event]) -> None:
        if key and self._runs.get(key) is run:
            del self._runs[key]
