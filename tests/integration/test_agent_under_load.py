"""Many readers on one small quota, readers who leave, and a key that must stay where it is."""

import asyncio
import contextlib
import gc
import logging
import os
from collections import Counter
from pathlib import Path

import pytest
from docs_chat.agent.v1 import turn_events_pb2 as events
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.fakes.agent_world import KEY, AgentWorld, a_passage, a_turn, agent_world, running_agent
from tests.fakes.redis_server import running_redis

READERS = 100
WAVE = 25


async def test_a_hundred_readers_on_the_real_limits_overdraw_nothing(tmp_path: Path) -> None:
    limits = {"requests_per_minute": 18, "requests_per_day": 50, "queue_wait_s": 2.0}
    async with agent_world(tmp_path, **limits) as world:
        world.emulator.direct({"per_minute": 20, "per_day": 50})
        answers = await asyncio.gather(
            *(world.ask(f"How do I install package number {n}?", reader_id=f"reader {n}") for n in range(READERS))
        )
        sources = Counter(heard.completed.source for heard in answers)
        assert sources[events.ANSWER_SOURCE_MODEL] == 18
        assert sources[events.ANSWER_SOURCE_EXTRACTIVE] == READERS - 18
        assert all("passages_found" in heard.kinds for heard in answers)
        assert world.emulator.chat.account.refused == 0


@pytest.mark.parametrize("shared", ["file", "redis"])
async def test_replicas_with_one_state_share_quota_and_answers(tmp_path: Path, shared: str) -> None:
    with running_redis(tmp_path) if shared == "redis" else contextlib.nullcontext("") as redis_url:
        limits = {"requests_per_minute": 5, "queue_wait_s": 0.0, "redis_url": redis_url}
        async with agent_world(tmp_path, **limits) as world:
            models = tuple(name for name, tools in world.emulator.models if tools)
            settings = {"openrouter_api_key": KEY, "openrouter_base_url": world.base_url, "models": models, **limits}
            async with running_agent(world.retriever_target, tmp_path, **settings) as (_, second):
                await world.ask("How do I install the package?")
                await _drain(second.RunTurn(a_turn("How do I install the package?")))
                assert world.emulator.chat.counters.requests == 1
                await asyncio.gather(
                    *(world.ask(f"How do I install package {n}?") for n in range(8)),
                    *(_drain(second.RunTurn(a_turn(f"How do I install thing {n}?"))) for n in range(8)),
                )
            assert world.emulator.chat.counters.requests == 5


async def test_readers_who_leave_leave_nothing_behind(tmp_path: Path) -> None:
    waves = int(os.environ.get("DOCS_CHAT_ABORTED_TURNS", "200")) // WAVE
    async with agent_world(tmp_path, answer_cache_entries=0, text_gap_timeout_s=60) as world:
        world.emulator.direct({"text": "word " * 50, "by_model": {world.emulator.models[0][0]: "hang-after-text"}})
        await _leave(world, WAVE)
        before = _leftovers()
        for _ in range(waves - 1):
            await _leave(world, WAVE)
        async with asyncio.timeout(5), world.emulator.chat.abandoned:
            await world.emulator.chat.abandoned.wait_for(lambda: world.emulator.chat.counters.open_streams == 0)
        assert world.emulator.chat.counters.abandoned == waves * WAVE
        assert world.agent.turns.shared.in_flight == 0
        assert _leftovers() <= before + 10


async def _leave(world: AgentWorld, count: int) -> None:
    async def one(number: int) -> None:
        call = world.stub.RunTurn(a_turn(f"How do I install package {number}?"))
        while not (await call.read()).HasField("text_delta"):
            pass
        call.cancel()

    seen = world.emulator.chat.counters.abandoned
    await asyncio.gather(*(one(number) for number in range(count)))
    async with asyncio.timeout(10), world.emulator.chat.abandoned:
        await world.emulator.chat.abandoned.wait_for(lambda: world.emulator.chat.counters.abandoned == seen + count)


def _leftovers() -> int:
    gc.collect()
    return len(asyncio.all_tasks())


async def test_the_key_is_in_no_log_no_span_and_no_event(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    trace._TRACER_PROVIDER = None  # the process has one provider; this test brings its own
    trace._TRACER_PROVIDER_SET_ONCE._done = False
    trace.set_tracer_provider(provider)
    heard = []
    async with agent_world(tmp_path, answer_cache_entries=0) as world:
        for scenario in ("ok", "401", "502", "error-after-text", "bad-json-first"):
            world.agent.ladder.account.succeeded()
            world.emulator.direct({"queue": [scenario]})
            heard.append(await world.ask("How do I install the package?", reader_id="reader@example.com"))
    written = caplog.text + repr([vars(record) for record in caplog.records])
    told = repr([span.to_json() for span in spans.get_finished_spans()])
    assert "chat z-ai/glm-5.2:free" in told
    assert '"gen_ai.response.finish_reasons"' in told.replace("\\", "")
    for place in (written, told, repr(heard), repr(world.emulator.chat.bodies)):
        assert KEY not in place
    assert "How do I install" not in told
    assert "reader@example.com" not in repr(world.emulator.chat.bodies)
    assert any(header["authorization"] == f"Bearer {KEY}" for header in world.emulator.chat.headers)


async def test_everyone_who_waits_sees_a_place_in_the_queue(tmp_path: Path) -> None:
    patient = {"requests_per_minute": 1, "queue_wait_s": 100.0, "default_deadline_s": 200.0, "answer_cache_entries": 0}
    async with agent_world(tmp_path, **patient) as world:
        world.retriever.passages.append(a_passage("extra", "Extra package."))
        await world.ask("How do I install the package?")
        waiting = world.stub.RunTurn(a_turn("How do I install the other package?"))
        async for event in waiting:
            if event.progress.stage == events.TURN_STAGE_QUEUED:
                break
        assert event.progress.queue_position == 0
        assert 0 < event.progress.estimated_wait.ToTimedelta().total_seconds() <= 60
        waiting.cancel()


async def _drain(call: object) -> None:
    async for _ in call:  # type: ignore[attr-defined]
        pass
