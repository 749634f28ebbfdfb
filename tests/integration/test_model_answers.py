"""Raw answers in the spellings of real models, played by the emulator through the agent: readers get the answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import turn_events_pb2 as events

from services.agent.agent_run.instructions import instructions
from services.agent.models.guarded_stream import Patience
from services.runtime.errors import TurnInterrupted
from tests.fakes.agent_world import KEY, AgentWorld, a_turn, agent_world, running_agent

QUESTION = "How do I install the package?"
CLEAN = "Run `npm install docs-chat`."
ANSWERS = {
    "thoughts of harmony": "<|channel|>analysis<|message|>They install.<|end|><|start|>assistant<|channel|>final"
    "<|message|>Run `npm install docs-chat` [1].<|return|>",
    "a channel of gemma": "<|channel>thought\nThey install it.\n<channel|>Run `npm install docs-chat` [1].",
    "thoughts opened in the prompt": "They want to install it.\n</think>\n\nRun `npm install docs-chat` [1].",
    "a leading role": "<|assistant|>Run `npm install docs-chat` [1].",
    "full-width mark": "Run `npm install docs-chat`［1］.",
    "citation mark": "Run `npm install docs-chat` [citation:1].",
    "footnote": "Run `npm install docs-chat` [^1].\n\n[^1]: Installation, section Quick",
}
CALL = '<tool_call>\n{"name": "search_docs", "arguments": {"query": "install the package"}}\n</tool_call>'
UNREADABLE = '<｜DSML｜function_calls>\n<｜DSML｜invoke name="look_up">\n</｜DSML｜invoke>'


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[AgentWorld]:
    async with agent_world(tmp_path, answer_cache_entries=0) as world:
        yield world


@pytest.mark.parametrize("written", ANSWERS.values(), ids=ANSWERS)
async def test_readers_get_the_answer_and_its_citation(world: AgentWorld, written: str) -> None:
    world.emulator.direct({"text": written})
    heard = await world.ask(QUESTION)
    assert heard.completed.text.strip() == heard.text.strip() == CLEAN
    assert [(each.number, each.index) for each in heard.citations] == [(1, heard.text.index("."))]
    assert heard.completed.usage.requests == 1


async def test_a_call_written_below_a_sentence_is_carried_out_and_neither_is_shown(world: AgentWorld) -> None:
    world.emulator.direct({"text": f"Let me search the documentation for that.\n\n{CALL}"})
    heard = await world.ask(QUESTION)
    assert events.TURN_STAGE_SEARCHING_AGAIN in heard.stages
    assert "Let me search" not in heard.text
    assert "tool_call" not in heard.text
    assert heard.completed.usage.requests <= 3


@pytest.mark.parametrize("introduction", ["", "Let me look that up.\n\n"])
async def test_a_call_that_cannot_be_carried_out_is_replaced_by_quotations(
    world: AgentWorld, introduction: str
) -> None:
    world.emulator.direct({"text": introduction + UNREADABLE})
    heard = await world.ask(QUESTION)
    assert heard.completed.source == events.ANSWER_SOURCE_EXTRACTIVE
    assert "npm install docs-chat" in heard.text
    assert "DSML" not in heard.text


async def test_a_call_after_a_cited_answer_takes_nothing_from_it(world: AgentWorld) -> None:
    world.emulator.direct({"text": f"Run `npm install docs-chat` [1].\n\n{UNREADABLE}"})
    heard = await world.ask(QUESTION)
    assert heard.completed.text.strip() == CLEAN
    assert heard.completed.source == events.ANSWER_SOURCE_MODEL


async def test_a_call_of_our_own_tool_after_a_cited_answer_adds_no_second_answer(world: AgentWorld) -> None:
    world.emulator.direct({"text": f"Run `npm install docs-chat` [1].\n\n{CALL}"})
    heard = await world.ask(QUESTION)
    assert heard.completed.text.strip() == CLEAN
    assert heard.completed.usage.requests == 1


async def test_a_model_that_writes_its_rules_down_is_replaced_by_the_next(world: AgentWorld) -> None:
    rules = instructions("English", with_tools=False)
    world.emulator.direct({"texts": [f"<p>{rules}", ANSWERS["a leading role"]]})
    heard = await world.ask(QUESTION)
    assert heard.completed.text.strip() == CLEAN
    assert heard.completed.usage.requests == 2


async def test_a_call_after_long_text_without_a_source_ends_the_turn_in_words(world: AgentWorld) -> None:
    world.emulator.direct({"text": "word " * 60 + "end.\n" + UNREADABLE})
    heard = await world.ask(QUESTION)
    assert isinstance(heard.error, TurnInterrupted)
    assert heard.notices[-1] == events.NOTICE_CODE_INTERRUPTED


async def test_a_model_that_thinks_in_its_prompt_shows_no_thought_the_second_time(world: AgentWorld) -> None:
    thought = "Add the package with npm, as the first of the passages tells; that is the whole of it.\n</think>\n"
    world.emulator.direct({"text": thought + "Run `npm install docs-chat` [1]."})
    await world.ask(QUESTION)
    again = await world.ask(f"{QUESTION} Again?")
    assert again.text.strip() == CLEAN


@pytest.mark.parametrize("scenario", ["error-after-text", "eof-after-text", "cut-after-text", "hang-after-text"])
async def test_whoever_waits_for_the_whole_answer_gets_one_although_a_model_broke_off(
    world: AgentWorld, scenario: str
) -> None:
    world.agent.ladder.patience = Patience(first_text_s=1, text_gap_s=1)
    world.emulator.direct({"queue": [scenario]})
    heard = await world.ask(QUESTION, options={"whole_answer": True})
    assert heard.completed.source == events.ANSWER_SOURCE_MODEL
    assert heard.completed.text == heard.text
    assert not heard.completed.degraded
    world.emulator.direct({"by_model": dict.fromkeys((name for name, _ in world.emulator.models), scenario)})
    quoted = await world.ask(f"{QUESTION} Again?", options={"whole_answer": True})
    assert quoted.completed.source == events.ANSWER_SOURCE_EXTRACTIVE


async def test_a_model_that_refuses_what_another_takes_rests_after_three_questions(
    world: AgentWorld, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = world.emulator.models[0][0], world.emulator.models[1][0]
    world.emulator.direct({"by_model": {first: "400-refused"}})
    for number in range(6):
        heard = await world.ask(f"{QUESTION} {number}")
        assert heard.completed.model == second
    assert world.emulator.chat.counters.by_model == {first: 3, second: 6}
    status = await world.stub.GetModelStatus(pb.GetModelStatusRequest())
    resting = next(each for each in status.models if each.model == first)
    assert resting.breaker == pb.BREAKER_STATE_OPEN
    assert "INVALID_ARGUMENT" in resting.reason
    assert any(getattr(record, "detail", "") == "INVALID_ARGUMENT" for record in caplog.records)


async def test_a_model_that_rests_and_what_was_learnt_of_another_survive_a_restart(tmp_path: Path) -> None:
    async with agent_world(tmp_path, answer_cache_entries=0) as world:
        first, second = world.emulator.models[0][0], world.emulator.models[1][0]
        world.emulator.direct({"by_model": {first: "400-refused"}, "queue": ["400-instructions"]})
        for number in range(4):
            await world.ask(f"{QUESTION} {number}")
        world.emulator.chat.counters.by_model.clear()
        settings = {"openrouter_api_key": KEY, "openrouter_base_url": world.base_url, "answer_cache_entries": 0}
        async with running_agent(world.retriever_target, tmp_path, models=(first, second), **settings) as (_, stub):
            heard = [event async for event in stub.RunTurn(a_turn(QUESTION), timeout=20)]
            status = await stub.GetModelStatus(pb.GetModelStatusRequest())
        assert heard[-1].turn_completed.model == second
        assert world.emulator.chat.counters.by_model == {second: 1}
        assert [message["role"] for message in world.emulator.chat.bodies[-1]["messages"]] == ["user"]
        resting, answering = status.models
        assert (resting.breaker, resting.refusals_in_a_row) == (pb.BREAKER_STATE_OPEN, 3)
        assert resting.last_refusal == "INVALID_ARGUMENT"
        assert answering.HasField("last_answer_at")


async def test_a_model_without_a_system_role_gets_the_rules_with_the_question(
    world: AgentWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world.emulator.direct({"queue": ["400-instructions"]})
    first = world.emulator.models[0][0]
    await world.ask(QUESTION)
    again = await world.ask(f"{QUESTION} Again?")
    assert again.completed.model == first
    assert [message["role"] for message in world.emulator.chat.bodies[-1]["messages"]] == ["user"]
    details = "".join(getattr(record, "detail", "") for record in caplog.records)
    assert "Developer instruction" in details
    assert "sk-or" not in details
