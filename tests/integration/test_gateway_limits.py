"""Limits counted in memory always, and in a real Redis where there is one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest

from gateway.readers.limits import LimitPolicy, Limits
from services.runtime.errors import Overloaded
from tests.fakes.redis_server import running_redis

MakeLimits: TypeAlias = Callable[[str, LimitPolicy], Limits]
POLICY = LimitPolicy(turns_per_reader="2/minute;3/hour", turns_per_address="4/minute", streams=2, streams_per_reader=1)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    with running_redis(tmp_path) as url:
        yield url


@pytest.fixture
async def limits_of() -> AsyncIterator[MakeLimits]:
    """Makes limits, and closes them when the test ends."""
    with ExitStack() as stack:

        def make(url: str, policy: LimitPolicy) -> Limits:
            limits = Limits(url, policy)
            stack.callback(limits.close)
            return limits

        yield make
    await asyncio.sleep(0)  # the loop closes what was let go of


@pytest.fixture(params=["memory", "redis"])
def url(request: pytest.FixtureRequest) -> str:
    return "memory://" if request.param == "memory" else str(request.getfixturevalue("redis"))


async def test_a_reader_is_refused_beyond_the_limit_and_told_how_long(url: str, limits_of: MakeLimits) -> None:
    limits = limits_of(url, POLICY)
    await limits.turn("ada", "192.0.2.1")
    await limits.turn("ada", "192.0.2.1")
    with pytest.raises(Overloaded) as caught:
        await limits.turn("ada", "192.0.2.1")
    assert caught.value.retry_after_s is not None
    assert 1 <= caught.value.retry_after_s <= 60
    await limits.turn("bob", "192.0.2.1")


async def test_an_address_is_limited_whoever_asks_from_it(url: str, limits_of: MakeLimits) -> None:
    limits = limits_of(url, POLICY)
    for number in range(4):
        await limits.turn(f"reader {number}", "192.0.2.1")
    with pytest.raises(Overloaded):
        await limits.turn("another reader", "192.0.2.1")
    await limits.turn("another reader", "192.0.2.2")


async def test_the_addresses_of_a_network_have_a_wider_limit_together(url: str, limits_of: MakeLimits) -> None:
    limits = limits_of(url, LimitPolicy(turns_per_address="2/minute", turns_per_network="3/minute"))
    await limits.turn("ada", "2001:db8:1:1::1")
    await limits.turn("bob", "2001:db8:1:1::2")
    with pytest.raises(Overloaded) as caught:
        await limits.turn("eve", "2001:db8:1:1::3")
    assert caught.value.facts["limit_owner"] == "network"
    await limits.turn("eve", "2001:db8:1:2::1")
    with pytest.raises(Overloaded):
        await limits.turn("fay", "2001:db8:1:3::1")
    await limits.turn("fay", "2001:db8:2:1::1")


async def test_keys_have_limits_of_their_own_and_some_by_name(url: str, limits_of: MakeLimits) -> None:
    narrow = {"turns_per_reader": "1/minute", "turns_per_address": "1/minute"}
    limits = limits_of(url, LimitPolicy(turns_per_key="2/minute,ci=4/minute", **narrow))  # type: ignore[arg-type]
    for reader_id, places in (("program:0123", 2), ("program:name:wiki", 2), ("program:name:ci", 4)):
        for _ in range(places):
            await limits.turn(reader_id, "192.0.2.1")
        with pytest.raises(Overloaded) as caught:
            await limits.turn(reader_id, "192.0.2.1")
        assert caught.value.facts["limit_owner"] == "key"


async def test_replicas_count_together_in_redis(redis: str, limits_of: MakeLimits) -> None:
    replicas = [limits_of(redis, POLICY), limits_of(redis, POLICY)]
    outcomes = await asyncio.gather(
        *(replicas[number % 2].turn("ada", "192.0.2.1") for number in range(6)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 2


async def test_a_redis_that_is_gone_silences_nobody(limits_of: MakeLimits) -> None:
    limits = limits_of("redis://127.0.0.1:1/0", POLICY)
    for _ in range(5):
        await limits.turn("ada", "192.0.2.1")


def test_places_are_given_back() -> None:
    limits = Limits("memory://", POLICY)
    for _ in range(3):
        with limits.stream("ada"), limits.stream("bob"):
            for reader in ("ada", "eve"):
                with pytest.raises(Overloaded), limits.stream(reader):
                    pass


def test_a_key_has_more_places_than_a_reader_and_a_network_not_all() -> None:
    limits = Limits("memory://", LimitPolicy(streams_per_reader=1, streams_per_key=2, streams_per_network=1, streams=4))
    with limits.stream("program:1"), limits.stream("program:1"), limits.stream("ada", "net/1"):
        for reader, network, owner in (("program:1", "", "key"), ("bob", "net/2", "network"), ("ada", "", "reader")):
            with pytest.raises(Overloaded) as caught, limits.stream(reader, network):
                pass
            assert caught.value.facts["limit_owner"] == owner
        with limits.stream("bob", "elsewhere/1"), pytest.raises(Overloaded) as caught, limits.stream("eve"):
            pass
        assert caught.value.facts["limit_owner"] == "site"
