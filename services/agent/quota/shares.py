"""What a network may have beyond its share of the day: only what the others will not miss, and only at a human pace."""

import math
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.agent.quota.counting import HolderUse

_PACE_S = 10.0
"""Seconds between two requests of a network beyond its share."""
_REFUSALS = 8
"""A network that was refused this often within `_MEMORY_S` pushes."""
_MEMORY_S = 600.0
_LATELY_S = 60.0
_NETWORKS = 10_000
_MARGIN = 1.5
"""How much busier than the busiest remembered day today may become."""


@dataclass(slots=True)
class Pressure:
    """How hard networks push, as this process has seen it lately."""

    _refused_at: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    def refused(self, holder: str, now: float) -> None:
        """A question of the network was refused for its share's sake."""
        self._refused_at.setdefault(holder, deque(maxlen=_REFUSALS)).append(now)
        self._refused_at.move_to_end(holder)
        while len(self._refused_at) > _NETWORKS:
            self._refused_at.popitem(last=False)

    def pushes(self, holder: str, now: float) -> bool:
        """Whether the network keeps asking although it is refused: then nothing is given beyond its share."""
        moments = self._refused_at.get(holder) or deque()
        return len(moments) == _REFUSALS and now - moments[0] <= _MEMORY_S

    def refused_lately(self, holder: str, now: float) -> bool:
        """Whether a question of the network was refused within the last minute."""
        moments = self._refused_at.get(holder) or deque()
        return bool(moments) and now - moments[-1] <= _LATELY_S


def extra_wait_s(use: HolderUse, ahead: int, now: float) -> float:
    """Seconds until a network may have one beyond its share, after `ahead` others of its own."""
    first_s = max(0.0, use.sent[-1] + _PACE_S - now) if use.sent else 0.0
    return first_s + ahead * _PACE_S


def kept_for_others(limit: int, share: int, others_today: int, others_before: Sequence[int]) -> int:
    """Requests of today that a network beyond its share must leave.

    As many as the others asked for on the busiest remembered day and half as many again, less what they had today, and
    never fewer than what they had today. A network nobody has seen yet always finds a share; while no day is
    remembered, half of the day is kept.

    Args:
        limit: Requests of the day.
        share: Requests of the day that are one network's share.
        others_today: Requests of all other networks today.
        others_before: Requests beside the busiest network's, on each remembered day.

    >>> kept_for_others(50, 5, 0, [0, 0]), kept_for_others(50, 5, 2, [0, 8]), kept_for_others(50, 5, 0, [])
    (5, 10, 25)
    >>> kept_for_others(50, 5, 20, [0, 0])
    20
    """
    expected = math.ceil(_MARGIN * max(others_before)) if others_before else limit // 2
    return min(limit - share, max(share, expected - others_today, others_today))
