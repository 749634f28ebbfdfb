"""Circuit breakers: who has just failed is not asked again until the time it named, then once, to try."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class BreakerState(StrEnum):
    """As usual: closed lets everything pass."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(slots=True)
class Breaker:
    """Holds back requests to one model, or to the account.

    Args:
        clock: Seconds since 1970.
        probe_s: Time after which a probe that never reported is taken for lost.
    """

    clock: Callable[[], float] = time.time
    probe_s: float = 60.0
    retry_at: float = 0.0
    reason: str = ""
    _probing_until: float = 0.0
    _failures: int = 0

    @property
    def state(self) -> BreakerState:
        if not self.reason:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self.clock() < self.retry_at else BreakerState.HALF_OPEN

    @property
    def wait_s(self) -> float:
        """Seconds until a request may pass; 0 when one may now."""
        return max(0.0, self.retry_at - self.clock()) if self.reason else 0.0

    def may_pass(self) -> bool:
        """Whether a request may be sent now, without taking the place of the one that tries."""
        match self.state:
            case BreakerState.CLOSED:
                return True
            case BreakerState.OPEN:
                return False
            case BreakerState.HALF_OPEN:
                return self.clock() >= self._probing_until

    def enter(self) -> bool:
        """Ask to send a request; half open, only one at a time may."""
        if not self.may_pass():
            return False
        if self.state is BreakerState.HALF_OPEN:
            self._probing_until = self.clock() + self.probe_s
        return True

    def succeeded(self) -> None:
        """The request was answered."""
        self.reason, self.retry_at, self._probing_until, self._failures = "", 0.0, 0.0, 0

    def failed(self, reason: str, *, cool_down_s: float, at_failures: int = 1) -> None:
        """The request failed.

        Args:
            reason: Why, for the operator.
            cool_down_s: Seconds to hold requests back.
            at_failures: Failures in a row that open it.
        """
        self._failures += 1
        self._probing_until = 0.0
        if self._failures >= at_failures:
            self.reason, self.retry_at = reason, self.clock() + cool_down_s

    def left(self) -> None:
        """The request was given up by its reader: nothing was learnt."""
        self._probing_until = 0.0
