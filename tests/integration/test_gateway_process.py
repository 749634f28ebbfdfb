"""The gateway as people run it: a process that is started, asked, stopped and killed."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.gateway_process import ROOT, gateway_process
from tests.fakes.grpc_services import PausingAgent, served_agent


@pytest.fixture
async def agent() -> AsyncIterator[tuple[PausingAgent, str]]:
    servicer = PausingAgent()
    async with served_agent(servicer) as target:
        yield servicer, target


def question(thread_id: str = "") -> dict[str, Any]:
    message = {"content": [{"type": "input_text", "text": "?"}], "attachments": [], "inference_options": {}}
    kind = "threads.add_user_message" if thread_id else "threads.create"
    return {"type": kind, "params": {"input": message} | ({"thread_id": thread_id} if thread_id else {})}


def event_of(line: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {"type": ""}
    return event


async def test_a_stream_in_flight_ends_well_when_the_process_is_asked_to_stop(
    agent: tuple[PausingAgent, str], tmp_path: Path
) -> None:
    servicer, target = agent
    seen: list[str] = []
    async with (
        gateway_process(tmp_path, agent_target=target) as gateway,
        httpx.AsyncClient(timeout=60) as client,
        client.stream("POST", f"{gateway.url}/chatkit", json=question()) as response,
    ):
        async for line in response.aiter_lines():
            seen.append(event_of(line)["type"])
            if "text_delta" in line and not servicer.go_on.is_set():
                gateway.process.terminate()
                servicer.go_on.set()
        assert "client_effect" in seen  # docs_chat.answer, the last thing of a whole answer
        assert seen.count("thread.item.done") == 2
        assert await gateway.process.wait() == 0


async def test_kill_9_in_mid_answer_loses_nothing_that_was_acknowledged(
    agent: tuple[PausingAgent, str], tmp_path: Path
) -> None:
    """Takes some 6 s: the gateway starts twice, as a real process."""
    servicer, target = agent
    thread_id, question_id = "", ""
    async with httpx.AsyncClient(timeout=60) as client:
        async with gateway_process(tmp_path, agent_target=target) as gateway:
            with pytest.raises(httpx.TransportError):
                async with client.stream("POST", f"{gateway.url}/chatkit", json=question()) as response:
                    async for line in response.aiter_lines():
                        event = event_of(line)
                        thread_id = event["thread"]["id"] if event["type"] == "thread.created" else thread_id
                        question_id = event["item"]["id"] if event["type"] == "thread.item.done" else question_id
                        if "text_delta" in line:
                            gateway.process.kill()
        servicer.go_on.set()
        async with gateway_process(tmp_path, agent_target=target) as again:
            body = {"type": "items.list", "params": {"thread_id": thread_id, "order": "asc"}}
            items = (await client.post(f"{again.url}/chatkit", json=body)).json()["data"]
            assert [item["id"] for item in items] == [question_id]
            answered = await client.post(f"{again.url}/chatkit", json=question(thread_id))
            assert "Half and half" in answered.text


async def test_a_wrong_setting_is_named_and_ends_the_start(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'protos/gen'}", "GATEWAY_TURNS_PER_READER": "many"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", cwd=tmp_path, env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, told = await process.communicate()
    assert process.returncode == 1
    assert "GATEWAY_TURNS_PER_READER: Value error, 'many' is not a limit" in told.decode()
    assert "Traceback" not in told.decode()
