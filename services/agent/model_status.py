"""What an operator is told of the models: who is asked, who is not and why, and what is left of the quota."""

from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1.agent_service_pb2 import BreakerState as BreakerStatePb

from services.agent.models.breakers import BreakerState
from services.agent.models.ladder import Ladder
from services.agent.models.listed import Rung
from services.agent.quota.counting import next_midnight
from services.runtime.times import timestamp

_BREAKER_STATES = {
    BreakerState.CLOSED: BreakerStatePb.BREAKER_STATE_CLOSED,
    BreakerState.OPEN: BreakerStatePb.BREAKER_STATE_OPEN,
    BreakerState.HALF_OPEN: BreakerStatePb.BREAKER_STATE_HALF_OPEN,
}
_MOST_TOKENS = 2**31 - 1


async def model_status(ladder: Ladder | None) -> pb.GetModelStatusResponse:
    """The state of the models; without a ladder there is no provider, and answers are quotations."""
    if ladder is None:
        return pb.GetModelStatusResponse(extractive_only=True)
    left_out = ladder.catalog.left_out.items()
    status = pb.GetModelStatusResponse(
        models=[_state(rung, ladder) for rung in ladder.catalog.rungs],
        left_out=[_state(Rung(model), ladder, left_out_reason=why) for model, why in left_out],
        quota=await _quota(ladder),
        account_breaker=_BREAKER_STATES[ladder.account.state],
        account_reason=ladder.account.reason,
        queue_length=ladder.governor.waiting,
    )
    if read_at := ladder.catalog.read_at:
        status.listed_at.FromDatetime(read_at)
    return status


def _state(rung: Rung, ladder: Ladder, *, left_out_reason: str = "") -> pb.ModelState:
    breaker, traits = ladder.breaker(rung.model), ladder.traits.of(rung.model)
    state = pb.ModelState(
        model=rung.model,
        breaker=_BREAKER_STATES[breaker.state],
        supports_tools=ladder.takes_tools(rung),
        context_length=min(ladder.context_tokens(rung), _MOST_TOKENS),
        is_free=rung.is_free,
        on_offer=False if left_out_reason else rung.is_listed,
        left_out_reason=left_out_reason,
        refusals_in_a_row=traits.refused_in_a_row,
        last_refusal=traits.last_refusal,
        chosen_by_rule=rung.chosen_by_rule,
    )
    if breaker.state is not BreakerState.CLOSED:
        state.retry_at.CopyFrom(timestamp(breaker.retry_at))
        state.reason = breaker.reason
    if traits.answered_at:
        state.last_answer_at.CopyFrom(timestamp(traits.answered_at))
    return state


async def _quota(ladder: Ladder) -> pb.QuotaState:
    governor = ladder.governor
    snapshot = await governor.snapshot()
    quota = pb.QuotaState(day_resets_at=timestamp(next_midnight(governor.clock())))
    if governor.limits.counts_minutes:
        quota.minute_limit = governor.limits.per_minute
        quota.minute_remaining = max(0, quota.minute_limit - snapshot.used_this_minute)
    if governor.limits.counts_days:
        quota.day_limit = governor.day_limit(snapshot)
        quota.day_remaining = governor.day_remaining(snapshot)
    return quota
