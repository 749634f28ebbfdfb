"""Whatever is too long ends in an answer or in one of our reasons: each call, each text it takes, over real ports.

A caller's library reads 8 KB of trailers. A status that repeats what was sent overflows them, and the caller then hears
of RESOURCE_EXHAUSTED, or of a bug on our side.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from docs_chat.agent.v1 import agent_service_pb2 as agent_pb
from docs_chat.ingest.v1 import ingest_service_pb2 as ingest_pb
from docs_chat.retriever.v1 import index_service_pb2 as index_pb
from docs_chat.retriever.v1 import index_service_pb2_grpc as index_rpc
from docs_chat.retriever.v1 import passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as retriever_pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as retriever_rpc
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.struct_pb2 import Struct
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from services.agent.server import serving as serving_agent
from services.agent.settings import AgentSettings
from services.ingest.server import build_server
from services.ingest.settings import IngestSettings
from services.retriever.embedding.local_embedder import LocalEmbedder
from services.retriever.server import make_server, make_sites
from services.retriever.settings import RetrieverSettings
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.errors import ERROR_DOMAIN
from services.runtime.server import running
from tests.contract.test_reasons import OF_EVERY_CALL, RAISABLE
from tests.fakes.garden import WATER, Callers, begin, profile, publish

pytestmark = pytest.mark.asyncio(loop_scope="module")

LENGTH = 200_000
TEXTS = {"ASCII": "a" * LENGTH, "Chinese": "漢" * LENGTH, "controls": "\t\x7f" * (LENGTH // 2)}
SERVICES = {
    "RetrieverService": retriever_pb.DESCRIPTOR,
    "IndexService": index_pb.DESCRIPTOR,
    "AgentService": agent_pb.DESCRIPTOR,
    "IngestService": ingest_pb.DESCRIPTOR,
}
METHODS = [method for name, file in SERVICES.items() for method in file.services_by_name[name].methods]
LARGEST_MESSAGE = 1_001

Put = Callable[[Any, str], None]
"""Puts a text into one place of a message."""


@dataclass
class World:
    """Three real services in a row; `garden` is published, and a revision of it is open."""

    channels: dict[str, grpc.aio.Channel]
    folder: Path
    revision: int


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder, site = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("site")
    (site / "docs").mkdir()
    (site / "docs" / "guide.md").write_text("# Guide\n\nWater the tomatoes in the morning.\n")
    embedder = LocalEmbedder()
    settings = RetrieverSettings(_env_file=None, port=0, data_dir=folder)
    sites = make_sites(settings, embedder)
    await sites.open_all()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(sites.close)
        retriever = await stack.enter_async_context(running(make_server(settings, sites, embedder)))
        behind: dict[str, Any] = {"_env_file": None, "port": 0, "retriever_target": f"127.0.0.1:{retriever.port}"}
        agent = await stack.enter_async_context(serving_agent(AgentSettings(**behind, data_dir=folder)))
        ingest_settings = IngestSettings(**behind, allowed_roots=(site,))
        ingest = await stack.enter_async_context(running(build_server(ingest_settings, stack)))
        ports = {"retriever": retriever.port, "agent": agent.port, "ingest": ingest.port}
        channels = {
            name: await stack.enter_async_context(open_channel(f"127.0.0.1:{port}", ChannelSecurity()))
            for name, port in ports.items()
        }
        behind_retriever = channels["retriever"]
        callers = Callers(
            retriever_rpc.RetrieverServiceStub(behind_retriever), index_rpc.IndexServiceStub(behind_retriever)
        )
        await publish(callers, WATER)
        yield World(channels, site, await begin(callers))


def full_requests(world: World) -> dict[str, list[Message]]:
    """For calls with nested messages: requests that hold everything in which a text can stand."""
    scope = passages_pb2.Scope(versions=["1.0"], locale="en", path_prefix="/")
    settings = Struct()
    settings.update({"url": "https://docs.example.org", "title": "Docs", "docs": [{"id": "default", "path": "docs"}]})
    source = ingest_pb.SiteSource(path=str(world.folder), site="docs", settings=settings)
    question = agent_pb.Message(role=agent_pb.MESSAGE_ROLE_USER, text="When do I water?")
    query = retriever_pb.Query(text="water")
    described = profile("orchard")
    described.versions.add(name="1.0")
    return {
        "SearchPassages": [retriever_pb.SearchPassagesRequest(site="garden", queries=[query], scope=scope)],
        "ListDocuments": [retriever_pb.ListDocumentsRequest(site="garden", scope=scope)],
        "BeginRevision": [index_pb.BeginRevisionRequest(profile=described, owner="test", take_over=True)],
        "WriteDocuments": [
            index_pb.WriteDocumentsRequest(revision=index_pb.RevisionRef(site="garden", revision=world.revision)),
            index_pb.WriteDocumentsRequest(document=WATER),
            index_pb.WriteDocumentsRequest(removed_uri="https://example.org/gone"),
        ],
        "RunTurn": [
            agent_pb.RunTurnRequest(
                messages=[question], site="garden", scope=scope, options=agent_pb.TurnOptions(passage_limit=3)
            )
        ],
        "IngestSite": [ingest_pb.IngestSiteRequest(source=source, force=True, take_over=True)],
        "InspectSource": [ingest_pb.InspectSourceRequest(source=source)],
    }


def places(message: Message) -> Iterator[tuple[str, Put]]:
    """All places of a message where a text can stand, nested ones included: names, and how to put a text there."""
    for field in message.DESCRIPTOR.fields:
        name, value = field.name, getattr(message, field.name)
        if field.message_type:
            if field.message_type.GetOptions().map_entry:
                yield f"{name}{{}}", partial(_add_key, name)
            for at in _members(message, field):
                for inner, put in places(value if at is None else value[at]):
                    yield f"{name}{'' if at is None else f'[{at}]'}.{inner}", _below(name, at, put)
        elif field.type == FieldDescriptor.TYPE_STRING and field.is_repeated:
            yield f"{name}[]", partial(_append, name)
        elif field.type == FieldDescriptor.TYPE_STRING and _is_free(message, field):
            yield name, partial(_set, name)


def _add_key(name: str, owner: Any, text: str) -> None:
    getattr(owner, name)[text].SetInParent()


def _append(name: str, owner: Any, text: str) -> None:
    getattr(owner, name).append(text)


def _set(name: str, owner: Any, text: str) -> None:
    setattr(owner, name, text)


def _members(message: Message, field: Any) -> list[Any]:
    """Keys or places of the messages in a field; None for the only one of a field that is set."""
    value = getattr(message, field.name)
    if field.message_type.GetOptions().map_entry:
        return list(value)
    if field.is_repeated:
        return list(range(len(value)))
    return [None] if message.HasField(field.name) else []


def _below(name: str, at: Any, put: Put) -> Put:
    def put_below(owner: Any, text: str) -> None:
        value = getattr(owner, name)
        put(value if at is None else value[at], text)

    return put_below


def _is_free(message: Message, field: Any) -> bool:
    """Whether setting the field takes away no other one of a choice."""
    choice = field.containing_oneof
    return choice is None or message.WhichOneof(choice.name) in (None, field.name)


def long_requests(requests: list[Message], text: str) -> Iterator[tuple[str, list[Message]]]:
    """The requests of a call, in each of them one place made long."""
    for at, request in enumerate(requests):
        for name, put in places(request):
            changed = type(request)()
            changed.CopyFrom(request)
            put(changed, text)
            yield name, [*requests[:at], changed, *requests[at + 1 :]]


async def call(channel: grpc.aio.Channel, method: MethodDescriptor, requests: list[Message]) -> None:
    """Make a call and hear it to its end."""
    sent, given = ("stream" if streams else "unary" for streams in (method.client_streaming, method.server_streaming))
    made = getattr(channel, f"{sent}_{given}")(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=GetMessageClass(method.input_type).SerializeToString,
        response_deserializer=GetMessageClass(method.output_type).FromString,
    )
    answer = made(iter(requests) if method.client_streaming else requests[0], timeout=60)
    if method.server_streaming:
        async for _ in answer:
            pass
    else:
        await answer


def complaint(error: grpc.aio.AioRpcError, declared: set[str]) -> str:
    """What is wrong with how a call failed; empty when nothing is."""
    info = error_details_pb2.ErrorInfo()
    status = rpc_status.from_call(error)  # type: ignore[arg-type]  # stubs know only the synchronous call
    if not any(detail.Unpack(info) for detail in (status.details if status else ())) or info.domain != ERROR_DOMAIN:
        return f"{error.code().name} without a reason: {(error.details() or '')[:200]}"
    if info.reason not in declared:
        return f"{info.reason} is not declared: {(error.details() or '')[:200]}"
    return (
        "" if len(error.details() or "") <= LARGEST_MESSAGE else f"a message of {len(error.details() or '')} characters"
    )


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
async def test_a_text_that_is_too_long_is_answered_in_our_words(
    world: World, method: MethodDescriptor, kind: str
) -> None:
    service = method.containing_service.name
    declared = RAISABLE[f"{service}.{method.name}"] | OF_EVERY_CALL - {"INTERNAL", "DEADLINE_EXCEEDED"}
    server = {"AgentService": "agent", "IngestService": "ingest"}.get(service, "retriever")
    requests = full_requests(world).get(method.name) or [GetMessageClass(method.input_type)()]
    complaints = {}
    for place, changed in long_requests(requests, TEXTS[kind]):
        try:
            await call(world.channels[server], method, changed)
        except grpc.aio.AioRpcError as error:
            if problem := complaint(error, declared):
                complaints[place] = problem
    assert complaints == {}
