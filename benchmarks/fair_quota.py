"""What honest readers get from the model while others flood it: the real governor and counters, on a clock that jumps.

    python -m benchmarks.fair_quota [--minutes 10] [--redis redis://127.0.0.1:6379/0]

Thirty readers, each in a network of their own, ask at a human pace (a question every four minutes). The flood asks
20 questions a second, with a new reader id each time, and is not slowed by the gateway's own limits here. Honest
readers come back as the gateway does for them: when the hint fits into a minute. Reported is what they get, beside
what they would get alone, for an account of 50 requests a day and for one of 1,000.
"""

import argparse
import asyncio
import contextlib
import random
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.virtual_time import RealTimeStore, run_in_virtual_time
from services.agent.asker import Asker
from services.agent.quota.counting import Claim, Permit, QuotaLimits
from services.agent.quota.governor import QuotaGovernor
from services.agent.settings import AgentSettings
from services.agent.state.redis import RedisState
from services.agent.state.sqlite import SqliteState
from services.runtime.errors import Exhausted

MORNING = 1_800_000_000.0
"""Start of the simulated time: 08:00 UTC."""
_PACE_S = 240.0
"""Seconds between two questions of an honest reader, on average."""
_DEADLINE_S = 60.0
_QUEUE_WAIT_S = 20.0
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """Who asks.

    Args:
        name: For the table.
        flood: Asker of the n-th hostile question; None floods nothing.
        flood_every_s: Seconds between two hostile questions.
        flood_first_s: Seconds by which the flood is earlier than the honest readers.
        readers: Honest readers.
        one_network: The honest readers all sit behind one address.
        yesterday: Networks that each asked three questions on the day before.
        limits: What is allowed; the shares are the settings' defaults.
    """

    name: str
    flood: Callable[[int], Asker] | None = None
    flood_every_s: float = 0.05
    flood_first_s: float = 0.0
    readers: int = 30
    one_network: bool = False
    yesterday: int = 0
    limits: QuotaLimits = field(default_factory=lambda: limits_of_a_day(50))


@dataclass(slots=True)
class Outcome:
    """What came of it: questions and those a model answered, of the honest readers and of the flood."""

    asked: int = 0
    answered: int = 0
    flood_asked: int = 0
    flood_answered: int = 0
    waits_s: list[float] = field(default_factory=list)
    """How long the honest readers' answered questions waited."""

    def wait_s(self, share: float) -> float:
        """Wait that a share of the answered questions did not exceed."""
        ordered = sorted(self.waits_s) or [0.0]
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def limits_of_a_day(per_day: int, **shares: float) -> QuotaLimits:
    """The default settings with another day."""
    fields = AgentSettings.model_fields
    defaults = {name: fields[name].default for name in ("network_minute_share", "network_day_share")}
    return QuotaLimits(fields["requests_per_minute"].default, per_day, **{**defaults, **shares})


def one_address(number: int) -> Asker:
    """A flood from one address."""
    return Asker(_fresh(number), "hostile/1")


def one_slash_24(number: int) -> Asker:
    """A flood from all addresses of an IPv4 /24, or from the /64s of one IPv6 /48: the ids have the same shape."""
    return Asker(_fresh(number), f"hostile/{number % 254}")


def many_networks(count: int) -> Callable[[int], Asker]:
    """A flood from so many networks in turn."""
    return lambda number: Asker(_fresh(number), f"hostile-{number % count}/1")


def _fresh(number: int) -> str:
    return f"anonymous:{number:032x}"


SCENARIOS = (
    Scenario("one address", one_address),
    Scenario("254 addresses of one /24, or /64s of one /48", one_slash_24),
    Scenario("3 networks", many_networks(3)),
    Scenario("10 networks", many_networks(10)),
    Scenario("200 networks", many_networks(200)),
    Scenario("one address, 10 minutes earlier, first day", one_address, flood_first_s=600),
    Scenario("one question each 20 s, 10 minutes earlier, first day", one_address, 20, 600),
    Scenario("the same, after a day with 10 networks", one_address, 20, 600, yesterday=10),
)
COMPANY = (
    Scenario("company behind one address, first day", one_network=True, readers=10),
    Scenario("company behind one address, later days", one_network=True, readers=10, yesterday=1),
    Scenario("company, AGENT_NETWORK_*_SHARE=1", one_network=True, readers=10, limits=QuotaLimits()),
)


async def simulate(scenario: Scenario, store: Any, *, minutes: float, seed: int = 7) -> Outcome:
    """Let the scenario's readers ask for some minutes; must run in virtual time."""
    loop = asyncio.get_running_loop()
    clock = lambda: MORNING + loop.time()  # noqa: E731
    await _remember_yesterday(store, scenario.yesterday)
    governor = QuotaGovernor(store, scenario.limits, clock=clock)
    outcome, end_s = Outcome(), loop.time() + scenario.flood_first_s + 60 * minutes
    async with asyncio.TaskGroup() as group:
        if scenario.flood:
            group.create_task(_flood(governor, scenario, outcome, end_s - loop.time(), group))
        await asyncio.sleep(scenario.flood_first_s)
        for number in range(scenario.readers):
            network = "company/1" if scenario.one_network else f"honest-{number}/1"
            asker = Asker(f"reader {number}", network)
            group.create_task(_reader(governor, asker, outcome, end_s, random.Random(f"{seed} {number}")))
    await governor.close()
    return outcome


async def _remember_yesterday(store: Any, networks: int) -> None:
    for number in range(networks * 3):
        claim = Claim(1000, 1000, holder="company" if networks == 1 else f"known {number % networks}")
        await store.reserve(MORNING - _DAY_S + number, claim)


async def _reader(governor: QuotaGovernor, asker: Asker, outcome: Outcome, end_s: float, chance: random.Random) -> None:
    """One honest reader: thinks, asks, reads."""
    loop = asyncio.get_running_loop()
    while loop.time() + (think_s := chance.expovariate(1 / _PACE_S)) < end_s:
        await asyncio.sleep(think_s)
        started = loop.time()
        outcome.asked += 1
        if await _ask(governor, asker, chance):
            outcome.answered += 1
            outcome.waits_s.append(loop.time() - started)


async def _ask(governor: QuotaGovernor, asker: Asker, chance: random.Random) -> bool:
    """One question, as often as the gateway would come back with it."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _DEADLINE_S
    for attempt in range(4):
        wait_s = min(_QUEUE_WAIT_S, deadline - loop.time())
        try:
            await governor.acquire(asker, longest_wait_s=wait_s, on_place=lambda ahead, wait: None)
        except Exhausted as error:
            hint_s = error.retry_after_s
            if hint_s is None or loop.time() + hint_s + 8 > deadline:
                return False
            await asyncio.sleep(hint_s + chance.uniform(0, 0.5 * 2**attempt))
        else:
            return True
    return False


async def _flood(
    governor: QuotaGovernor, scenario: Scenario, outcome: Outcome, for_s: float, group: asyncio.TaskGroup
) -> None:
    assert scenario.flood is not None
    for _ in range(round(for_s / scenario.flood_every_s)):
        group.create_task(_hostile_question(governor, scenario.flood(outcome.flood_asked), outcome))
        outcome.flood_asked += 1
        await asyncio.sleep(scenario.flood_every_s)


async def _hostile_question(governor: QuotaGovernor, asker: Asker, outcome: Outcome) -> None:
    with contextlib.suppress(Exhausted):
        permit = await governor.acquire(asker, longest_wait_s=_QUEUE_WAIT_S, on_place=lambda ahead, wait: None)
        outcome.flood_answered += isinstance(permit, Permit)


@contextlib.asynccontextmanager
async def _store(redis_url: str, account: str) -> AsyncIterator[Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.sqlite"
        state = RealTimeStore(RedisState(redis_url, account=account) if redis_url else SqliteState(path))
        yield state
        await state.close()


def outcome_of(scenario: Scenario, *, minutes: float, redis_url: str = "") -> Outcome:
    """One scenario from beginning to end, on counters of its own."""

    async def work() -> Outcome:
        async with _store(redis_url, f"{scenario.name} {time.time()}") as store:
            return await simulate(scenario, store, minutes=minutes)

    return run_in_virtual_time(work())


def _told(name: str, outcome: Outcome, alone: Outcome | None) -> str:
    share = f"{100 * outcome.answered / max(1, alone.answered):4.0f} %" if alone else "      "
    waits = f"{outcome.wait_s(0.5):5.1f} /{outcome.wait_s(0.95):5.1f} s"
    flood = f"{outcome.flood_answered:5d} of {outcome.flood_asked}"
    return f"{name:54s} {outcome.asked:6d} {outcome.answered:9d} {share}  {waits}  {flood}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10, help="minutes for which the honest readers ask")
    parser.add_argument("--redis", default="", help="count in this Redis instead of a file")
    arguments = parser.parse_args()
    how: dict[str, Any] = {"minutes": arguments.minutes, "redis_url": arguments.redis}
    for per_day in (50, 1000):
        limits = limits_of_a_day(per_day)
        print(f"\n{per_day} requests a day, {limits.per_minute} a minute; {arguments.minutes:.0f} minutes")
        print(f"{'flood from':54s} {'asked':>6s} {'by model':>9s} of alone  wait p50 /p95  the flood got")
        alone = outcome_of(Scenario("nobody", limits=limits), **how)
        print(_told("nobody", alone, None))
        for scenario in SCENARIOS:
            print(_told(scenario.name, outcome_of(replace(scenario, limits=limits), **how), alone), flush=True)
        for scenario in COMPANY:
            limits = limits_of_a_day(per_day) if scenario.limits.network_day_share < 1 else QuotaLimits(per_day=per_day)
            print(_told(scenario.name, outcome_of(replace(scenario, limits=limits), **how), None), flush=True)
    print(
        "\nHonest questions asked, answered by a model, share of what they get alone, and how long they waited for it."
    )


if __name__ == "__main__":
    main()
