"""When a turn that waits can expect the model, and whose limit makes it wait."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.agent.quota.counting import MINUTE_S, QuotaLimits, QuotaSnapshot, next_midnight, share_of
from services.agent.quota.refusals import LimitOwner, day_exhausted
from services.agent.quota.shares import Pressure, extra_wait_s


@dataclass(slots=True)
class Forecast:
    """What can be expected at one moment; told by `take` who will have been served before the next one is asked about.

    Args:
        now: The moment.
        limits: What we allow ourselves.
        day_limit: The limit that holds today.
        snapshot: What is used, by all and by the networks that wait.
        pressure: How hard networks push.
        kept: Requests of the day that a network must leave to the others once its share is used.
    """

    now: float
    limits: QuotaLimits
    day_limit: int
    snapshot: QuotaSnapshot
    pressure: Pressure
    kept: Callable[[str], int]
    taken: int = 0

    def wait_s(self, holder: str, own_ahead: int, *, spare: bool) -> float:
        """Expected wait of the next turn, in seconds.

        Args:
            holder: Its network.
            own_ahead: Turns of the same network ahead of it.
            spare: It may not touch the day's reserve.

        Raises:
            QuotaDayExhausted: If nothing is left of the day, or of the network's share of it.
        """
        self._check_day(spare=spare)
        return max(self._account_wait_s(), self._share_wait_s(holder, own_ahead))

    def take(self, holder: str) -> None:
        """A turn of this network will be served before those that are asked about from now on."""
        if not self._share_wait_s(holder, 0):
            self.taken += 1

    def owner(self, holder: str) -> LimitOwner:
        """Whose limit makes the network wait."""
        return LimitOwner.NETWORK if self._share_wait_s(holder, 0) > self._account_wait_s() else LimitOwner.PROVIDER

    def _check_day(self, *, spare: bool) -> None:
        blocked_until = self.snapshot.day_blocked_until
        left = self.day_limit - self.snapshot.used_today - (self.limits.reserve if spare else 0)
        if left <= 0 or blocked_until > self.now:
            resets_at = blocked_until if blocked_until > self.now else next_midnight(self.now)
            raise day_exhausted(LimitOwner.PROVIDER, resets_at)

    def _account_wait_s(self) -> float:
        held_s = self.snapshot.minute_held_until - self.now
        return max(0.0, held_s, self._free_in_s(self.snapshot.sent, self.limits.per_minute, self.taken))

    def _share_wait_s(self, holder: str, own_ahead: int) -> float:
        if not holder:
            return 0.0
        use = self.snapshot.holder(holder)
        minute = share_of(self.limits.per_minute, self.limits.network_minute_share)
        wait_s = self._free_in_s(use.sent, minute, own_ahead)
        beyond = use.used_today + own_ahead - share_of(self.day_limit, self.limits.network_day_share)
        if self.limits.network_day_share >= 1 or beyond < 0:
            return wait_s
        left = self.day_limit - self.snapshot.used_today - self.kept(holder)
        if left <= 0 or self.pressure.pushes(holder, self.now):
            raise day_exhausted(LimitOwner.NETWORK, next_midnight(self.now))
        return max(wait_s, extra_wait_s(use, beyond, self.now))

    def _free_in_s(self, sent: Sequence[float], limit: int, ahead: int) -> float:
        """Seconds until a request may be sent after `ahead` others: each is free a minute after it was sent."""
        late = ahead - (limit - len(sent))
        if late < 0 or not sent:
            return 0.0
        rounds, at = divmod(late, len(sent))
        return max(0.0, sent[at] + MINUTE_S * (1 + rounds) - self.now)
