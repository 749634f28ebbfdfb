"""What a network may have beyond its share of the day: only what the others will not miss, and only at a human pace."""

import math
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

_PACE_S = 20.0
"""Seconds between two requests of a network beyond its share."""
_REFUSALS = 10
"""A network that was refused this often within `_MEMORY_S` pushes."""
_MEMORY_S = 600.0
_LATELY_S = 60.0
_NETWORKS = 10_000
_MARGIN = 1.5
"""How much busier than the busiest remembered day today may become."""


@dataclass(slots=True)
class _Record:
    refused_at: deque[float] = field(default_factory=lambda: deque(maxlen=_REFUSALS))
    granted_at: float = -math.inf


@dataclass(slots=True)
class Pressure:
    """How hard networks push, as this process has seen it lately."""

    _records: OrderedDict[str, _Record] = field(default_factory=OrderedDict)

    def refused(self, holder: str, now: float) -> None:
        """A question of the network was refused for its share's sake."""
        self._record(holder).refused_at.append(now)

    def granted(self, holder: str, now: float) -> None:
        """The network was given a request."""
        self._record(holder).granted_at = now

    def pushes(self, holder: str, now: float) -> bool:
        """Whether the network keeps asking although it is refused: then nothing is given beyond its share."""
        record = self._records.get(holder)
        return bool(record and len(record.refused_at) == _REFUSALS and now - record.refused_at[0] <= _MEMORY_S)

    def refused_lately(self, holder: str, now: float) -> bool:
        """Whether a question of the network was refused within the last minute."""
        record = self._records.get(holder)
        return bool(record and record.refused_at and now - record.refused_at[-1] <= _LATELY_S)

    def extra_wait_s(self, holder: str, ahead: int, now: float) -> float:
        """Seconds until the network may have one beyond its share, after `ahead` others of its own."""
        record = self._records.get(holder)
        first_s = max(0.0, record.granted_at + _PACE_S - now) if record else 0.0
        return first_s + ahead * _PACE_S

    def _record(self, holder: str) -> _Record:
        record = self._records.setdefault(holder, _Record())
        self._records.move_to_end(holder)
        while len(self._records) > _NETWORKS:
            self._records.popitem(last=False)
        return record


def kept_for_others(limit: int, share: int, others_today: int, others_before: Sequence[int]) -> int:
    """Requests of today that a network beyond its share must leave.

    As many as the others asked for on the busiest remembered day and half as many again, less what they had today. A
    network nobody has seen yet always finds a share; while no day is remembered, half of the day is kept.

    Args:
        limit: Requests of the day.
        share: Requests of the day that are one network's share.
        others_today: Requests of all other networks today.
        others_before: Requests beside the busiest network's, on each remembered day.

    >>> kept_for_others(50, 5, 0, [0, 0]), kept_for_others(50, 5, 2, [0, 8]), kept_for_others(50, 5, 0, [])
    (5, 10, 25)
    """
    expected = math.ceil(_MARGIN * max(others_before)) if others_before else limit // 2
    return min(limit - share, max(share, expected - others_today))
