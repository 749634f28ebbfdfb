"""Gateway and agent together over real ports: what a reader's question may cost, and what readers who leave leave."""

import asyncio
import contextlib
import gc
import json
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from gateway.parts import Gateway
from tests.fakes.agent_world import AgentWorld, agent_world
from tests.fakes.gateway_world import gateway_before

WAVE = 20
LONGEST_STAY_S = 0.6
WORST_CASE_REQUESTS = 6
"""Three models at the first attempt, one more at each of the three that follow: told in docs/docs/how-it-works."""


@contextlib.asynccontextmanager
async def both(folder: Path, **agent_settings: Any) -> AsyncIterator[tuple[AgentWorld, str, Gateway]]:
    """An agent with its world and a gateway before it, its address and its parts."""
    async with agent_world(folder, **agent_settings) as world:
        agent_target = f"127.0.0.1:{world.agent.port}"
        quick = {"backoff_base_s": 0.01, "backoff_cap_s": 0.02}
        async with gateway_before(agent_target, world.retriever_target, folder / "gateway", **quick) as (url, gateway):
            yield world, url, gateway


def a_question(text: str) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}]
    inputs = {"content": content, "attachments": [], "quoted_text": "", "inference_options": {}}
    return {"type": "threads.create", "params": {"input": inputs}}


@pytest.mark.parametrize("scenario", ["502", "429-upstream", "eof-first", "empty"])
async def test_the_worst_question_costs_a_bounded_number_of_requests(tmp_path: Path, scenario: str) -> None:
    async with both(tmp_path) as (world, url, _):
        world.emulator.direct({"by_model": {name: scenario for name, _ in world.emulator.models}})
        async with httpx.AsyncClient(timeout=60, trust_env=False) as reader:
            answer = (await reader.post(f"{url}/chatkit", json=a_question("How do I install the package?"))).text
        assert "No language model answered" in answer
        assert "docs_chat.answer" in answer
        assert 1 <= world.emulator.chat.counters.requests <= WORST_CASE_REQUESTS


async def test_readers_who_leave_at_any_moment_leave_nothing_behind(tmp_path: Path) -> None:
    waves = max(2, int(os.environ.get("DOCS_CHAT_ABORTED_TURNS", "100")) // WAVE)
    moments = random.Random(7)
    async with both(tmp_path, answer_cache_entries=0) as (world, url, gateway):
        world.emulator.direct({"text": "word " * 200, "pace": {"first_token_s": 0.2, "tokens_per_s": 100}})
        await _leave(url, 2 * WAVE, moments)
        await _all_quiet(world, gateway)
        before = _held()
        for wave in range(waves):
            await _leave(url, WAVE, moments, first=wave * WAVE)
        await _all_quiet(world, gateway)
        after = _held()
        assert world.emulator.chat.counters.requests > 0
        # The agent keeps some connections to the provider for the next question.
        assert after["tasks"] <= before["tasks"] + 5
        assert after["open files"] <= before["open files"] + 5


async def _leave(url: str, count: int, moments: random.Random, first: int = 0) -> None:
    """Readers who ask and go, each at a moment of their own: before the passages, while waiting, in mid answer."""
    place = urlsplit(url)

    async def one(number: int, stay_s: float) -> None:
        body = json.dumps(a_question(f"How do I install package number {number}?"))
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        head = f"POST /chatkit HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(stay_s):
                while await reader.read(4096):
                    pass
        writer.transport.abort()

    stays = [moments.uniform(0, LONGEST_STAY_S) for _ in range(count)]
    await asyncio.gather(*(one(first + at, stay_s) for at, stay_s in enumerate(stays)))


async def _all_quiet(world: AgentWorld, gateway: Gateway) -> None:
    """Return when every process has noticed that everybody has left."""
    async with asyncio.timeout(30):
        await gateway.streams.drained()
        await gateway.turns.saved()
        while world.agent.turns.shared.in_flight or world.emulator.chat.counters.open_streams:
            await asyncio.sleep(0.02)


def _held() -> dict[str, int]:
    gc.collect()
    return {"tasks": len(asyncio.all_tasks()), "open files": len(os.listdir("/proc/self/fd"))}
