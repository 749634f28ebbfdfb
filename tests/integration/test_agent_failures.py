"""Every way the provider is known to fail ends in an answer, in quotations, or in a clear status; never in silence."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import turn_events_pb2 as events

from services.runtime.errors import (
    ContentRefused,
    DeadlineExceeded,
    ProviderRefused,
    ProviderUnavailable,
    QuotaDayExhausted,
    QuotaMinuteExhausted,
    ServiceError,
    TurnInterrupted,
)
from tests.fakes.agent_world import AgentWorld, agent_world

QUESTION = "How do I install the package?"

# Scenario of the first model, and whether the second model can help the same turn.
ANOTHER_MODEL_HELPS = (
    "403-moderation 403-guardrail 403-model 404 404-free-ended 400-context 400-tools 400-models 413 422 "
    "429-upstream 429-model-minute 429-model-day 429-long 408 500 502 503 503-hint 504 524 529 cut-before-headers "
    "html-200 json-error-200 error-first error-first-word-code choice-error-first eof-first cut-first bad-json-first "
    "list-content empty reasoning-only length-empty content-filter leak-0 leak-1 leak-2 leak-3 leak-4 classifier hang "
    "hang-before-headers hang-with-comments"
)
WHOLE_ACCOUNT = {"401": ProviderRefused, "402": ProviderRefused, "error-first-quota-day": QuotaDayExhausted}
BREAKS_AFTER_TEXT = (
    "error-after-text choice-error-after-text eof-after-text cut-after-text bad-json-after-text hang-after-text"
)
WHY_NOBODY_ANSWERED: dict[str, type[ServiceError]] = {
    "401": ProviderRefused,
    "402": ProviderRefused,
    "403-moderation": ContentRefused,
    "404": ProviderUnavailable,
    "400-models": ProviderRefused,
    "502": ProviderUnavailable,
    "429-upstream": ProviderUnavailable,
    "empty": ProviderUnavailable,
    "eof-first": ProviderUnavailable,
    "html-200": ProviderUnavailable,
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[AgentWorld]:
    patience = {"first_text_timeout_s": 1.0, "text_gap_timeout_s": 1.0}
    async with agent_world(tmp_path, answer_cache_entries=0, **patience) as world:
        yield world


@pytest.mark.parametrize("scenario", ANOTHER_MODEL_HELPS.split())
async def test_the_next_model_answers_when_one_fails_before_text(world: AgentWorld, scenario: str) -> None:
    world.emulator.direct({"queue": [scenario]})
    heard = await world.ask(QUESTION, timeout_s=10)
    assert heard.completed.source == events.ANSWER_SOURCE_MODEL
    assert heard.completed.text == heard.text
    assert heard.completed.usage.requests == 2
    assert not heard.completed.degraded


@pytest.mark.parametrize("scenario", [*ANOTHER_MODEL_HELPS.split(), *WHOLE_ACCOUNT])
async def test_quotations_answer_when_every_model_fails(world: AgentWorld, scenario: str) -> None:
    world.emulator.direct({"by_model": dict.fromkeys((name for name, _ in world.emulator.models), scenario)})
    heard = await world.ask(QUESTION, timeout_s=10)
    assert heard.completed.source == events.ANSWER_SOURCE_EXTRACTIVE
    assert events.NOTICE_CODE_EXTRACTIVE in heard.notices
    assert heard.completed.degraded
    assert "npm install docs-chat" in heard.text
    assert world.emulator.chat.counters.requests <= 3


@pytest.mark.parametrize("scenario", BREAKS_AFTER_TEXT.split())
async def test_what_breaks_off_after_text_is_never_called_complete(world: AgentWorld, scenario: str) -> None:
    world.emulator.direct({"queue": [scenario], "text": "word " * 60 + "end."})
    heard = await world.ask(QUESTION, timeout_s=10)
    assert isinstance(heard.error, TurnInterrupted)
    assert heard.text
    assert heard.notices[-1] == events.NOTICE_CODE_INTERRUPTED
    assert "turn_completed" not in heard.kinds
    assert world.emulator.chat.counters.requests == 1


@pytest.mark.parametrize(("scenario", "expected"), WHY_NOBODY_ANSWERED.items())
async def test_a_caller_who_wants_the_reason_gets_it(
    world: AgentWorld, scenario: str, expected: type[ServiceError]
) -> None:
    world.emulator.direct({"by_model": dict.fromkeys((name for name, _ in world.emulator.models), scenario)})
    heard = await world.ask(QUESTION, timeout_s=10, fallback=pb.FALLBACK_POLICY_FAIL)
    assert type(heard.error) is expected
    assert (heard.error.retry_after_s is not None) == (expected is ProviderUnavailable)


async def test_waiting_callers_get_a_hint_and_others_quotations(tmp_path: Path) -> None:
    policy, names = pb.FALLBACK_POLICY_FAIL_IF_RETRYABLE, ("z-ai/glm-5.2:free", "google/gemma-4-31b-it:free")
    async with agent_world(tmp_path, models=names) as world:
        world.emulator.direct({"by_model": dict.fromkeys(names, "429-upstream")})
        waiting = await world.ask(QUESTION, fallback=policy)
        assert isinstance(waiting.error, ProviderUnavailable)
        assert waiting.error.retry_after_s == pytest.approx(5, abs=1)
        world.emulator.direct({"by_model": dict.fromkeys(names, "401")})
        world.agent.ladder.breakers.clear()
        pointless = await world.ask(QUESTION, fallback=policy)
        assert pointless.completed.source == events.ANSWER_SOURCE_EXTRACTIVE


async def test_the_days_limit_stops_requests_until_the_reset(world: AgentWorld) -> None:
    world.emulator.direct({"per_day": 0})
    first = await world.ask(QUESTION, fallback=pb.FALLBACK_POLICY_FAIL)
    second = await world.ask(QUESTION, fallback=pb.FALLBACK_POLICY_FAIL)
    assert isinstance(first.error, QuotaDayExhausted)
    assert isinstance(second.error, QuotaDayExhausted)
    assert first.error.retry_after_s is None
    assert second.error.facts["resets_at"].endswith("+00:00")
    assert world.emulator.chat.counters.requests == 1


async def test_the_minutes_limit_holds_the_account_back_with_a_hint(world: AgentWorld) -> None:
    world.emulator.direct({"per_minute": 0})
    first = await world.ask(QUESTION, fallback=pb.FALLBACK_POLICY_FAIL)
    assert isinstance(first.error, QuotaMinuteExhausted)
    assert first.error.retry_after_s is not None
    assert 0 <= first.error.retry_after_s <= 60
    assert world.emulator.chat.counters.requests == 1


async def test_a_refused_key_is_not_shown_again_to_the_provider(world: AgentWorld) -> None:
    world.emulator.direct({"queue": ["401"]})
    await world.ask(QUESTION)
    await world.ask(QUESTION)
    assert world.emulator.chat.counters.requests == 1
    status = await world.stub.GetModelStatus(pb.GetModelStatusRequest())
    assert status.account_breaker == pb.BREAKER_STATE_OPEN
    assert "User not found" in status.account_reason


async def test_a_model_that_is_gone_is_not_asked_again(world: AgentWorld) -> None:
    first_model = world.emulator.models[0][0]
    world.emulator.direct({"queue": ["404"]})
    await world.ask(QUESTION)
    await world.ask(QUESTION)
    assert world.emulator.chat.counters.by_model[first_model] == 1


async def test_an_answer_cut_at_the_limit_says_so(world: AgentWorld) -> None:
    world.emulator.direct({"queue": ["length"]})
    heard = await world.ask(QUESTION)
    assert events.NOTICE_CODE_TRUNCATED in heard.notices
    assert heard.completed.degraded


async def test_an_answer_the_provider_filters_halfway_says_so(world: AgentWorld) -> None:
    world.emulator.direct({"queue": ["content-filter-text"]})
    heard = await world.ask(QUESTION)
    assert events.NOTICE_CODE_TRUNCATED in heard.notices


@pytest.mark.parametrize(
    "scenario",
    ["tool", "tool-without-id", "tool-twice-same-id", "tool-bad-arguments", "tool-wrong-arguments", "tool-unknown"],
)
async def test_every_quirk_of_tool_calls_ends_in_an_answer(world: AgentWorld, scenario: str) -> None:
    world.emulator.direct({"queue": [scenario]})
    heard = await world.ask(QUESTION)
    assert heard.completed.source == events.ANSWER_SOURCE_MODEL
    assert heard.completed.usage.requests == 2
    assert "delete_everything" not in heard.text


async def test_a_model_that_only_wants_tools_is_left_for_another_answer(world: AgentWorld) -> None:
    world.emulator.direct({"by_model": {world.emulator.models[0][0]: "tool"}, "queue": []})
    heard = await world.ask(QUESTION)
    assert heard.completed.source == events.ANSWER_SOURCE_MODEL
    assert heard.completed.usage.requests == 2


async def test_history_is_dropped_when_the_context_is_too_long(world: AgentWorld) -> None:
    world.emulator.direct({"queue": ["400-context"]})
    await world.ask("What is quota?", "A limit.", "How do I install the npm package docs-chat?")
    lengths = [len(body["messages"]) for body in world.emulator.chat.bodies]
    assert lengths == [4, 2]


async def test_a_model_without_tools_is_asked_without_them(tmp_path: Path) -> None:
    async with agent_world(tmp_path, models=("nvidia/nemotron-3.5-content-safety:free",)) as world:
        await world.agent.ladder.catalog.refresh()
        heard = await world.ask(QUESTION)
        assert heard.completed.source == events.ANSWER_SOURCE_MODEL
        assert "tools" not in world.emulator.chat.bodies[0]


async def test_a_deadline_leaves_time_for_quotations(tmp_path: Path) -> None:
    async with agent_world(tmp_path, first_text_timeout_s=30) as world:
        world.emulator.direct({"by_model": dict.fromkeys((name for name, _ in world.emulator.models), "hang")})
        heard = await world.ask(QUESTION, timeout_s=4)
        assert heard.completed.source == events.ANSWER_SOURCE_EXTRACTIVE
        failed = await world.ask(QUESTION, timeout_s=2.2, fallback=pb.FALLBACK_POLICY_FAIL)
        assert isinstance(failed.error, DeadlineExceeded | ProviderUnavailable)


async def test_no_model_on_offer_is_said(tmp_path: Path) -> None:
    async with agent_world(tmp_path, models=("gone/model:free",)) as world:
        world.emulator.offered = [{"id": "paid/model", "pricing": {"prompt": "1", "completion": "1"}}]
        await world.agent.ladder.catalog.refresh()
        heard = await world.ask(QUESTION, fallback=pb.FALLBACK_POLICY_FAIL)
        assert isinstance(heard.error, ProviderRefused)
        assert "AGENT_MODELS" in heard.error.message


async def test_an_unreachable_provider_ends_in_quotations(tmp_path: Path) -> None:
    async with agent_world(tmp_path, openrouter_base_url="http://127.0.0.1:1/api/v1") as world:
        heard = await world.ask(QUESTION)
        assert heard.completed.source == events.ANSWER_SOURCE_EXTRACTIVE
