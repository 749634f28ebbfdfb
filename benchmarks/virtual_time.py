"""An event loop whose clock jumps to the next timer instead of waiting for it, so that hours pass in seconds.

Time stands still while something outside the loop is being waited for (a database, a server): `outside` says so.
"""

import asyncio
import contextlib
import selectors
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

_Result = TypeVar("_Result")


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self, jump: Callable[[float], bool]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> Any:
        if not timeout:
            return super().select(timeout)
        return super().select(0 if self._jump(timeout) else None)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """The loop; `time()` starts at 0 and moves only when nothing can be done before the next timer."""

    def __init__(self) -> None:
        self._now = 0.0
        self._outside = 0
        super().__init__(_JumpingSelector(self._jump))

    def time(self) -> float:
        return self._now

    @contextlib.contextmanager
    def outside(self) -> Iterator[None]:
        """Around waiting for something that happens in real time."""
        self._outside += 1
        try:
            yield
        finally:
            self._outside -= 1

    def _jump(self, seconds: float) -> bool:
        if self._outside:
            return False
        self._now += seconds
        return True


class RealTimeStore:
    """A store whose every call takes no virtual time."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        async def call(*arguments: Any) -> Any:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, VirtualTimeLoop)
            with loop.outside():
                return await method(*arguments)

        return call


def run_in_virtual_time(work: Coroutine[Any, Any, _Result]) -> _Result:
    """The result of the work, on a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work)
