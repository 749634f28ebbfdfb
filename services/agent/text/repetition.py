"""Notices a model that says the same over and over, as small models do when they do not find an end."""

import re
from dataclasses import dataclass

_LONGEST_PERIOD = 400
_LEAST_REPEATS, _LEAST_REPEATS_LONG = 4, 3
_LONG_PERIOD = 60
"""Characters from which a passage that comes three times in a row is a loop; shorter ones must come four times."""
_LEAST_CHARACTERS = 160
"""A table or a piece of code repeats a short line now and then; a loop goes on."""
_LOOKED_AT = _LONGEST_PERIOD * _LEAST_REPEATS


@dataclass(slots=True)
class Repetition:
    """Reads an answer as it comes."""

    _tail: str = ""
    _unread: int = 0

    def goes_on(self, delta: str) -> bool:
        """Whether the text so far ends in the same words three or four times in a row.

        >>> loop = Repetition()
        >>> loop.goes_on("It is a store of the state of the application. " * 6)
        True
        """
        self._tail = (self._tail + delta)[-_LOOKED_AT:]
        self._unread += len(delta)
        if self._unread < 24:  # looking costs more than a piece of text is long
            return False
        self._unread = 0
        return any(self._ends_in(period) for period in self._periods())

    def _periods(self) -> list[int]:
        """Distances at which the last words stand before: a loop has one of them as its length."""
        words = self._tail[-12:]
        if len(words.strip()) < 3:
            words = self._tail[-40:]
        places = [match.start() for match in re.finditer(f"(?={re.escape(words)})", self._tail)][:-1]
        last = len(self._tail) - len(words)
        return [last - place for place in reversed(places) if last - place <= _LONGEST_PERIOD]

    def _ends_in(self, period: int) -> bool:
        repeats = _LEAST_REPEATS_LONG if period >= _LONG_PERIOD else _LEAST_REPEATS
        length = max(period * repeats, _LEAST_CHARACTERS)
        tail = self._tail[-length:]
        return len(tail) == length and tail[period:] == tail[:-period] and any(map(str.isalnum, tail[:period]))
