"""Servicers of a test behind real ports."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc
from docs_chat.agent.v1 import turn_events_pb2 as events

from services.runtime.server import GrpcServer, running
from services.runtime.settings import ServiceSettings


class PausingAgent(rpc.AgentServiceServicer):
    """Says half of the answer, and the rest when it is told to."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()

    async def RunTurn(self, request: pb.RunTurnRequest, context: Any) -> AsyncIterator[pb.RunTurnResponse]:
        yield pb.RunTurnResponse(text_delta=events.TextDelta(text="Half"))
        await self.go_on.wait()
        yield pb.RunTurnResponse(text_delta=events.TextDelta(text=" and half"))
        yield pb.RunTurnResponse(turn_completed=events.TurnCompleted(text="Half and half"))


@asynccontextmanager
async def served_agent(servicer: rpc.AgentServiceServicer) -> AsyncIterator[str]:
    """The address of an agent service."""
    async with _served("agent", lambda server: rpc.add_AgentServiceServicer_to_server(servicer, server)) as target:
        yield target


@contextmanager
def agent_in_a_thread(servicer: rpc.AgentServiceServicer) -> Iterator[str]:
    """The same for commands, which run a loop of their own."""
    with in_a_thread("agent", lambda server: rpc.add_AgentServiceServicer_to_server(servicer, server)) as target:
        yield target


@contextmanager
def in_a_thread(name: str, register: Callable[[Any], None]) -> Iterator[str]:
    """The address of services that run in a thread with a loop of their own."""
    listening, asked_to_end = threading.Event(), threading.Event()
    targets: list[str] = []

    async def serve() -> None:
        async with _served(name, register) as target:
            targets.append(target)
            listening.set()
            await asyncio.to_thread(asked_to_end.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    listening.wait()
    try:
        yield targets[0]
    finally:
        asked_to_end.set()
        thread.join()


@asynccontextmanager
async def _served(name: str, register: Callable[[Any], None]) -> AsyncIterator[str]:
    async with running(GrpcServer(name, ServiceSettings(_env_file=None, port=0), [], register)) as server:
        yield f"127.0.0.1:{server.port}"
