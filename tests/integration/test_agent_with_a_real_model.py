"""The same path against a real OpenAI-compatible server; it need not be clever, the path must be real.

For example `python -m llama_cpp.server --model small-instruct.gguf --port 8080`, then
`DOCS_CHAT_REAL_MODEL_URL=http://127.0.0.1:8080/v1 DOCS_CHAT_REAL_MODEL=small-instruct`.
"""

import os
from pathlib import Path

import pytest
from docs_chat.agent.v1 import turn_events_pb2 as events

from tests.fakes.agent_world import agent_world

URL = os.environ.get("DOCS_CHAT_REAL_MODEL_URL", "")


@pytest.mark.skipif(not URL, reason="DOCS_CHAT_REAL_MODEL_URL does not name an OpenAI-compatible server")
async def test_a_real_model_answers_through_the_same_path(tmp_path: Path) -> None:
    patience = {"first_text_timeout_s": 120.0, "text_gap_timeout_s": 60.0, "answer_timeout_s": 240.0}
    names = (os.environ.get("DOCS_CHAT_REAL_MODEL", "default"),)
    async with agent_world(tmp_path, openrouter_base_url=URL, models=names, tool_rounds=0, **patience) as world:
        heard = await world.ask("How do I install the package?", timeout_s=240)
    assert heard.completed.source == events.ANSWER_SOURCE_MODEL
    assert heard.completed.text.strip()
