"""Any server with OpenAI's API instead of OpenRouter, over real ports: what it is sent, and what readers get."""

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import turn_events_pb2 as events
from pydantic import ValidationError

from services.agent.server import RunningAgent
from services.agent.settings import AgentSettings
from tests.fakes.agent_world import FakeRetriever, Heard, a_turn, retrieving, running_agent
from tools.openrouter_emulator.plain import OPENAI_FIELDS, PlainServer
from tools.openrouter_emulator.server import emulating

QUESTION = "How do I install the package?"
REFUSALS = {
    # In the words of Ollama, OpenAI and servers that are built with FastAPI.
    "tools": "registry.ollama.ai/library/gemma3:4b does not support tools",
    "max_tokens": "Unsupported parameter: 'max_tokens' is not supported with this model. "
    "Use 'max_completion_tokens' instead.",
    "temperature": "Unsupported value: 'temperature' does not support 0.2 with this model. "
    "Only the default (1) value is supported.",
    "parallel_tool_calls": "Unrecognized request argument supplied: parallel_tool_calls",
    "stream_options": '[{"type": "extra_forbidden", "loc": ["body", "stream_options"]}]',
}
ANSWER = "Run `npm install docs-chat` [1]."


@contextlib.asynccontextmanager
async def asking(server: PlainServer, data_dir: Path, **settings: Any) -> AsyncIterator[tuple[RunningAgent, Any]]:
    """An agent whose provider is this server."""
    server.text = server.text or ANSWER
    async with retrieving(FakeRetriever()) as target, emulating(server) as base_url:
        given = {"base_url": base_url, "answer_cache_entries": 0, "first_text_timeout_s": 5.0, "drain_timeout_s": 0.1}
        async with running_agent(target, data_dir, **{**given, **settings}) as agent:
            yield agent


async def ask(stub: Any, *messages: str) -> Heard:
    turn = a_turn(*(messages or (QUESTION,)))
    return Heard([event async for event in stub.RunTurn(turn, timeout=20)])


@pytest.mark.parametrize("says_done", [True, False], ids=["ends with DONE", "just ends"])
@pytest.mark.parametrize("spaced", [True, False], ids=["data with a blank", "data without"])
async def test_a_server_without_key_prices_or_settings_answers_with_its_first_model(
    tmp_path: Path, says_done: bool, spaced: bool
) -> None:
    server = PlainServer(
        models=[{"id": "nomic-embed-text", "object": "model"}, {"id": "llama3.1:latest", "object": "model"}],
        says_done=says_done,
        spaced=spaced,
        thinks="They want to install it.",
    )
    async with asking(server, tmp_path) as (_, stub):
        heard = await ask(stub)
    assert heard.completed.source == events.ANSWER_SOURCE_MODEL
    assert heard.completed.text == heard.text == "Run `npm install docs-chat`."
    assert [each.number for each in heard.citations] == [1]
    assert heard.completed.model == "llama3.1:latest"
    assert heard.completed.usage.requests == len(server.bodies) == 1
    assert heard.completed.usage.input_tokens == (7 if says_done else 0)


async def test_a_request_says_nothing_that_only_openrouter_knows(tmp_path: Path) -> None:
    server = PlainServer()
    async with asking(server, tmp_path, site_url="https://docs.example.com", data_collection="deny") as (_, stub):
        await ask(stub)
    assert server.bodies[0].keys() <= OPENAI_FIELDS - {"user"}
    shown = {name.lower() for headers in server.headers for name in headers}
    assert not shown & {"authorization", "x-openrouter-title", "http-referer"}
    assert set(server.paths) == {"/models", "/chat/completions"}


async def test_its_own_key_is_shown_and_not_the_one_of_openrouter(tmp_path: Path) -> None:
    server = PlainServer(key="local-secret")
    settings = {"api_key": "local-secret", "openrouter_api_key": "sk-or-v1-0123456789abcdef"}
    async with asking(server, tmp_path, **settings) as (_, stub):
        assert (await ask(stub)).completed.source == events.ANSWER_SOURCE_MODEL
    assert not any("sk-or" in value for headers in server.headers for value in headers.values())


@pytest.mark.parametrize(("field", "message"), REFUSALS.items(), ids=REFUSALS)
async def test_what_a_model_does_not_take_is_learnt_at_the_first_question_and_kept(
    tmp_path: Path, field: str, message: str
) -> None:
    server = PlainServer(refused={field: message})
    async with asking(server, tmp_path) as (_, stub):
        assert (await ask(stub)).completed.usage.requests == 2
        assert (await ask(stub)).completed.usage.requests == 1
    assert field not in server.bodies[-1]
    if field == "max_tokens":
        assert server.bodies[-1]["max_completion_tokens"] == server.bodies[0]["max_tokens"]
    assert (await _asked_again(server, tmp_path)) == 1


async def _asked_again(server: PlainServer, data_dir: Path) -> int:
    """Requests of the first question after a restart of the agent."""
    async with retrieving(FakeRetriever()) as target, emulating(server) as base_url:
        settings = {"base_url": base_url, "answer_cache_entries": 0}
        async with running_agent(target, data_dir, **settings) as (_, stub):
            await ask(stub)
        before = len(server.bodies)
        async with running_agent(target, data_dir, **settings) as (_, stub):
            await ask(stub)
    return len(server.bodies) - before


async def test_an_earlier_conversation_that_does_not_fit_is_left_out(tmp_path: Path) -> None:
    server = PlainServer(models=[{"id": "small", "max_model_len": 4096}])
    earlier = [f"What about step {number}? {'word ' * 300}" for number in range(8)]
    async with asking(server, tmp_path, history_tokens=5000) as (agent, stub):
        await agent.ladder.catalog.refresh()
        heard = await ask(stub, *earlier, QUESTION)
        assert heard.completed.source == events.ANSWER_SOURCE_MODEL
        assert [message["role"] for message in server.bodies[-1]["messages"]] == ["system", "user"]
        status = await stub.GetModelStatus(pb.GetModelStatusRequest())
        assert [state.context_length for state in status.models] == [4096]


async def test_a_question_that_fits_no_model_is_not_sent(tmp_path: Path) -> None:
    server = PlainServer(models=[{"id": "tiny", "context_window": 512}])
    async with asking(server, tmp_path) as (agent, stub):
        await agent.ladder.catalog.refresh()
        heard = await ask(stub)
    assert heard.completed.source == events.ANSWER_SOURCE_EXTRACTIVE
    assert server.bodies == []


async def test_a_limit_that_a_model_tells_when_it_refuses_is_kept_to(tmp_path: Path) -> None:
    server = PlainServer(context_tokens=2600)
    earlier = [f"What about step {number}? {'word ' * 300}" for number in range(8)]
    async with asking(server, tmp_path, history_tokens=5000, max_output_tokens=256) as (_, stub):
        for requests in (2, 1):
            heard = await ask(stub, *earlier, QUESTION)
            assert heard.completed.source == events.ANSWER_SOURCE_MODEL
            assert heard.completed.usage.requests == requests
    assert len(server.bodies) == 3


@pytest.mark.parametrize("server", [PlainServer(has_list=False), PlainServer(models=[{"id": "local-model"}])])
async def test_a_configured_model_is_asked_whether_it_is_listed_or_not(tmp_path: Path, server: PlainServer) -> None:
    async with asking(server, tmp_path, models=("local-model",)) as (_, stub):
        assert (await ask(stub)).completed.model == "local-model"


async def test_a_name_that_the_server_does_not_know_is_not_asked_for_at_every_question(tmp_path: Path) -> None:
    server = PlainServer()
    async with asking(server, tmp_path, models=("gone", "local-model")) as (_, stub):
        assert [(await ask(stub)).completed.usage.requests for _ in range(3)] == [2, 1, 1]
        status = await stub.GetModelStatus(pb.GetModelStatusRequest())
    assert [state.on_offer for state in status.models] == [False, True]


async def test_a_bare_list_is_read_too(tmp_path: Path) -> None:
    entries: list[dict[str, Any]] = [
        {"id": "flux", "type": "image"},
        {"id": "chatty", "type": "chat", "context_length": 32_768},
    ]
    async with asking(PlainServer(models=entries, bare_list=True), tmp_path) as (_, stub):
        assert (await ask(stub)).completed.model == "chatty"


async def test_no_limit_of_requests_is_kept_unless_one_is_set(tmp_path: Path) -> None:
    async with asking(PlainServer(), tmp_path) as (_, stub):
        quota = (await stub.GetModelStatus(pb.GetModelStatusRequest())).quota
        assert (quota.minute_limit, quota.day_limit) == (0, 0)
        for number in range(25):  # more than OpenRouter allows a minute
            heard = await ask(stub, f"How do I install package {number}?")
            assert heard.completed.source == events.ANSWER_SOURCE_MODEL
    async with asking(PlainServer(), tmp_path / "limited", requests_per_minute=1, queue_wait_s=0) as (_, stub):
        quota = (await stub.GetModelStatus(pb.GetModelStatusRequest())).quota
        assert (quota.minute_limit, quota.day_limit) == (1, 0)
        sources = [(await ask(stub, f"How do I install package {number}?")).completed.source for number in range(2)]
    assert sources == [events.ANSWER_SOURCE_MODEL, events.ANSWER_SOURCE_EXTRACTIVE]


def test_an_address_that_is_none_is_refused_with_an_example() -> None:
    with pytest.raises(ValidationError, match="not an address"):
        AgentSettings(_env_file=None, base_url="localhost:11434/v1")


def test_both_settings_have_names_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_BASE_URL", "http://127.0.0.1:11434/v1/")
    monkeypatch.setenv("AGENT_API_KEY", "hush")
    settings = AgentSettings(_env_file=None)
    assert (settings.base_url, settings.configured_models) == ("http://127.0.0.1:11434/v1", ())
    assert "hush" not in json.dumps(settings.model_dump(mode="json"))
