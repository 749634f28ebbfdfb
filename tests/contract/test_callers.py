"""Who may call which method, over real ports."""

import asyncio
import importlib
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import docs_chat
import grpc
import pytest
import trustme
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc
from google.protobuf import empty_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from services.runtime.callers import token_digest
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.errors import CallerUnauthenticated, PermissionDenied, from_rpc_error
from services.runtime.permissions import required_permission
from services.runtime.server import GrpcServer, running
from services.runtime.settings import ServiceSettings
from services.runtime.starting import CannotStart

AGENT = "docs_chat.agent.v1.AgentService"
CALLERS = "; ".join(
    f"{name} {permissions} {token_digest(token)}"
    for name, permissions, token in (("gateway", "search,ask", "g-token"), ("cli", "ask,operate", "c-token"))
)


class Agent(rpc.AgentServiceServicer):
    async def RunTurn(self, request: pb.RunTurnRequest, context: Any) -> AsyncIterator[pb.RunTurnResponse]:
        yield pb.RunTurnResponse()

    async def GetModelStatus(self, request: pb.GetModelStatusRequest, context: Any) -> pb.GetModelStatusResponse:
        return pb.GetModelStatusResponse()


def a_server(**settings: Any) -> GrpcServer:
    def register(server: grpc.aio.Server) -> None:
        rpc.add_AgentServiceServicer_to_server(Agent(), server)
        undeclared = grpc.unary_unary_rpc_method_handler(
            lambda request, context: empty_pb2.Empty(), empty_pb2.Empty.FromString, empty_pb2.Empty.SerializeToString
        )
        server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler("some.Service", {"Undeclared": undeclared})]
        )

    return GrpcServer("agent", ServiceSettings(_env_file=None, **({"port": 0} | settings)), [AGENT], register)


def calling(token: str, **settings: Any) -> AbstractAsyncContextManager[grpc.aio.Channel]:
    return certified(ChannelSecurity(token=token), **settings)


@asynccontextmanager
async def certified(security: ChannelSecurity, **settings: Any) -> AsyncIterator[grpc.aio.Channel]:
    async with (
        running(a_server(**settings)) as server,
        open_channel(f"127.0.0.1:{server.port}", security) as channel,
    ):
        yield channel


async def refusal_of(call: Any) -> Exception:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return from_rpc_error(caught.value, service="agent")


async def ask(channel: grpc.aio.Channel) -> None:
    async for _ in rpc.AgentServiceStub(channel).RunTurn(pb.RunTurnRequest()):
        pass


async def operate(channel: grpc.aio.Channel) -> None:
    await rpc.AgentServiceStub(channel).GetModelStatus(pb.GetModelStatusRequest())


def all_methods() -> list[str]:
    """Every method of every contract, as gRPC names it."""
    root = Path(docs_chat.__path__[0])
    modules = sorted(root.rglob("*_service_pb2.py"))
    names = [".".join(("docs_chat", *path.relative_to(root).with_suffix("").parts)) for path in modules]
    services = [
        service for name in names for service in importlib.import_module(name).DESCRIPTOR.services_by_name.values()
    ]
    return [f"/{service.full_name}/{method.name}" for service in services for method in service.methods]


def test_every_method_of_every_service_declares_a_permission() -> None:
    methods = all_methods()
    assert len(methods) >= 17
    assert [method for method in methods if required_permission(method) is None] == []


async def test_a_caller_does_what_its_permissions_allow_and_nothing_else() -> None:
    async with calling("g-token", callers=CALLERS) as channel:
        await ask(channel)
        refused = await refusal_of(operate(channel))
    assert isinstance(refused, PermissionDenied)
    assert refused.facts["permission"] == "operate"
    async with calling("c-token", callers=CALLERS) as channel:
        await operate(channel)


@pytest.mark.parametrize("token", ["", "wrong", "g-token-", CALLERS.split()[2]])
async def test_without_a_known_token_nothing_is_served(token: str) -> None:
    async with calling(token, callers=CALLERS) as channel:
        assert isinstance(await refusal_of(ask(channel)), CallerUnauthenticated)


@pytest.mark.parametrize("settings", [{}, {"caller_token": "s"}, {"callers": CALLERS}])
async def test_a_method_that_declares_no_permission_is_refused_to_everybody(settings: dict[str, str]) -> None:
    token = "s" if "caller_token" in settings else "c-token"
    async with calling(token, **settings) as channel:
        method = channel.unary_unary(
            "/some.Service/Undeclared", empty_pb2.Empty.SerializeToString, empty_pb2.Empty.FromString
        )
        assert isinstance(await refusal_of(method(empty_pb2.Empty())), PermissionDenied)


async def test_the_log_line_of_a_call_names_its_caller_and_no_token(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="services.runtime.interceptors"):
        async with calling("g-token", callers=CALLERS) as channel:
            await ask(channel)
    served = [record for record in caplog.records if record.message == "call served"]
    assert [vars(record)["caller"] for record in served] == ["gateway"]
    assert "g-token" not in str([vars(record) for record in caplog.records])


async def test_reflection_is_for_callers_once_there_are_any() -> None:
    request = reflection_pb2.ServerReflectionRequest(list_services="")

    stub_class: Any = reflection_pb2_grpc.ServerReflectionStub  # its stubs know only the synchronous channel

    async with calling("", callers=CALLERS) as channel:
        # Nothing is written: grpc.aio calls a write that meets the end of the call INTERNAL.
        refused = stub_class(channel).ServerReflectionInfo()
        assert isinstance(await refusal_of(refused.read()), CallerUnauthenticated)
    async with calling("g-token", callers=CALLERS) as channel:
        answers = [answer async for answer in stub_class(channel).ServerReflectionInfo(iter([request]))]
        assert len(answers) == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "[::]"])
async def test_a_server_that_others_reach_does_not_start_without_callers(host: str) -> None:
    with pytest.raises(CannotStart, match=r"DOCS_CHAT_CALLERS.*HOST to 127.*DOCS_CHAT_ALLOW_STRANGERS"):
        await a_server(host=host).start()


@pytest.mark.parametrize("told", [{"allow_strangers": True}, {"caller_token": "s"}, {"callers": CALLERS}])
async def test_it_starts_with_callers_or_when_strangers_are_meant(told: dict[str, Any]) -> None:
    async with running(a_server(host="0.0.0.0", **told)) as server:
        assert server.port


async def test_a_certificate_alone_lets_in_and_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    authority = trustme.CA()
    leaf = authority.issue_cert("127.0.0.1", common_name="gateway")
    files: dict[str, Any] = {
        "tls_ca": tmp_path / "ca.pem",
        "tls_cert": tmp_path / "cert.pem",
        "tls_key": tmp_path / "key.pem",
    }
    authority.cert_pem.write_to_path(files["tls_ca"])
    leaf.cert_chain_pems[0].write_to_path(files["tls_cert"])
    leaf.private_key_pem.write_to_path(files["tls_key"])
    settings = {"require_client_certificate": True, **files}
    security = ChannelSecurity.from_settings(ServiceSettings(_env_file=None, port=0, **files))
    with caplog.at_level(logging.INFO, logger="services.runtime.interceptors"):
        async with certified(security, host="0.0.0.0", **settings) as channel:
            await operate(channel)
    assert vars(caplog.records[-1])["caller"] == "127.0.0.1"
    async with certified(security, callers=CALLERS, **settings) as channel:
        assert isinstance(await refusal_of(operate(channel)), CallerUnauthenticated)


def test_certificates_that_could_not_be_checked_are_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match=r"DOCS_CHAT_TLS_CA, DOCS_CHAT_TLS_CERT"):
        ServiceSettings(_env_file=None, port=0, require_client_certificate=True)


async def is_watching(health: Any) -> bool:
    try:
        return await health.Watch(health_pb2.HealthCheckRequest()).read() is not grpc.aio.EOF
    except grpc.aio.AioRpcError:
        return False


async def test_watching_the_health_without_a_token_is_bounded_in_number() -> None:
    async with calling("", callers=CALLERS, max_health_watches=2) as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)  # its stubs name no methods
        watches = [health.Watch(health_pb2.HealthCheckRequest()) for _ in range(2)]
        for watch in watches:
            await watch.read()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await anext(aiter(health.Watch(health_pb2.HealthCheckRequest())))
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        watches[0].cancel()
        async with asyncio.timeout(30):  # its place is free once the server has noticed
            while not await is_watching(health):
                pass


async def test_watching_the_health_ends_after_its_time() -> None:
    async with calling("", health_watch_timeout_s=0.2) as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)  # its stubs name no methods
        watch = health.Watch(health_pb2.HealthCheckRequest())
        assert [answer.status async for answer in watch] == [health_pb2.HealthCheckResponse.SERVING]


async def test_watching_what_is_not_there_ends_at_once() -> None:
    async with calling("") as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)  # its stubs name no methods
        watch = health.Watch(health_pb2.HealthCheckRequest(service="no.Such"))
        assert [answer.status async for answer in watch] == [health_pb2.HealthCheckResponse.SERVICE_UNKNOWN]
