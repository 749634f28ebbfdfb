"""The model ladder: what all turns share of the models, and whom a failure holds back for how long."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from services.agent.models.breakers import Breaker
from services.agent.models.catalog import Catalog
from services.agent.models.chat_request import RequestOptions
from services.agent.models.failures import Failure, FailureKind
from services.agent.models.guarded_stream import Patience
from services.agent.models.listed import Rung
from services.agent.models.provider import Provider
from services.agent.models.reply import ReplyFacts
from services.agent.models.traits import KnownTraits
from services.agent.quota.governor import QuotaGovernor

logger = logging.getLogger(__name__)

_ACCOUNT_COOL_DOWN_S = 300.0
_GONE_COOL_DOWN_S = 3600.0
_BUSY_COOL_DOWN_S = 30.0
_FAILED_COOL_DOWN_S = 20.0
_REFUSING_COOL_DOWN_S = 6 * 3600.0
_LONGEST_COOL_DOWN_S = 86_400.0


@dataclass(slots=True)
class Ladder:
    """What all turns share: the models, their breakers, the account's quota."""

    provider: Provider
    catalog: Catalog
    governor: QuotaGovernor
    options: RequestOptions = field(default_factory=RequestOptions)
    patience: Patience = field(default_factory=Patience)
    max_attempts: int = 3
    queue_wait_s: float = 20.0
    clock: Callable[[], float] = time.time
    account: Breaker = field(default_factory=Breaker)
    breakers: dict[str, Breaker] = field(default_factory=dict)
    traits: KnownTraits = field(default_factory=KnownTraits)
    account_kind: FailureKind = FailureKind.KEY_REFUSED
    """Why the account's breaker is open, while it is."""

    def breaker(self, model: str) -> Breaker:
        return self.breakers.setdefault(model, Breaker(clock=self.clock))

    def candidates(self, *, prefer: str, needs_tools: bool) -> list[Rung]:
        """Models that may be asked now, in order."""
        rungs = [rung for rung in self.catalog.rungs if self.takes_tools(rung) or not needs_tools]
        rungs.sort(key=lambda rung: rung.model != prefer)  # stable: the rest keeps the ladder's order
        return [rung for rung in rungs if self.breaker(rung.model).may_pass()]

    def takes_tools(self, rung: Rung) -> bool:
        """Whether a model takes tools, as the provider lists it and as it has shown."""
        return rung.supports_tools and not self.traits.of(rung.model).no_tools

    def reopens_in_s(self) -> float | None:
        """Seconds until the first model may be asked again; None when there is no model at all."""
        waits = [self.breaker(rung.model).wait_s for rung in self.catalog.rungs]
        return max(1.0, min(waits)) if waits else None

    def context_tokens(self, rung: Rung) -> int:
        """Tokens a model can read and write together, by the list and by its own word; 0 while unknown."""
        known = [tokens for tokens in (rung.context_length, self.traits.of(rung.model).context_tokens) if tokens]
        return min(known, default=0)

    async def recall(self) -> None:
        """Take over what was learnt of the models before; who rested then rests on."""
        await self.traits.load()
        for model, traits in list(self.traits.by_model.items()):
            left_s = self.traits.of(model).rests_until - self.clock()
            if left_s > 0:
                self.breaker(model).failed(_why_it_rests(traits.last_refusal), cool_down_s=left_s)

    async def compare_with_list(self) -> None:
        """What the provider lists now counts more than what was learnt while it listed something else."""
        for rung in self.catalog.rungs:
            await self.traits.compare(rung.model, rung.facts)

    async def note_success(self, model: str, reply: ReplyFacts) -> None:
        self.breaker(model).succeeded()
        self.account.succeeded()
        await self.traits.answered(model, thinks_in_prompt=bool(reply.opens_thought_in_prompt))

    async def note_refusals_taken_by(self, taker: str, failures: Mapping[str, Failure]) -> None:
        """What these models refused another one took, so it is not our request that is wrong."""
        for model, failure in failures.items():
            if model == taker or failure.kind is not FailureKind.REQUEST_REFUSED:
                continue
            reason = failure.detail or failure.message
            refusals = await self.traits.refused(model, reason, rest_s=_REFUSING_COOL_DOWN_S)
            if self.traits.of(model).rests_until:
                facts = {"model": model, "refusals": refusals, "detail": reason}
                logger.warning("model rests: it refuses what others take", extra=facts)
                self.breaker(model).failed(_why_it_rests(reason), cool_down_s=_REFUSING_COOL_DOWN_S)

    async def note_failure(self, model: str, failure: Failure) -> bool:
        """Learn from a failure, or hold back whom it concerns; tells whether to put the request to it otherwise."""
        traits = self.traits.of(model)
        if not traits.note_refusal(failure):
            await self._hold_back(model, failure)
            return False
        facts = {"model": model, "failure": failure.message, "detail": failure.detail}
        logger.info("learnt what a model does not take", extra=facts)
        self.breaker(model).left()
        await self.traits.learnt(model)
        return True

    async def _hold_back(self, model: str, failure: Failure) -> None:
        hint_s = None if failure.retry_after_s is None else min(failure.retry_after_s, _LONGEST_COOL_DOWN_S)
        breaker = self.breaker(model)
        match failure.kind:
            case FailureKind.DAY_QUOTA:
                await self.governor.day_refused(hint_s, failure.day_limit)
                breaker.left()
            case FailureKind.MINUTE_QUOTA:
                await self.governor.minute_refused(hint_s)
                breaker.left()
            case FailureKind.KEY_REFUSED | FailureKind.NO_CREDIT:
                logger.error("the provider refuses the account", extra={"failure": failure.message})
                self.account_kind = failure.kind
                self.account.failed(failure.message, cool_down_s=hint_s or _ACCOUNT_COOL_DOWN_S)
            case FailureKind.MODEL_GONE:
                breaker.failed(failure.message, cool_down_s=_GONE_COOL_DOWN_S)
            case FailureKind.MODEL_BUSY:
                breaker.failed(failure.message, cool_down_s=max(1.0, hint_s or _BUSY_COOL_DOWN_S))
            case FailureKind.PROVIDER_DOWN | FailureKind.TOO_SLOW | FailureKind.BAD_ANSWER:
                breaker.failed(failure.message, cool_down_s=hint_s or _FAILED_COOL_DOWN_S, at_failures=2)
            case FailureKind.CONTENT_REFUSED | FailureKind.CONTEXT_TOO_LONG | FailureKind.REQUEST_REFUSED:
                breaker.left()


def _why_it_rests(reason: str) -> str:
    return f"refuses requests that others take: {reason[:200]}"
