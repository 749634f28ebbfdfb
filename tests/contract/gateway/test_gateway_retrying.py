"""The one place that waits and tries again: what it does when the agent cannot answer."""

from typing import Any

import pytest
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import turn_events_pb2 as events

from gateway.turns.agent_client import AgentClient
from gateway.turns.events import Retrying
from gateway.turns.retries import RetryPolicy
from services.runtime.errors import (
    ContentRefused,
    ProviderRefused,
    ProviderUnavailable,
    QueueFull,
    QuotaDayExhausted,
    SiteNotFound,
    TurnInterrupted,
)

FAIL = pb.FALLBACK_POLICY_FAIL_IF_RETRYABLE
QUOTE = pb.FALLBACK_POLICY_EXTRACTIVE
BUSY = ProviderUnavailable("all models cool down", retry_after_s=0.01)
FOUND = pb.RunTurnResponse(passages_found=events.PassagesFound(revision=7, site="docs"))
DONE = pb.RunTurnResponse(turn_completed=events.TurnCompleted(text="Here you are."))


def told(stream: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in stream if event["type"] == kind]


async def test_a_busy_model_is_asked_again_and_the_reader_hears_of_it(browser: Any, agent: Any) -> None:
    agent.play([FOUND, BUSY], [FOUND, BUSY], [FOUND, DONE])
    stream = await browser.ask("?")
    lines = [event["text"] for event in told(stream, "progress_update")]
    assert lines == [
        "The model is busy. Trying again now (attempt 2)",
        "The model is busy. Trying again now (attempt 3)",
    ]
    assert told(stream, "thread.item.done")[-1]["item"]["content"][0]["text"] == "Here you are."


async def test_attempts_share_a_turn_id_and_show_passages_once(browser: Any, agent: Any) -> None:
    agent.play([FOUND, BUSY], [FOUND, DONE])
    stream = await browser.ask("?")
    first, second = agent.requests
    assert first.turn_id == second.turn_id != ""
    names = [event["name"] for event in told(stream, "client_effect")]
    assert names.count("docs_chat.passages") == 1


async def test_the_last_attempt_asks_for_quotations(browser: Any, agent: Any) -> None:
    agent.play([BUSY], [BUSY], [QueueFull("full", retry_after_s=0.01)], [DONE])
    await browser.ask("?")
    assert [request.options.fallback for request in agent.requests] == [FAIL, FAIL, FAIL, QUOTE]
    assert agent.time_left[3] > agent.time_left[0]  # only the last one may use the time kept for quotations


async def test_attempts_end_and_the_reader_is_told(start_gateway: Any, agent: Any) -> None:
    agent.play([BUSY])
    browser = await start_gateway(turn_attempts=3)
    (error,) = told(await browser.ask("?"), "error")
    assert error["message"] == "No language model can be reached at the moment. Please try again soon."
    assert error["allow_retry"] is True
    assert len(agent.requests) == 3


async def test_a_hint_beyond_the_deadline_is_not_waited_for(browser: Any, agent: Any) -> None:
    agent.play([ProviderUnavailable("come back in ten hours", retry_after_s=36_000)], [DONE])
    stream = await browser.ask("?")
    assert [request.options.fallback for request in agent.requests] == [FAIL, QUOTE]
    assert not told(stream, "error")


async def test_a_wait_is_the_hint_and_a_random_part_whose_range_grows_to_a_cap(
    browser: Any, agent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = ProviderUnavailable("busy", retry_after_s=0.02)
    agent.play([busy], [busy], [busy], [busy], [DONE])
    ranges: list[tuple[float, float]] = []

    def longest(low: float, high: float) -> float:
        ranges.append((low, high))
        return high

    monkeypatch.setattr("gateway.turns.retries.random.uniform", longest)
    policy = RetryPolicy(attempts=5, backoff_base_s=0.01, backoff_cap_s=0.03)
    turn = AgentClient(browser.gateway.agent_channel, policy).run_turn(pb.RunTurnRequest(turn_id="1"))
    waits = [event.wait_s async for event in turn if isinstance(event, Retrying)]
    assert ranges == [(0, 0.01), (0, 0.02), (0, 0.03), (0, 0.03)]
    assert waits == pytest.approx([0.03, 0.04, 0.05, 0.05])


async def test_patience_ends_before_the_deadline_does(start_gateway: Any, agent: Any) -> None:
    agent.play([ProviderUnavailable("busy", retry_after_s=5)], [DONE])
    browser = await start_gateway(patience_s=2)
    stream = await browser.ask("?")
    assert [request.options.fallback for request in agent.requests] == [FAIL, QUOTE]
    assert not told(stream, "error")


async def test_a_wait_is_counted_down_and_counted_once(start_gateway: Any, agent: Any) -> None:
    agent.play([ProviderUnavailable("busy", retry_after_s=2.1)], [DONE])
    browser = await start_gateway(backoff_base_s=0.001)
    lines = [each["text"] for each in told(await browser.ask("?"), "progress_update") if "Trying again" in each["text"]]
    assert "in 2 s (attempt 2)" in lines[0]
    assert len(lines) > 1
    assert {line.rpartition("(")[2] for line in lines} == {"attempt 2)"}
    assert len(agent.requests) == 2


async def test_the_deadline_leaves_time_for_quotations(start_gateway: Any, agent: Any) -> None:
    agent.play([agent.HANG], [DONE])
    browser = await start_gateway(turn_deadline_s=5, quotation_reserve_s=2.4)
    stream = await browser.ask("?")
    assert [request.options.fallback for request in agent.requests] == [FAIL, QUOTE]
    assert told(stream, "thread.item.done")[-1]["item"]["content"][0]["text"] == "Here you are."


async def test_nothing_is_repeated_after_the_first_text(browser: Any, agent: Any) -> None:
    text = pb.RunTurnResponse(text_delta=events.TextDelta(text="Half"))
    agent.play([text, TurnInterrupted("gone", retry_after_s=0.01)])
    (error,) = told(await browser.ask("?"), "error")
    assert error["message"].startswith("The answer broke off")
    assert len(agent.requests) == 1


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (ProviderUnavailable("no hint"), "No language model can be reached"),
        (QuotaDayExhausted("used up"), "Today's requests to the language model are used up."),
        (ProviderRefused("key is wrong sk-or-v1-secret"), "The assistant is not set up correctly"),
        (ContentRefused("moderation"), "The question was refused"),
        (SiteNotFound("no site"), "No documentation has been indexed here yet."),
    ],
)
async def test_where_waiting_is_pointless_nobody_waits(browser: Any, agent: Any, failure: Any, message: str) -> None:
    agent.play([failure])
    (error,) = told(await browser.ask("?"), "error")
    assert error["message"].startswith(message)
    assert "secret" not in error["message"]
    assert len(agent.requests) == 1


async def test_an_agent_that_is_away_is_said_in_plain_words(start_gateway: Any) -> None:
    browser = await start_gateway(agent_target="127.0.0.1:1", turn_attempts=1)
    stream = await browser.ask("?")
    (error,) = told(stream, "error")
    assert error["message"] == "The answering service cannot be reached at the moment. Please try again soon."
    (passages,) = told(stream, "client_effect")  # what the docs say can be shown all the same
    assert passages["data"]["passages"][0]["title"] == "Retry"


async def test_with_everything_away_the_reader_is_told_once(start_gateway: Any) -> None:
    browser = await start_gateway(agent_target="127.0.0.1:1", retriever_target="127.0.0.1:1", turn_attempts=1)
    stream = await browser.ask("?")
    assert len(told(stream, "error")) == 1
    assert told(stream, "client_effect") == []


async def test_a_turn_that_ends_without_an_end_is_a_failure(browser: Any, agent: Any) -> None:
    agent.play([pb.RunTurnResponse(text_delta=events.TextDelta(text="Half"))])
    stream = await browser.ask("?")
    assert told(stream, "error")
    assert told(stream, "thread.item.done")[-1]["item"]["content"][0]["text"].endswith("*The answer broke off here.*")
