"""Our gRPC server over a real port: identity, deadlines, limits, errors and the way out."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc
from docs_chat.agent.v1 import turn_events_pb2 as events
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.errors import (
    CallerUnauthenticated,
    DeadlineExceeded,
    InternalError,
    InvalidRequest,
    Overloaded,
    ProviderUnavailable,
    ServiceUnreachable,
    from_rpc_error,
)
from services.runtime.request_context import adopt_request_id, current_request_id
from services.runtime.server import GrpcServer, running
from services.runtime.settings import ServiceSettings
from services.runtime.starting import CannotStart

AGENT = "docs_chat.agent.v1.AgentService"
BUF = Path(sys.executable).parent / "buf"
PROTOSET = Path(__file__).resolve().parents[2] / "protos" / "docs-chat.protoset"


class ScriptedAgent(rpc.AgentServiceServicer):
    """Does what the last message says."""

    def __init__(self) -> None:
        self.cancelled = asyncio.Event()
        self.seen_request_id = ""

    async def RunTurn(self, request: pb.RunTurnRequest, context: Any) -> AsyncIterator[pb.RunTurnResponse]:
        self.seen_request_id = current_request_id()
        try:
            yield pb.RunTurnResponse(text_delta=events.TextDelta(text="first"))
            match request.messages[-1].text:
                case "overloaded":
                    raise ProviderUnavailable("all models cool down", retry_after_s=2.5, model="m")
                case "bug":
                    raise ZeroDivisionError("sk-or-v1-secret")
                case "hang":
                    await asyncio.Event().wait()
        finally:  # wherever it stands when the caller leaves: the first text may still be on its way
            self.cancelled.set()

    async def GetModelStatus(self, request: pb.GetModelStatusRequest, context: Any) -> pb.GetModelStatusResponse:
        raise InvalidRequest("no", violations={"messages[0].text": "too long"})


@asynccontextmanager
async def serving(client_token: str = "", **settings: Any) -> AsyncIterator[tuple[Any, ScriptedAgent, Any]]:
    servicer = ScriptedAgent()
    server = GrpcServer(
        "agent",
        ServiceSettings(_env_file=None, port=0, **settings),
        [AGENT],
        lambda server: rpc.add_AgentServiceServicer_to_server(servicer, server),
    )
    async with (
        running(server),
        open_channel(f"127.0.0.1:{server.port}", ChannelSecurity(token=client_token)) as channel,
    ):
        addressed: Any = channel
        addressed.target = f"127.0.0.1:{server.port}"
        yield rpc.AgentServiceStub(channel), servicer, addressed


def saying(text: str) -> pb.RunTurnRequest:
    return pb.RunTurnRequest(messages=[pb.Message(role=pb.MESSAGE_ROLE_USER, text=text)])


async def collect(call: Any) -> list[str]:
    return [response.text_delta.text async for response in call]


async def test_a_failure_in_mid_stream_arrives_as_the_class_that_was_raised() -> None:
    async with serving() as (stub, _, _):
        call, seen = stub.RunTurn(saying("overloaded")), []
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            async for response in call:
                seen.append(response.text_delta.text)
        error = from_rpc_error(caught.value, service="agent")
    assert seen == ["first"]
    assert isinstance(error, ProviderUnavailable)
    assert (error.retry_after_s, error.facts) == (2.5, {"model": "m"})


async def test_a_bug_tells_the_caller_nothing_but_the_request_id() -> None:
    adopt_request_id("request-of-this-test")
    async with serving() as (stub, servicer, _):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await collect(stub.RunTurn(saying("bug")))
    error = from_rpc_error(caught.value, service="agent")
    assert isinstance(error, InternalError)
    assert error.facts == {"request_id": "request-of-this-test"}
    assert servicer.seen_request_id == "request-of-this-test"
    assert "sk-or" not in repr(caught.value)


async def test_wrong_fields_are_named() -> None:
    async with serving() as (stub, _, _):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetModelStatus(pb.GetModelStatusRequest())
    assert from_rpc_error(caught.value, service="agent").violations == {"messages[0].text": "too long"}


async def test_a_call_without_deadline_gets_the_servers_own() -> None:
    async with serving(default_deadline_s=0.2) as (stub, servicer, _):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await collect(stub.RunTurn(saying("hang")))
        await servicer.cancelled.wait()
    assert isinstance(from_rpc_error(caught.value, service="agent"), DeadlineExceeded)


async def test_a_caller_that_leaves_stops_the_work() -> None:
    async with serving() as (stub, servicer, _):
        call = stub.RunTurn(saying("hang"))
        assert (await call.read()).text_delta.text == "first"
        call.cancel()
        await servicer.cancelled.wait()


async def test_calls_beyond_the_limit_are_refused_with_a_hint() -> None:
    async with serving(max_concurrent_calls=1) as (stub, _, _):
        hanging = stub.RunTurn(saying("hang"))
        await hanging.read()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await collect(stub.RunTurn(saying("")))
        hanging.cancel()
    error = from_rpc_error(caught.value, service="agent")
    assert isinstance(error, Overloaded)
    assert error.retry_after_s == 1.0


async def test_the_shared_token_is_asked_for_and_shown() -> None:
    async with serving(caller_token="correct horse") as (stub, _, _):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await collect(stub.RunTurn(saying("")))
    assert isinstance(from_rpc_error(caught.value, service="agent"), CallerUnauthenticated)
    async with serving(client_token="correct horse", caller_token="correct horse") as (stub, _, _):
        assert await collect(stub.RunTurn(saying(""))) == ["first"]


async def test_health_answers_without_a_token() -> None:
    async with serving(caller_token="correct horse") as (_, _, channel):
        health: Any = health_pb2_grpc.HealthStub(channel)  # its stubs name no methods
        response = await health.Check(health_pb2.HealthCheckRequest(service=AGENT))
        assert response.status == health_pb2.HealthCheckResponse.SERVING


async def test_reflection_lists_the_service() -> None:
    server = GrpcServer(
        "agent",
        ServiceSettings(_env_file=None, port=0),
        [AGENT],
        lambda server: rpc.add_AgentServiceServicer_to_server(ScriptedAgent(), server),
    )
    async with running(server):
        services = await asyncio.to_thread(_reflected_services, server.port)
    assert AGENT in services


def _reflected_services(port: int) -> list[str]:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        return list(ProtoReflectionDescriptorDatabase(channel).get_services())


@pytest.mark.parametrize(
    "schema",
    [
        ["--reflect-protocol", "grpc-v1"],
        ["--reflect-protocol", "grpc-v1alpha"],
        ["--schema", f"{PROTOSET}#format=binpb"],
    ],
    ids=["reflection v1", "reflection v1alpha", "protoset"],
)
async def test_a_tool_without_our_stubs_can_call(schema: list[str]) -> None:
    # With the protoset reflection is off, so that nothing else can have told the tool how to call.
    async with serving(reflection=schema[0] != "--schema") as (_, _, channel):
        url = f"http://{channel.target}/{AGENT}/RunTurn"
        body = '{"messages": [{"role": "MESSAGE_ROLE_USER", "text": "hello"}]}'
        tool = await asyncio.create_subprocess_exec(
            BUF, "curl", "--protocol", "grpc", "--http2-prior-knowledge", *schema, "-d", body, url,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, _ = await tool.communicate()
    assert json.loads(said) == {"textDelta": {"text": "first"}}


async def test_a_taken_port_is_named() -> None:
    first = GrpcServer("agent", ServiceSettings(_env_file=None, port=0), [], lambda server: None)
    async with running(first):
        second = GrpcServer("agent", ServiceSettings(_env_file=None, port=first.port), [], lambda server: None)
        with pytest.raises(CannotStart, match=f"127.0.0.1:{first.port}: is the port taken"):
            await second.start()


async def test_nobody_listening_is_said_in_our_words() -> None:
    async with open_channel("127.0.0.1:1", ChannelSecurity()) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await rpc.AgentServiceStub(channel).GetModelStatus(pb.GetModelStatusRequest(), timeout=5)
    assert isinstance(from_rpc_error(caught.value, service="agent"), ServiceUnreachable)


async def test_calls_go_to_all_addresses_of_a_name_in_turn() -> None:
    """Replicas stand behind one name; a channel must not stay with the first of them."""
    replicas = [ScriptedAgent(), ScriptedAgent()]
    async with AsyncExitStack() as stack:
        ports = []
        for replica in replicas:
            add = partial(rpc.add_AgentServiceServicer_to_server, replica)
            server = GrpcServer("agent", ServiceSettings(_env_file=None, port=0), [AGENT], add)
            ports.append((await stack.enter_async_context(running(server))).port)
        addresses = ",".join(f"127.0.0.1:{port}" for port in ports)
        channel = await stack.enter_async_context(open_channel(f"ipv4:{addresses}", ChannelSecurity()))
        stub: Any = rpc.AgentServiceStub(channel)
        async with asyncio.timeout(30):  # the second connection may come later than the first call
            while not all(replica.seen_request_id for replica in replicas):
                await collect(stub.RunTurn(saying("hello")))
