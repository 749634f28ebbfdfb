"""Raw answers in the spellings of real models, through the real gateway: what readers get at each door."""

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.agent.models.guarded_stream import Patience
from tests.fakes.agent_world import AgentWorld, agent_world
from tests.fakes.gateway_world import gateway_before

WORST_CASE_REQUESTS = 6
"""Three models at the first attempt, one more at each of the three that follow."""
QUESTION = "How do I install the package?"
CLEAN = "Run `npm install docs-chat`."
MARKED = "Run `npm install docs-chat` [1]."
THOUGHT = "They want to install it, the first passage says how."
CASES = {
    "harmony": f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>{MARKED}"
    "<|return|>",
    "channels of Gemma": f"<|channel>thought\n{THOUGHT}\n<channel|>{MARKED}",
    "think": f"<think>\n{THOUGHT}\n</think>\n\n{MARKED}",
    "think opened in the prompt": f"{THOUGHT}\n</think>\n\n{MARKED}",
    "THINK": f"[THINK]{THOUGHT}[/THINK]{MARKED}",
    "Kimi's think": f"◁think▷{THOUGHT}◁/think▷{MARKED}",
    "a leading role": f"<|start_header_id|>assistant<|end_header_id|>\n\n{MARKED}<|eot_id|>",
    "a call after the answer": f'{MARKED}\n\n<tool_call>\n{{"name": "look_up", "arguments": {{}}}}\n</tool_call>',
    "DSML after the answer": f'{MARKED}\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name="x">\n</｜DSML｜invoke>',
    "full-width mark": "Run `npm install docs-chat`［1］.",
    "lenticular mark": "Run `npm install docs-chat`【1】.",
    "cite": "Run `npm install docs-chat` <cite>1</cite>.",
    "superscript": "Run `npm install docs-chat`¹.",
    "named mark": "Run `npm install docs-chat` [Source 1].",
    "footnote": "Run `npm install docs-chat` [^1].\n\n[^1]: Installation, section Quick start",
    "a message without its channel": f"<|message|>{MARKED}<|end|>",
    "harmony without its tokens": f"analysis{THOUGHT}assistantfinal{MARKED}",
    "a header in one line": f"<|im_start|>assistant {MARKED}<|im_end|>",
    "thoughts in a fence": f"```\n<think>\n{THOUGHT}\n</think>\n```\n{MARKED}",
    "thoughts under a heading": f"Thought: {THOUGHT}\nFinal Answer: {MARKED}",
    "Solar's tokens": f"<|begin|>assistant<|think|>{THOUGHT}<|end|><|begin|>assistant<|content|>{MARKED}<|flush|>",
    "EXAONE's tokens": f"[|assistant|]<thought>{THOUGHT}</thought>{MARKED}[|endofturn|]",
    "MiniMax's tokens": f"]~b]ai\n<think>{THOUGHT}</think>\n{MARKED}[e~[",
    "a byte order mark and a role": f"\ufeffassistant\n\n{MARKED}",
    "an object": f'{{"answer": "{MARKED}"}}',
    "a fence around the answer": f"```markdown\n{MARKED}\n```",
    "the reader made up": f"{MARKED}\n\nUser: How do I start it?\nAssistant: Run it.",
    "a call in a fence": f'{MARKED}\n\n```tool_code\nprint(search_docs(query="x"))\n```',
    "a token cut off": f"{MARKED}<|im_e",
    "mark escaped for HTML": "Run `npm install docs-chat` &#91;1&#93;.",
    "mark escaped for LaTeX": "Run `npm install docs-chat` \\cite{1}.",
    "tag around the cited words": 'Run <source id="doc_1">`npm install docs-chat`</source>.',
    "source list": f"{MARKED}\n\n**Sources:**\n\n[1] Installation",
}
INTRODUCED_CALL = (
    "Let me search the documentation for that.\n\n"
    '<tool_call>\n{"name": "search_docs", "arguments": {"query": "install the package"}}\n</tool_call>'
)
DOORS = ("panel", "OpenAI stream", "OpenAI whole", "gRPC")


@contextlib.asynccontextmanager
async def every_door(folder: Path) -> AsyncIterator[tuple[AgentWorld, httpx.AsyncClient]]:
    """An agent without a cache, and a client of the gateway before it."""
    async with agent_world(folder, answer_cache_entries=0) as world:
        agent_target = f"127.0.0.1:{world.agent.port}"
        quick = {"backoff_base_s": 0.01, "backoff_cap_s": 0.02}
        async with (
            gateway_before(agent_target, world.retriever_target, folder / "gateway", **quick) as (url, _),
            httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client,
        ):
            yield world, client


async def heard_at(door: str, world: AgentWorld, client: httpx.AsyncClient, question: str = QUESTION) -> str:
    """The text of the answer as a reader gets it, without the list of sources that OpenAI's doors add."""
    match door:
        case "panel":
            return await _panel(client, question)
        case "OpenAI stream":
            return _without_sources(await _openai_stream(client, question))
        case "OpenAI whole":
            return _without_sources(await _openai_whole(client, question))
        case _:
            return (await world.ask(question)).completed.text.strip()


@pytest.mark.parametrize("written", CASES.values(), ids=CASES)
async def test_every_door_shows_the_answer_and_nothing_else(tmp_path: Path, written: str) -> None:
    async with every_door(tmp_path) as (world, client):
        world.emulator.direct({"text": written})
        heard = {door: await heard_at(door, world, client) for door in DOORS}
        assert heard == {"panel": CLEAN, "OpenAI stream": MARKED, "OpenAI whole": MARKED, "gRPC": CLEAN}
        assert world.emulator.chat.counters.requests == len(DOORS)


async def test_a_call_below_a_sentence_is_carried_out_at_every_door_and_shown_at_none(tmp_path: Path) -> None:
    async with every_door(tmp_path) as (world, client):
        world.emulator.direct({"texts": [INTRODUCED_CALL, MARKED] * len(DOORS)})
        heard = {door: await heard_at(door, world, client) for door in DOORS}
        assert heard == {"panel": CLEAN, "OpenAI stream": MARKED, "OpenAI whole": MARKED, "gRPC": CLEAN}
        assert world.emulator.chat.counters.requests == 2 * len(DOORS)


@pytest.mark.parametrize("door", DOORS)
async def test_models_that_only_write_calls_are_replaced_by_quotations_at_a_bounded_cost(
    tmp_path: Path, door: str
) -> None:
    async with every_door(tmp_path) as (world, client):
        world.emulator.direct({"text": INTRODUCED_CALL})
        heard = await heard_at(door, world, client)
        assert "npm install docs-chat" in heard
        assert "Let me search" not in heard
        assert "tool_call" not in heard
        assert world.emulator.chat.counters.requests <= WORST_CASE_REQUESTS


@pytest.mark.parametrize("scenario", ["error-after-text", "eof-after-text", "cut-after-text", "hang-after-text"])
async def test_who_waits_for_the_whole_answer_never_hears_that_a_model_broke_off(tmp_path: Path, scenario: str) -> None:
    async with every_door(tmp_path) as (world, client):
        world.agent.ladder.patience = Patience(first_text_s=1, text_gap_s=1)
        world.emulator.direct({"text": MARKED, "queue": [scenario]})
        assert await heard_at("OpenAI whole", world, client) == MARKED
        assert world.emulator.chat.counters.requests == 2
        world.emulator.direct({"by_model": {name: scenario for name, _ in world.emulator.models}})
        assert "npm install docs-chat" in await heard_at("OpenAI whole", world, client, f"{QUESTION} Again?")


async def test_an_answered_question_costs_about_one_request(tmp_path: Path) -> None:
    questions = [f"How do I install package number {number}?" for number in range(10)]
    async with every_door(tmp_path) as (world, client):
        world.emulator.direct({"text": CASES["harmony"], "queue": ["ok", "ok", "429-upstream"]})
        for number, question in enumerate(questions):
            assert CLEAN[:-1] in await heard_at(DOORS[number % len(DOORS)], world, client, question)
        assert world.emulator.chat.counters.requests / len(questions) <= 1.1


async def _panel(client: httpx.AsyncClient, question: str) -> str:
    content = [{"type": "input_text", "text": question}]
    inputs = {"content": content, "attachments": [], "quoted_text": "", "inference_options": {}}
    answer = await client.post("/chatkit", json={"type": "threads.create", "params": {"input": inputs}})
    answer.raise_for_status()
    items = [each["item"] for each in _events(answer.text) if each.get("type") == "thread.item.done"]
    said = [item for item in items if item["type"] == "assistant_message"]
    return "".join(part["text"] for item in said for part in item["content"]).strip()


async def _openai_stream(client: httpx.AsyncClient, question: str) -> str:
    answer = await client.post("/v1/chat/completions", json=_completion(question, stream=True))
    answer.raise_for_status()
    choices = [choice for chunk in _events(answer.text) for choice in chunk.get("choices", [])]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


async def _openai_whole(client: httpx.AsyncClient, question: str) -> str:
    answer = await client.post("/v1/chat/completions", json=_completion(question, stream=False))
    answer.raise_for_status()
    return str(answer.json()["choices"][0]["message"]["content"])


def _completion(question: str, *, stream: bool) -> dict[str, Any]:
    return {"model": "docs-chat", "messages": [{"role": "user", "content": question}], "stream": stream}


def _events(stream: str) -> list[dict[str, Any]]:
    data = [line.removeprefix("data:").strip() for line in stream.splitlines() if line.startswith("data:")]
    return [json.loads(each) for each in data if each != "[DONE]"]


def _without_sources(content: str) -> str:
    return content.partition("\n\n**Sources**")[0].strip()
