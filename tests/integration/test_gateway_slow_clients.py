"""Clients that say nothing, stop in the middle or never read: each goes, and nobody else notices."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc
from docs_chat.agent.v1 import turn_events_pb2 as events

from tests.fakes.gateway_process import GatewayProcess, gateway_process
from tests.fakes.grpc_services import served_agent
from tests.fakes.sockets import connect, read_answer

NOBODY = {"agent_target": "127.0.0.1:1", "retriever_target": "127.0.0.1:1"}
QUESTION = json.dumps(
    {
        "type": "threads.create",
        "params": {
            "input": {
                "content": [{"type": "input_text", "text": "?"}],
                "attachments": [],
                "inference_options": {},
            }
        },
    }
).encode()
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture(params=["nothing", "half of the headers", "half of a body"])
def beginning(request: pytest.FixtureRequest) -> bytes:
    """What a silent client has said before it fell silent."""
    head = b"POST /chatkit HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
    said = {"nothing": b"", "half of the headers": head, "half of a body": head + b'\r\n{"type":'}
    return said[request.param]


async def is_well(url: str) -> bool:
    async with httpx.AsyncClient(timeout=10) as client:
        return (await client.get(f"{url}/healthz")).status_code == 200


async def logged(gateway: GatewayProcess, **facts: Any) -> dict[str, Any]:
    """The first line of the log with these facts, once it is there."""
    async with asyncio.timeout(20):
        while True:
            for line in map(json.loads, gateway.log):
                if line.items() >= facts.items():
                    return dict(line)
            await asyncio.sleep(0.01)


async def test_three_hundred_silent_sockets_are_closed_and_others_answered(tmp_path: Path, beginning: bytes) -> None:
    """Takes some 7 s: three hundred sockets wait out the gateway's patience."""
    async with gateway_process(tmp_path, **NOBODY, header_timeout_s=2, body_timeout_s=2) as gateway:
        silent = [await connect(gateway.url) for _ in range(300)]
        for _, writer in silent:
            writer.write(beginning)
        assert await is_well(gateway.url)
        async with asyncio.timeout(30):
            ends = await asyncio.gather(*(reader.read() for reader, _ in silent))
        assert {end.partition(b"\r\n")[0] for end in ends} == (
            {b"HTTP/1.1 408 Request Timeout"} if beginning else {b""}
        )
        assert await is_well(gateway.url)
        assert not any("Traceback" in line for line in gateway.log)
        for _, writer in silent:
            writer.close()


async def test_of_too_many_waiting_connections_the_oldest_goes(tmp_path: Path) -> None:
    async with gateway_process(tmp_path, **NOBODY, max_waiting_connections=20) as gateway:
        silent = [await connect(gateway.url) for _ in range(50)]
        async with asyncio.timeout(30):
            await asyncio.gather(*(reader.read() for reader, _ in silent[:30]), return_exceptions=True)
        assert await is_well(gateway.url)
        reader, writer = silent[-1]
        writer.write(HEALTH)
        assert (await read_answer(reader)).status == 200
        for _, writer in silent:
            writer.close()


async def test_bytes_that_drip_do_not_keep_a_connection(tmp_path: Path) -> None:
    async with gateway_process(tmp_path, **NOBODY, header_timeout_s=1) as gateway:
        reader, writer = await connect(gateway.url)
        answering = asyncio.create_task(read_answer(reader))
        writer.write(b"GET /healthz HTTP/1.1\r\n")
        async with asyncio.timeout(30):
            while not answering.done():
                writer.write(b"x-drip: a\r\n")
                await asyncio.wait({answering}, timeout=0.05)
        assert (await answering).status == 408
        writer.close()


async def test_an_idle_connection_is_closed_after_its_answer(tmp_path: Path) -> None:
    async with gateway_process(tmp_path, **NOBODY, idle_timeout_s=0.5) as gateway:
        reader, writer = await connect(gateway.url)
        for _ in range(2):  # it is kept for the next request, and then for none
            writer.write(HEALTH)
            assert (await read_answer(reader)).status == 200
        async with asyncio.timeout(20):
            assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize("path", ["/chatkit", "/v1/chat/completions", "/mcp"])
async def test_a_client_that_leaves_in_its_own_sentence_is_no_failure_of_ours(tmp_path: Path, path: str) -> None:
    async with gateway_process(tmp_path, **NOBODY) as gateway:
        _, writer = await connect(gateway.url)
        head = f"POST {path} HTTP/1.1\r\nHost: {gateway.url[7:]}\r\nAccept: application/json, text/event-stream\r\n"
        writer.write(head.encode() + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
        await writer.drain()
        writer.transport.abort()
        line = await logged(gateway, message="request served", status=499)
        assert line["levelname" if "levelname" in line else "level"] == "INFO"
        assert await is_well(gateway.url)
        assert not any("Traceback" in line or '"ERROR"' in line for line in gateway.log)


class TalkativeAgent(rpc.AgentServiceServicer):
    """Says a megabyte at a time until nobody takes it any more."""

    def __init__(self) -> None:
        self.said = 0
        self.stopped = asyncio.Event()

    async def RunTurn(self, request: pb.RunTurnRequest, context: Any) -> AsyncIterator[pb.RunTurnResponse]:
        try:
            for _ in range(64):
                yield pb.RunTurnResponse(text_delta=events.TextDelta(text="x" * 1_000_000))
                self.said += 1
        finally:
            self.stopped.set()


async def test_a_client_that_does_not_read_its_answer_is_cut_off(tmp_path: Path) -> None:
    servicer = TalkativeAgent()
    async with served_agent(servicer) as target:
        settings = {"agent_target": target, "retriever_target": "127.0.0.1:1", "write_timeout_s": 1}
        async with gateway_process(tmp_path, **settings) as gateway:
            _, writer = await connect(gateway.url)
            transport: Any = writer.transport
            transport.pause_reading()
            head = b"POST /chatkit HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(QUESTION)
            writer.write(head + QUESTION)
            await logged(gateway, message="request served", status=200)  # its end, though nobody has read it
            assert servicer.said < 64
            assert await is_well(gateway.url)
            writer.close()
