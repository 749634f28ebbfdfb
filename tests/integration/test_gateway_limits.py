"""Limits counted in memory always, and in a real Redis where there is one."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.limits import LimitPolicy, Limits
from services.runtime.errors import Overloaded

POLICY = LimitPolicy(turns_per_reader="2/minute;3/hour", turns_per_address="4/minute", streams=2, streams_per_reader=1)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("needs redis-server: apt-get install redis-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen([program, *options], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    for line in server.stdout:
        if "Ready to accept connections" in line:
            break
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.communicate()


@pytest.fixture(params=["memory", "redis"])
def url(request: pytest.FixtureRequest) -> str:
    return "memory://" if request.param == "memory" else str(request.getfixturevalue("redis"))


async def test_a_reader_is_refused_beyond_the_limit_and_told_how_long(url: str) -> None:
    limits = Limits(url, POLICY)
    await limits.turn("ada", "192.0.2.1")
    await limits.turn("ada", "192.0.2.1")
    with pytest.raises(Overloaded) as caught:
        await limits.turn("ada", "192.0.2.1")
    assert caught.value.retry_after_s is not None
    assert 1 <= caught.value.retry_after_s <= 60
    await limits.turn("bob", "192.0.2.1")


async def test_an_address_is_limited_whoever_asks_from_it(url: str) -> None:
    limits = Limits(url, POLICY)
    for number in range(4):
        await limits.turn(f"reader {number}", "192.0.2.1")
    with pytest.raises(Overloaded):
        await limits.turn("another reader", "192.0.2.1")
    await limits.turn("another reader", "192.0.2.2")


async def test_replicas_count_together_in_redis(redis: str) -> None:
    replicas = [Limits(redis, POLICY), Limits(redis, POLICY)]
    outcomes = await asyncio.gather(
        *(replicas[number % 2].turn("ada", "192.0.2.1") for number in range(6)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 2


async def test_a_redis_that_is_gone_silences_nobody() -> None:
    limits = Limits("redis://127.0.0.1:1/0", POLICY)
    for _ in range(5):
        await limits.turn("ada", "192.0.2.1")


def test_places_are_given_back() -> None:
    limits = Limits("memory://", POLICY)
    for _ in range(3):
        with limits.stream("ada"), limits.stream("bob"):
            for reader in ("ada", "eve"):
                with pytest.raises(Overloaded), limits.stream(reader):
                    pass
