"""What is learnt of models outlives the process for some days, the same in a file and in Redis."""

import pytest

from services.agent.models.failures import Failure, FailureKind
from services.agent.models.traits import KEPT_S, REST_AFTER_REFUSALS, KnownTraits
from services.agent.state import State
from services.agent.state.redis import RedisState

NOON = 1_800_014_400.0
HOUR_S = 3600.0


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def refusal(detail: str, kind: FailureKind = FailureKind.REQUEST_REFUSED) -> Failure:
    return Failure(kind, "HTTP 400", detail=detail)


async def learnt(state: State | None, clock: Clock, *failures: Failure, model: str = "m") -> KnownTraits:
    """Somebody who has learnt from these refusals."""
    known = KnownTraits(state, clock)
    for failure in failures:
        assert known.of(model).note_refusal(failure)
    await known.learnt(model)
    return known


async def restarted(state: State, clock: Clock) -> KnownTraits:
    """What a process that starts now knows."""
    known = KnownTraits(state, clock)
    await known.load()
    return known


async def test_what_was_learnt_is_known_after_a_restart(state: State) -> None:
    clock = Clock()
    known = await learnt(
        state,
        clock,
        refusal("Developer instruction is not enabled for this model"),
        refusal("m does not support tools"),
        refusal("Unsupported parameter: 'temperature'"),
        refusal("maximum context length is 8192 tokens", FailureKind.CONTEXT_TOO_LONG),
    )
    await known.answered("m", thinks_in_prompt=True)
    again = (await restarted(state, clock)).of("m")
    assert (again.no_system_role, again.no_tools, again.refused_fields) == (True, True, ("temperature",))
    assert (again.context_tokens, again.thinks_in_prompt, again.answered_at) == (8192, True, NOON)


async def test_it_is_forgotten_after_some_days_so_that_it_is_tried_again(state: State) -> None:
    clock = Clock()
    known = await learnt(state, clock, refusal("m does not support tools"))
    clock.now += KEPT_S - 1
    assert known.of("m").no_tools
    assert (await restarted(state, clock)).of("m").no_tools
    clock.now += 2
    assert not known.of("m").no_tools
    assert not (await restarted(state, clock)).of("m").no_tools


async def test_refusals_are_counted_over_restarts_and_an_answer_ends_them(state: State) -> None:
    clock = Clock()
    for number in range(1, REST_AFTER_REFUSALS + 1):
        known = await restarted(state, clock)
        assert await known.refused("m", "INVALID_ARGUMENT " * 50, rest_s=HOUR_S) == number
    kept = (await restarted(state, clock)).of("m")
    assert kept.rests_until == NOON + HOUR_S
    assert len(kept.last_refusal) == 200
    await known.answered("m", thinks_in_prompt=False)
    assert (await restarted(state, clock)).of("m").refused_in_a_row == 0


async def test_a_replica_learns_what_another_has_learnt_and_keeps_what_it_knows_itself(state: State) -> None:
    clock = Clock()
    here = await learnt(state, clock, refusal("m does not support tools"))
    clock.now += 1
    await learnt(state, clock, refusal("n does not support tools"), model="n")
    await here.load()
    assert here.of("m").no_tools
    assert here.of("n").no_tools


async def test_other_facts_in_the_list_are_believed_rather_than_what_was_learnt_before_them(state: State) -> None:
    clock = Clock()
    known = await learnt(state, clock, refusal("m does not support tools"))
    await known.compare("m", "8192/True")
    assert known.of("m").no_tools  # as it was listed then
    await known.compare("m", "8192/True")
    await known.compare("m", "")
    assert known.of("m").no_tools
    await known.compare("m", "131072/True")
    assert not known.of("m").no_tools
    assert not (await restarted(state, clock)).of("m").no_tools


async def test_answers_are_noted_now_and_then_not_each_time(state: State) -> None:
    clock = Clock()
    known = KnownTraits(state, clock)
    for _ in range(3):
        await known.answered("m", thinks_in_prompt=False)
        clock.now += 60
    assert known.of("m").answered_at == NOON + 120
    assert (await restarted(state, clock)).of("m").answered_at == NOON


@pytest.mark.parametrize("value", [b"", b"not json", b"[]", b'{"context_tokens": "many"}'])
async def test_what_another_version_wrote_is_passed_over(state: State, value: bytes) -> None:
    await state.write_traits("m", value, NOON)
    assert not (await restarted(state, Clock())).by_model


async def test_without_redis_nothing_is_known_and_nothing_fails() -> None:
    state = RedisState("redis://127.0.0.1:1/0", account="x")
    await learnt(state, Clock(), refusal("m does not support tools"))
    assert not (await restarted(state, Clock())).by_model
    await state.close()


@pytest.mark.parametrize(
    "words",
    ["INVALID_ARGUMENT", "The user is not known", "temperature must be at most 2", "Prompt is not allowed to be empty"],
)
def test_other_words_teach_nothing(words: str) -> None:
    assert not KnownTraits().of("m").note_refusal(refusal(words))
