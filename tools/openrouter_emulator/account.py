"""The account's limits as OpenRouter keeps them: by the minute and by the UTC day, refused requests counted too."""

import time
from dataclasses import dataclass, field
from typing import Any

from tools.openrouter_emulator.failures import HttpFailure, day_limit, minute_limit

_DAY_S = 86_400


@dataclass(slots=True)
class Account:
    """Counts requests for free models.

    Args:
        per_minute: Limit of a clock minute. docs: api-reference/limits, 20.
        per_day: Limit of a UTC day. docs: api-reference/limits, 50 or 1,000.
        offset_s: Added to the clock, so that a test need not wait for midnight.
    """

    per_minute: int = 20
    per_day: int = 1000
    offset_s: float = 0.0
    used_today: int = 0
    worst_minute: int = 0
    refused: int = 0
    _day: int = -1
    _minute: int = -1
    _used_this_minute: int = 0
    log: list[dict[str, Any]] = field(default_factory=list)

    def admit(self) -> HttpFailure | None:
        """Count one request; the refusal if it is one too many. Refused attempts count as well (seen: 3 Oct 2026)."""
        now = time.time() + self.offset_s
        self._turn(now)
        self.used_today += 1
        self._used_this_minute += 1
        self.worst_minute = max(self.worst_minute, self._used_this_minute)
        if self.used_today > self.per_day:
            self.refused += 1
            return day_limit(self.per_day, int((now // _DAY_S + 1) * _DAY_S * 1000))
        if self._used_this_minute > self.per_minute:
            self.refused += 1
            return minute_limit(self.per_minute, int((now // 60 + 1) * 60 * 1000))
        return None

    def key_facts(self) -> dict[str, Any]:
        """docs: api-reference/limits, GET /key; `free_model_daily_requests` since autumn 2026."""
        self._turn(time.time() + self.offset_s)
        left = max(0, self.per_day - self.used_today)
        return {
            "label": "sk-or-v1-emu...lated",
            "limit": None,
            "usage": 0,
            "is_free_tier": self.per_day <= 50,
            "rate_limit": {"requests": -1, "interval": "10s"},
            "free_model_daily_requests": {"used": self.used_today, "limit": self.per_day, "remaining": left},
        }

    def _turn(self, now: float) -> None:
        if (day := int(now // _DAY_S)) != self._day:
            self._day, self.used_today = day, 0
        if (minute := int(now // 60)) != self._minute:
            self._minute, self._used_this_minute = minute, 0
