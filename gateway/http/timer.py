"""A timer that can be stopped and started again."""

import asyncio
from collections.abc import Callable


class Timer:
    """Calls a function once, some seconds after it was last started.

    Args:
        loop: The event loop whose clock counts.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None

    @property
    def is_running(self) -> bool:
        return self._handle is not None

    def start(self, seconds: float, call: Callable[[], None]) -> None:
        """Call the function after so many seconds, in place of what was to be called before."""
        self.stop()
        self._handle = self._loop.call_later(seconds, self._ring, call)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _ring(self, call: Callable[[], None]) -> None:
        self._handle = None
        call()
