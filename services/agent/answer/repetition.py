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
_STEP = 24
"""Characters between two looks: looking costs more than a piece of text is long."""


@dataclass(slots=True)
class Repetition:
    """Reads an answer as it comes.

    >>> answer = Repetition()
    >>> len(answer.take("It is a store of the state of the application. " * 20)) < 300, answer.loops
    (True, True)
    """

    loops: bool = False
    """The text so far ends in the same words three or four times in a row."""
    _tail: str = ""
    _unread: int = 0

    def take(self, delta: str) -> str:
        """The next piece as far as the reader should get it: all of it, or until the loop was seen."""
        before, self._tail = self._tail, (self._tail + delta)[-_LOOKED_AT:]
        self._unread += len(delta)
        if self._unread < _STEP:
            return delta
        self._unread = 0
        if not _ends_in_loop(self._tail):
            return delta
        self.loops = True
        ends = range(_STEP, len(delta), _STEP)
        return next((delta[:end] for end in ends if _ends_in_loop((before + delta[:end])[-_LOOKED_AT:])), delta)


def _ends_in_loop(tail: str) -> bool:
    return any(_repeats(tail, period) for period in _periods(tail))


def _periods(tail: str) -> list[int]:
    """Distances at which the last words stand before: a loop has one of them as its length."""
    words = tail[-12:] if len(tail[-12:].strip()) >= 3 else tail[-40:]
    places = [match.start() for match in re.finditer(f"(?={re.escape(words)})", tail)][:-1]
    last = len(tail) - len(words)
    return [last - place for place in reversed(places) if last - place <= _LONGEST_PERIOD]


def _repeats(tail: str, period: int) -> bool:
    repeats = _LEAST_REPEATS_LONG if period >= _LONG_PERIOD else _LEAST_REPEATS
    length = max(period * repeats, _LEAST_CHARACTERS)
    end = tail[-length:]
    return len(end) == length and end[period:] == end[:-period] and any(map(str.isalnum, end[:period]))
