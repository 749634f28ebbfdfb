"""Who goes first, what one network may have, and that it holds over restarts and replicas; for a file and for Redis."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.agent.asker import Asker
from services.agent.quota.counting import Claim, Permit, QuotaLimits, Refusal, next_midnight
from services.agent.quota.fair_queue import FairQueue, Waiter
from services.agent.quota.governor import QuotaGovernor
from services.agent.quota.shares import Pressure
from services.agent.state import State
from services.agent.state.redis import RedisState
from services.agent.state.sqlite import SqliteState
from services.runtime.errors import QueueFull, QuotaDayExhausted, QuotaMinuteExhausted, ServiceError

NOON = 1_800_014_400.0


class SteadyClock:
    """Moves when the test says so; naps end when a request was given back or asked for, or the clock has moved.

    A nap is short in any case, as the real one is: the clock may have moved between its last reading and the nap.
    """

    def __init__(self) -> None:
        self.now = NOON
        self.moved = asyncio.Event()

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds
        self.moved.set()
        self.moved = asyncio.Event()

    async def nap(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.moved.wait(), 0.02)


@pytest.fixture(params=["file", "redis"])
async def states(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    """Opens the same counters as often as asked, as a restarted process or another replica would."""
    opened: list[State] = []

    def another() -> State:
        if request.param == "file":
            opened.append(SqliteState(tmp_path / "state.sqlite"))
        else:
            opened.append(RedisState(request.getfixturevalue("redis_url"), account=tmp_path.name))
        return opened[-1]

    yield another
    for state in opened:
        await state.close()


def governor(state: State, clock: SteadyClock, **limits: Any) -> QuotaGovernor:
    shares = {"network_minute_share": 0.5, "network_day_share": 0.1, "reserve": 0}
    return QuotaGovernor(
        state, QuotaLimits(**{"per_minute": 20, "per_day": 50, **shares, **limits}), 8, clock, clock.nap
    )


async def ask(asked: QuotaGovernor, reader: str, network: str = "", *, wait_s: float = 0.0) -> Permit | ServiceError:
    """The permit, or why there is none."""
    try:
        return await asked.acquire(Asker(reader, network), longest_wait_s=wait_s, on_place=lambda ahead, wait: None)
    except ServiceError as error:
        return error


async def granted(asked: QuotaGovernor, network: str, questions: int) -> int:
    """How many of so many questions of new readers of one network get the model."""
    outcomes = [await ask(asked, f"{network} {number}", network) for number in range(questions)]
    return sum(isinstance(outcome, Permit) for outcome in outcomes)


async def test_new_reader_ids_get_a_network_no_more_than_its_share(states: Any) -> None:
    asked = governor(states(), SteadyClock())
    assert await granted(asked, "crowd/1", 30) == 5
    assert await granted(asked, "crowd/2", 30) == 0
    assert await granted(asked, "elsewhere/1", 30) == 5


async def test_a_refusal_says_that_it_was_the_networks_share_of_the_day(states: Any) -> None:
    clock = SteadyClock()
    asked = governor(states(), clock)
    await granted(asked, "crowd", 30)
    refused = await ask(asked, "another", "crowd")
    assert isinstance(refused, QuotaDayExhausted)
    assert refused.facts["limit_owner"] == "network"
    assert refused.retry_after_s is None
    assert refused.facts["resets_at"]


async def test_a_minutes_share_is_told_with_the_moment_to_come_back(states: Any) -> None:
    clock = SteadyClock()
    asked = governor(states(), clock, per_minute=4, network_day_share=1.0)
    assert await granted(asked, "crowd", 2) == 2
    clock.move(20)
    refused = await ask(asked, "another", "crowd")
    assert isinstance(refused, QuotaMinuteExhausted)
    assert refused.facts["limit_owner"] == "network"
    assert refused.retry_after_s == pytest.approx(40, abs=1)
    assert isinstance(await ask(asked, "somebody", "elsewhere"), Permit)


async def test_the_share_holds_over_a_restart_and_over_replicas(states: Any) -> None:
    clock = SteadyClock()
    first, second = governor(states(), clock), governor(states(), clock)
    await granted(first, "crowd", 3)
    assert await granted(second, "crowd", 30) == 2
    assert await granted(governor(states(), clock), "crowd", 30) == 0


async def test_a_new_day_brings_a_new_share_and_forgets_who_asked(states: Any) -> None:
    clock, state = SteadyClock(), states()
    asked = governor(state, clock)
    await granted(asked, "crowd", 30)
    holder = Asker("", "crowd").holder
    assert (await state.snapshot(clock.now, [holder])).holder(holder).used_today == 5
    clock.now = next_midnight(clock.now) + 3600
    assert (await state.snapshot(clock.now, [holder])).holder(holder).used_today == 0
    assert await granted(asked, "crowd", 30) >= 5


async def test_what_was_never_sent_is_given_back_to_the_network_too(states: Any) -> None:
    asked = governor(states(), SteadyClock(), per_day=10)
    permit = await ask(asked, "ada", "home")
    assert isinstance(permit, Permit)
    await asked.give_back(permit)
    assert isinstance(await ask(asked, "ada", "home"), Permit)


async def test_a_told_limit_of_the_day_makes_the_share_larger(states: Any) -> None:
    asked = governor(states(), SteadyClock(), per_minute=1000)
    await asked.correct(0, 200)
    assert await granted(asked, "crowd", 40) == 20


async def test_callers_who_name_nobody_have_no_share(states: Any) -> None:
    asked = governor(states(), SteadyClock())
    assert await granted(asked, "", 1) == 1
    outcomes = [await ask(asked, "") for _ in range(19)]
    assert all(isinstance(outcome, Permit) for outcome in outcomes)


async def test_at_a_human_pace_a_network_gets_what_others_will_not_miss(states: Any) -> None:
    clock, state = SteadyClock(), states()
    for number in range(12):  # yesterday others asked eight times beside the busiest network
        claim = Claim(100, 100, holder="busiest" if number < 4 else f"other {number}")
        assert isinstance(await state.reserve(NOON - 86_400, claim), Permit)
    asked, given = governor(state, clock), 0
    for number in range(60):
        given += isinstance(await ask(asked, f"reader {number % 4}", "office"), Permit)
        clock.move(30)
    assert given == 50 - 12  # half as many again as yesterday's eight are kept for the others
    assert isinstance(await ask(asked, "somebody", "elsewhere"), Permit)


async def test_while_no_day_is_remembered_half_of_it_is_kept(states: Any) -> None:
    clock = SteadyClock()
    asked, given = governor(states(), clock), 0
    for number in range(60):
        given += isinstance(await ask(asked, f"reader {number}", "office"), Permit)
        clock.move(30)
    assert given == 25


async def test_whoever_pushes_gets_nothing_beyond_the_share(states: Any) -> None:
    clock = SteadyClock()
    asked = governor(states(), clock)
    given = 0
    for number in range(300):
        given += isinstance(await ask(asked, f"reader {number}", "crowd"), Permit)
        clock.move(1)
    assert given == 5


async def test_one_network_cannot_fill_the_queue(tmp_path: Path) -> None:
    state, clock = SqliteState(tmp_path / "state.sqlite"), SteadyClock()
    asked = governor(state, clock, per_minute=1, network_day_share=1.0)
    await ask(asked, "first", "elsewhere")
    crowd = [asyncio.create_task(ask(asked, f"{number}", "crowd", wait_s=1000)) for number in range(12)]
    while asked.waiting != 4 or not all(task.done() for task in crowd[4:]):
        await asyncio.sleep(0.001)
    refused = crowd[-1].result()
    assert isinstance(refused, QueueFull)
    assert refused.facts["limit_owner"] == "network"
    for task in crowd:
        task.cancel()
    await asyncio.gather(*crowd, return_exceptions=True)
    await asked.close()
    await state.close()


async def test_whoever_waits_is_told_how_many_are_ahead(tmp_path: Path) -> None:
    state, clock = SqliteState(tmp_path / "state.sqlite"), SteadyClock()
    asked = governor(state, clock, per_minute=1, network_day_share=1.0)
    await ask(asked, "first", "elsewhere")
    told: dict[str, list[int]] = {"ada": [], "bob": []}
    tasks = []
    for reader, places in told.items():
        asker = Asker(reader, reader)
        on_place = lambda ahead, wait, places=places: places.append(ahead)  # noqa: E731
        tasks.append(asyncio.create_task(asked.acquire(asker, longest_wait_s=1000, on_place=on_place)))
        while not places:
            await asyncio.sleep(0.001)
    clock.move(61)
    await tasks[0]
    while len(told["bob"]) < 2:
        await asyncio.sleep(0.001)
    clock.move(61)
    await tasks[1]
    assert told == {"ada": [0], "bob": [1, 0]}
    await asked.close()
    await state.close()


def waiters(*askers: tuple[str, str]) -> list[Waiter]:
    loop = asyncio.get_running_loop()
    return [
        Waiter(Asker(reader, network), 0.0, lambda ahead, wait: None, spare=False, permit=loop.create_future())
        for network, reader in askers
    ]


async def test_networks_take_turns_then_addresses_then_readers() -> None:
    queue = FairQueue()
    for waiter in waiters(
        ("crowd/1", "a"), ("crowd/1", "b"), ("crowd/1", "a"), ("crowd/2", "c"), ("home/1", "ada"), ("home/1", "ada")
    ):
        queue.add(waiter)
    order = [(waiter.asker.network, waiter.asker.reader) for waiter in queue.in_fair_order()]
    assert order == [
        ("crowd/1", "a"), ("home/1", "ada"), ("crowd/2", "c"), ("home/1", "ada"), ("crowd/1", "b"), ("crowd/1", "a"),
    ]  # fmt: skip


async def test_whoever_was_served_longest_ago_goes_first() -> None:
    queue = FairQueue()
    for network in ("one", "two", "three"):
        queue.served(Asker("", network))
    queue.served(Asker("", "one"))
    for waiter in waiters(("one", ""), ("three", ""), ("two", ""), ("new", "")):
        queue.add(waiter)
    assert [waiter.asker.network for waiter in queue.in_fair_order()] == ["new", "two", "three", "one"]


def test_pressure_is_forgotten_in_time() -> None:
    pressure = Pressure()
    for second in range(10):
        pressure.refused("crowd", second)
    assert pressure.pushes("crowd", 10)
    assert not pressure.pushes("crowd", 700)
    assert not pressure.pushes("elsewhere", 10)
    assert pressure.refused_lately("crowd", 60)
    assert not pressure.refused_lately("crowd", 80)


async def test_the_account_is_refused_before_anybodys_share(states: Any) -> None:
    state = states()
    assert isinstance(await state.reserve(NOON, Claim(1, 5, holder="a", minute_share=0.5)), Permit)
    assert await state.reserve(NOON, Claim(1, 5, holder="a", minute_share=0.5)) is Refusal.ACCOUNT
    assert await state.reserve(NOON, Claim(2, 5, holder="a", minute_share=0.5)) is Refusal.MINUTE_SHARE
    assert await state.reserve(NOON, Claim(9, 5, holder="a", minute_share=0.5, day_share=0.2)) is Refusal.DAY_SHARE
