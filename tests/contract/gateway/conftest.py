"""A whole gateway on a real port, between a browser (httpx) and scripted services behind real gRPC."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc
from docs_chat.agent.v1 import turn_events_pb2 as events
from docs_chat.retriever.v1 import documents_pb2, passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as retriever_pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as retriever_rpc
from sqlalchemy import select

from gateway.app import create_app
from gateway.parts import Gateway
from gateway.settings import GatewaySettings
from gateway.store.tables import turns
from services.runtime.errors import DocumentNotFound, InvalidRequest, ServiceError, SiteNotFound
from services.runtime.server import GrpcServer, running
from services.runtime.settings import ServiceSettings
from tests.fakes.gateway_world import listening

BASE_URL = "https://docs.example.com/"
PASSAGE = passages_pb2.Passage(
    uri="https://docs.example.com/retry#backoff",
    document_uri="https://docs.example.com/retry",
    anchor="backoff",
    title="Retry",
    heading_path=["Client", "Backoff"],
    text="Set `retries` to change how often a call is tried again.",
    highlights=[passages_pb2.TextRange(start=5, end=12)],
    version="2.1",
    locale="en",
)
CITATION = events.Citation(
    number=1, index=13, uri=PASSAGE.uri, title="Retry", heading_path=["Client", "Backoff"], quote="Set `retries`"
)


def found() -> pb.RunTurnResponse:
    return pb.RunTurnResponse(
        passages_found=events.PassagesFound(
            passages=[PASSAGE],
            answerability=passages_pb2.Answerability(verdict=passages_pb2.ANSWERABILITY_VERDICT_ANSWERABLE),
            revision=7,
            site="docs",
        )
    )


def says(text: str) -> pb.RunTurnResponse:
    return pb.RunTurnResponse(text_delta=events.TextDelta(text=text))


def completes(text: str = "Use `retries` 🎉.") -> pb.RunTurnResponse:
    return pb.RunTurnResponse(
        turn_completed=events.TurnCompleted(
            text=text,
            citations=[CITATION],
            suggestions=["How long is the wait?"],
            source=events.ANSWER_SOURCE_MODEL,
            model="vendor/model:free",
        )
    )


ANSWER = [
    pb.RunTurnResponse(progress=events.Progress(stage=events.TURN_STAGE_SEARCHING)),
    found(),
    says("Use "),
    says("`retries`"),
    pb.RunTurnResponse(citation_added=events.CitationAdded(citation=CITATION)),
    says(" 🎉."),
    completes(),
]


class ScriptedAgent(rpc.AgentServiceServicer):
    """Plays one script per call, the last one for ever; an exception ends the call, `HANG` waits until cancelled."""

    HANG = "hang"

    def __init__(self) -> None:
        self.scripts: list[list[Any]] = [list(ANSWER)]
        self.requests: list[pb.RunTurnRequest] = []
        self.time_left: list[float] = []
        self.hanging = asyncio.Event()
        self.cancelled = asyncio.Event()

    def play(self, *scripts: list[Any]) -> None:
        self.scripts = list(scripts)

    async def RunTurn(self, request: pb.RunTurnRequest, context: Any) -> AsyncIterator[pb.RunTurnResponse]:
        self.requests.append(request)
        self.time_left.append(context.time_remaining())
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        for step in script:
            if isinstance(step, ServiceError):
                raise step
            if step == self.HANG:
                await self._hang()
            else:
                yield step

    async def _hang(self) -> None:
        self.hanging.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled.set()

    async def GetModelStatus(self, request: pb.GetModelStatusRequest, context: Any) -> pb.GetModelStatusResponse:
        return pb.GetModelStatusResponse()


async def no_sections() -> retriever_pb.SearchSectionsResponse:
    return retriever_pb.SearchSectionsResponse(revision=7, site="docs")


class ScriptedRetriever(retriever_rpc.RetrieverServiceServicer):
    """Knows one site with one page, or several sites with the same one."""

    def __init__(self) -> None:
        self.searches: list[retriever_pb.SearchPassagesRequest] = []
        self.typed: list[retriever_pb.SearchSectionsRequest] = []
        self.sections: Callable[[], Awaitable[retriever_pb.SearchSectionsResponse]] = no_sections
        self.failure: ServiceError | None = None
        self.sites = ["docs"]
        self.found = retriever_pb.SearchPassagesResponse(passages=[PASSAGE], revision=7, site="docs")
        self.document = documents_pb2.Document(uri=PASSAGE.document_uri, title="Retry", locale="en")
        self.chunks = [
            documents_pb2.Chunk(ordinal=0, text="Calls are tried again."),
            documents_pb2.Chunk(ordinal=1, anchor="backoff", heading_path=["Client", "Backoff"], text=PASSAGE.text),
        ]

    async def SearchPassages(self, request: Any, context: Any) -> retriever_pb.SearchPassagesResponse:
        self.searches.append(request)
        self._know(request.site)
        return self.found

    async def SearchSections(self, request: Any, context: Any) -> retriever_pb.SearchSectionsResponse:
        self.typed.append(request)
        self._know(request.site)
        return await self.sections()

    async def GetDocument(self, request: Any, context: Any) -> retriever_pb.GetDocumentResponse:
        self._know(request.site)
        if request.uri.partition("#")[0] != self.document.uri:
            raise DocumentNotFound("no such page")
        return retriever_pb.GetDocumentResponse(document=self.document, chunks=self.chunks, revision=7)

    async def ListDocuments(self, request: Any, context: Any) -> retriever_pb.ListDocumentsResponse:
        self._know(request.site)
        title = f"{request.site} {request.page_token or 'first'}"
        summary = documents_pb2.DocumentSummary(uri=f"{BASE_URL}{request.site}", title=title, locale="en")
        following = "" if request.page_token else "second"
        return retriever_pb.ListDocumentsResponse(documents=[summary], next_page_token=following)

    async def ListSites(self, request: Any, context: Any) -> retriever_pb.ListSitesResponse:
        profiles = [documents_pb2.SiteProfile(site=site, base_url=BASE_URL, locales=["en"]) for site in self.sites]
        sites = [documents_pb2.Site(profile=profile, revision=7, document_count=1) for profile in profiles]
        return retriever_pb.ListSitesResponse(sites=sites)

    def _know(self, site: str) -> None:
        if self.failure:
            raise self.failure
        if site and site not in self.sites:
            raise SiteNotFound(f"no site {site!r} is published", site=site)
        if not site and len(self.sites) > 1:
            raise InvalidRequest("name the site", violations={"site": "name the site"})


@pytest.fixture
def agent() -> ScriptedAgent:
    return ScriptedAgent()


@pytest.fixture
def retriever() -> ScriptedRetriever:
    return ScriptedRetriever()


class Browser(httpx.AsyncClient):
    """A browser: keeps its cookies, reads streams."""

    gateway: Gateway

    async def ask(self, text: str, thread_id: str = "", **extra: Any) -> list[dict[str, Any]]:
        """Ask in a new thread, or in one that exists; returns the events."""
        message = {
            "content": [{"type": "input_text", "text": text}],
            "attachments": [],
            "inference_options": {},
            **extra,
        }
        if thread_id:
            return await self.stream_of("threads.add_user_message", thread_id=thread_id, input=message)
        return await self.stream_of("threads.create", input=message)

    async def stream_of(self, kind: str, headers: dict[str, str] | None = None, **params: Any) -> list[dict[str, Any]]:
        async with self.stream("POST", "/chatkit", json={"type": kind, "params": params}, headers=headers) as response:
            assert response.status_code == 200, await response.aread()
            assert response.headers["content-type"].startswith("text/event-stream")
            return [json.loads(line[6:]) async for line in response.aiter_lines() if line.startswith("data: ")]

    async def chatkit(self, request: str, /, **params: Any) -> httpx.Response:
        return await self.post("/chatkit", json={"type": request, "params": params})

    async def records(self) -> list[dict[str, Any]]:
        """Records of turns, once they are written."""
        await self.gateway.turns.saved()
        return await self.gateway.database.run(
            lambda connection: [dict(row) for row in connection.execute(select(turns)).mappings()]
        )

    async def items(self, thread_id: str) -> list[dict[str, Any]]:
        response = await self.chatkit("items.list", thread_id=thread_id, order="asc", limit=9999)
        return response.json()["data"]


StartGateway = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def start_gateway(
    agent: ScriptedAgent, retriever: ScriptedRetriever, tmp_path: Path
) -> AsyncIterator[StartGateway]:
    """Starts a gateway with the given settings and opens a browser on it; `another()` opens a second reader's."""
    async with AsyncExitStack() as stack:
        agent_server = GrpcServer(
            "agent",
            ServiceSettings(_env_file=None, port=0),
            ["docs_chat.agent.v1.AgentService"],
            lambda server: rpc.add_AgentServiceServicer_to_server(agent, server),
        )
        retriever_server = GrpcServer(
            "retriever",
            ServiceSettings(_env_file=None, port=0),
            ["docs_chat.retriever.v1.RetrieverService"],
            lambda server: retriever_rpc.add_RetrieverServiceServicer_to_server(retriever, server),
        )
        await stack.enter_async_context(running(agent_server))
        await stack.enter_async_context(running(retriever_server))

        async def start(**settings: Any) -> Browser:
            defaults = {
                "_env_file": None,
                "data_dir": tmp_path / "data",
                "agent_target": f"127.0.0.1:{agent_server.port}",
                "retriever_target": f"127.0.0.1:{retriever_server.port}",
                "backoff_base_s": 0.01,
            }
            chosen = GatewaySettings(**defaults | settings)
            app = create_app(chosen)
            url = await stack.enter_async_context(listening(app, chosen))
            browser = await stack.enter_async_context(Browser(base_url=url, timeout=30))
            browser.gateway = app.state.gateway
            return browser

        yield start


@pytest.fixture
async def browser(start_gateway: StartGateway) -> Browser:
    return await start_gateway()
