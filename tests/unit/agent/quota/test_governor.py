"""The account's requests: counted, paced, waited for in fair order; the same for a file and for Redis."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from services.agent.asker import Asker
from services.agent.quota.counting import Claim, Permit, QuotaLimits, next_midnight
from services.agent.quota.governor import QuotaGovernor
from services.agent.state import State
from services.agent.state.redis import RedisState
from services.agent.state.sqlite import SqliteState
from services.runtime.errors import ProviderUnavailable, QueueFull, QuotaDayExhausted, QuotaMinuteExhausted

NOON = 1_800_014_400.0


class TurnedClock:
    """A clock that moves only when somebody naps."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    async def nap(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def governor(state: State, clock: TurnedClock, *, queue: int = 8, **limits: Any) -> QuotaGovernor:
    return QuotaGovernor(state, QuotaLimits(**limits), queue, clock=clock, nap=clock.nap)


async def acquire(
    asked: QuotaGovernor, reader: str = "r", wait_s: float = 1000, *, spare: bool = False, network: str = ""
) -> Permit:
    return await asked.acquire(
        Asker(reader, network), longest_wait_s=wait_s, on_place=lambda place, wait: None, spare=spare
    )


async def test_a_minute_never_sees_more_than_its_limit(state: State) -> None:
    clock = TurnedClock()
    asked = governor(state, clock, per_minute=3, per_day=100)
    moments = [(await acquire(asked)).granted_at for _ in range(10)]
    for moment in moments:
        assert sum(moment - 60 < other <= moment for other in moments) <= 3


async def test_a_day_never_sees_more_than_its_limit(state: State) -> None:
    asked = governor(state, TurnedClock(), per_minute=100, per_day=4, reserve=0)
    for _ in range(4):
        await acquire(asked)
    with pytest.raises(QuotaDayExhausted) as caught:
        await acquire(asked)
    assert caught.value.retry_after_s is None
    assert caught.value.facts["resets_at"]


async def test_the_reserve_is_kept_for_first_attempts(state: State) -> None:
    asked = governor(state, TurnedClock(), per_minute=100, per_day=3, reserve=2)
    await acquire(asked, spare=True)
    with pytest.raises(QuotaDayExhausted):
        await acquire(asked, spare=True)
    await acquire(asked)


async def test_a_new_day_starts_anew(state: State) -> None:
    clock = TurnedClock()
    asked = governor(state, clock, per_minute=100, per_day=1, reserve=0)
    await acquire(asked)
    clock.now = next_midnight(clock.now) + 1
    await acquire(asked)


async def test_a_request_that_was_never_sent_is_given_back(state: State) -> None:
    asked = governor(state, TurnedClock(), per_minute=1, per_day=1, reserve=0)
    await asked.give_back(await acquire(asked))
    await acquire(asked)


async def test_a_wait_that_is_too_long_is_refused_at_once_with_a_hint(state: State) -> None:
    asked = governor(state, TurnedClock(), per_minute=1, per_day=100)
    await acquire(asked)
    with pytest.raises(QuotaMinuteExhausted) as caught:
        await acquire(asked, wait_s=5)
    assert caught.value.retry_after_s == pytest.approx(60, abs=1)


async def test_the_queue_is_bounded(state: State) -> None:
    clock = TurnedClock()
    asked = governor(state, clock, queue=0, per_minute=1, per_day=100)
    await acquire(asked)
    with pytest.raises(QueueFull) as caught:
        await acquire(asked)
    assert caught.value.retry_after_s is not None


async def test_what_the_provider_says_is_believed(state: State) -> None:
    clock = TurnedClock()
    asked = governor(state, clock, per_minute=100, per_day=50, reserve=0)
    await asked.correct(used=990, day_limit=1000)
    assert asked.day_remaining(await asked.snapshot()) == 10
    await asked.minute_refused(30)
    with pytest.raises(QuotaMinuteExhausted):
        await acquire(asked, wait_s=5)
    await asked.day_refused(3600, 1000)
    with pytest.raises(QuotaDayExhausted):
        await acquire(asked)


async def test_two_replicas_share_one_quota(state: State) -> None:
    clock = TurnedClock()
    first, second = (governor(state, clock, per_minute=100, per_day=10, reserve=0) for _ in range(2))
    outcomes = await asyncio.gather(*(acquire(asked) for asked in [first, second] * 10), return_exceptions=True)
    assert sum(isinstance(outcome, Permit) for outcome in outcomes) == 10


async def test_answers_are_kept_and_forgotten(state: State) -> None:
    await state.write_answer("k", b"value", NOON)
    assert await state.read_answer("k", NOON + 1) == b"value"
    assert await state.read_answer("other", NOON + 1) is None


async def test_counters_survive_a_restart(tmp_path: Path) -> None:
    clock = TurnedClock()
    first = SqliteState(tmp_path / "state.sqlite")
    await acquire(governor(first, clock, per_minute=5, per_day=5))
    await first.close()
    second = SqliteState(tmp_path / "state.sqlite")
    snapshot = await second.snapshot(clock.now)
    await second.close()
    assert (snapshot.used_this_minute, snapshot.used_today) == (1, 1)


async def test_old_and_surplus_answers_are_forgotten(tmp_path: Path) -> None:
    state = SqliteState(tmp_path / "state.sqlite", max_answers=2, max_age_s=100)
    for at in range(3):
        await state.write_answer(str(at), b"x", NOON + at)
    assert await state.read_answer("0", NOON + 3) is None
    assert await state.read_answer("2", NOON + 3) == b"x"
    assert await state.read_answer("2", NOON + 200) is None
    await state.close()


class HeldClock(TurnedClock):
    """Naps only end when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()

    async def nap(self, seconds: float) -> None:
        await self.go_on.wait()
        await super().nap(seconds)


async def test_nobodys_second_question_goes_before_anothers_first(tmp_path: Path) -> None:
    state, clock, order = SqliteState(tmp_path / "state.sqlite"), HeldClock(), []
    asked = governor(state, clock, per_minute=1, per_day=100)
    await acquire(asked)

    async def ask(reader: str) -> None:
        await acquire(asked, reader)
        order.append(reader)

    tasks = []
    for reader in ("greedy", "greedy", "greedy", "modest"):
        tasks.append(asyncio.create_task(ask(reader)))
        while asked.waiting < len(tasks):
            await asyncio.sleep(0.001)
    clock.go_on.set()
    await asyncio.gather(*tasks)
    assert order == ["greedy", "modest", "greedy", "greedy"]
    await asked.close()
    await state.close()


async def test_a_reader_who_leaves_the_queue_frees_the_place(tmp_path: Path) -> None:
    state, clock, places = SqliteState(tmp_path / "state.sqlite"), HeldClock(), []
    asked = governor(state, clock, per_minute=1, per_day=100)
    await acquire(asked)
    leaving = asyncio.create_task(acquire(asked, "leaving"))
    while asked.waiting < 1:
        await asyncio.sleep(0.001)
    on_place = lambda place, wait: places.append(place)  # noqa: E731
    staying = asyncio.create_task(asked.acquire(Asker("staying"), longest_wait_s=1000, on_place=on_place))
    while not places:  # told its place behind the other reader
        await asyncio.sleep(0.001)
    leaving.cancel()
    clock.go_on.set()
    await staying
    assert places == [1, 0]
    snapshot = await asked.snapshot()
    assert snapshot.used_today == 2
    await asked.close()
    await state.close()


async def test_without_redis_no_request_is_sent_uncounted() -> None:
    state = RedisState("redis://127.0.0.1:1/0", account="x")
    with pytest.raises(ProviderUnavailable):
        await state.reserve(NOON, Claim(1, 1))
    assert await state.read_answer("k", NOON) is None
    await state.close()
