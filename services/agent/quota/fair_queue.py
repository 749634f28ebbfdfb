"""Turns that wait for the model, and whose turn is next: those served least recently.

Networks take turns first, then the addresses of one network, then the readers at one address. So a crowd from one place
is one caller among others, however many readers it makes up.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from services.agent.asker import Asker
from services.agent.quota.counting import Permit

_REMEMBERED = 10_000


@dataclass(slots=True, eq=False)
class Waiter:
    """One turn that waits."""

    asker: Asker
    longest_wait_s: float
    on_place: Callable[[int, float], None]
    spare: bool
    permit: "asyncio.Future[Permit]"
    holder: str = field(init=False)
    is_admitted: bool = False
    """It has been told that it may wait."""
    ahead: int = -1
    """Waiters ahead of it, as it was last told."""

    def __post_init__(self) -> None:
        self.holder = self.asker.holder

    def tell(self, ahead: int, wait_s: float) -> None:
        """Tell the place, if it has changed."""
        self.is_admitted = True
        if self.ahead != ahead:
            self.ahead = ahead
            self.on_place(ahead, wait_s)


class FairQueue:
    """Who waits, and who was served when."""

    def __init__(self) -> None:
        self._waiters: list[Waiter] = []
        self._served: OrderedDict[tuple[int, str], int] = OrderedDict()
        self._turn = 0

    def __len__(self) -> int:
        return len(self._waiters)

    def add(self, waiter: Waiter) -> None:
        self._waiters.append(waiter)

    def remove(self, waiter: Waiter) -> None:
        """Take a waiter out; nothing happens when it is out already."""
        if waiter in self._waiters:
            self._waiters.remove(waiter)

    def served(self, asker: Asker) -> None:
        """Note that it was this asker's turn."""
        self._turn += 1
        for level in enumerate(asker.levels):
            self._served[level] = self._turn
            self._served.move_to_end(level)
        while len(self._served) > _REMEMBERED:
            self._served.popitem(last=False)

    def in_fair_order(self) -> list[Waiter]:
        """Who waits, the next one first."""
        waiting = [waiter for waiter in self._waiters if not waiter.permit.done()]
        return self._by_turns(waiting, 0)

    def _by_turns(self, waiters: Sequence[Waiter], level: int) -> list[Waiter]:
        """Lines of one level take turns: those served longest ago first, then in order of arrival."""
        if len(waiters) < 2 or level > 2:
            return list(waiters)
        lines: dict[str, list[Waiter]] = {}
        for waiter in waiters:
            lines.setdefault(waiter.asker.levels[level], []).append(waiter)
        names = sorted(lines, key=lambda name: self._served.get((level, name), 0))
        return _taking_turns(self._by_turns(lines[name], level + 1) for name in names)


def _taking_turns(lines: Iterable[Sequence[Waiter]]) -> list[Waiter]:
    return [waiter for heads in zip_longest(*lines) for waiter in heads if waiter is not None]
