"""The agent with everything around it: a small retriever and an emulated provider, all on real ports."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as rpc
from docs_chat.agent.v1 import turn_events_pb2
from docs_chat.retriever.v1 import passages_pb2, retriever_service_pb2, retriever_service_pb2_grpc
from docs_chat.retriever.v1.documents_pb2 import Chunk, Document, DocumentKind, DocumentSummary
from docs_chat.retriever.v1.passages_pb2 import Answerability, AnswerabilityVerdict, Passage

from services.agent.server import RunningAgent, serving
from services.agent.settings import AgentSettings
from services.language.terms import terms
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.errors import DocumentNotFound, ServiceError, SiteNotFound, from_rpc_error
from services.runtime.server import GrpcServer, running
from services.runtime.settings import ServiceSettings
from tools.openrouter_emulator.server import Emulator, emulating

SITE = "docs"
BASE = "https://docs.example.com/docs"
KEY = "sk-or-v1-0123456789abcdef-secret"


def a_passage(path: str, text: str, *, title: str = "", headings: tuple[str, ...] = (), **fields: Any) -> Passage:
    """A passage under `BASE`; `path` may carry an anchor."""
    page, _, anchor = path.partition("#")
    return Passage(
        uri=f"{BASE}/{path}",
        document_uri=f"{BASE}/{page}",
        anchor=anchor,
        title=title or page.capitalize(),
        heading_path=headings,
        text=text,
        content_hash=fields.pop("content_hash", str(hash(text))),
        locale="en",
        **fields,
    )


HANDBOOK = (
    a_passage(
        "install#quick-start",
        "Install the package with npm:\n\n```bash\nnpm install docs-chat\n```\n\n"
        "Then run `docs-chat up` to start all services.",
        title="Installation",
        headings=("Quick start",),
    ),
    a_passage(
        "configure#quota",
        "The setting `AGENT_REQUESTS_PER_MINUTE` limits requests to the model. The default is 18.",
        title="Configuration",
        headings=("Quota",),
    ),
    a_passage(
        "search#how-search-works",
        "Search fuses dense and sparse candidates. See [Configuration](/docs/configure#quota).",
        title="How search works",
        headings=("How search works",),
    ),
)


@dataclass
class FakeRetriever(retriever_service_pb2_grpc.RetrieverServiceServicer):
    """Finds passages by shared words; a question that shares none is not covered."""

    passages: list[Passage] = field(default_factory=lambda: list(HANDBOOK))
    searches: list[retriever_service_pb2.SearchPassagesRequest] = field(default_factory=list)
    failure: ServiceError | None = None
    widening: passages_pb2.Widening | None = None
    degraded_reason: str = ""
    doubtful: bool = False
    """Whether what is found is said to be weak."""
    corrections: dict[str, str] = field(default_factory=dict)
    """Misspelt words and what is searched instead."""

    async def SearchPassages(
        self, request: retriever_service_pb2.SearchPassagesRequest, context: Any
    ) -> retriever_service_pb2.SearchPassagesResponse:
        self.searches.append(request)
        if self.failure is not None:
            raise self.failure
        if request.site not in ("", SITE):
            raise SiteNotFound("no such site", site=request.site)
        searched = [self._corrected(query.text) for query in request.queries]
        wanted = {term for text in searched for term in terms(text)}
        prefix = request.scope.path_prefix
        scored = [
            (self._score(wanted, each), each) for each in self.passages if urlsplit(each.uri).path.startswith(prefix)
        ]
        scored.sort(key=lambda pair: -pair[0])
        verdict = (
            AnswerabilityVerdict.ANSWERABILITY_VERDICT_ANSWERABLE
            if scored and scored[0][0] > 0
            else AnswerabilityVerdict.ANSWERABILITY_VERDICT_NOT_COVERED
        )
        if self.doubtful:
            verdict = AnswerabilityVerdict.ANSWERABILITY_VERDICT_WEAK
        corrected = [word for word in self.corrections if any(word in query.text for query in request.queries)]
        return retriever_service_pb2.SearchPassagesResponse(
            passages=[passage for _, passage in scored[: request.limit or 8]],
            answerability=Answerability(verdict=verdict, probability=0.9),
            revision=7,
            site=SITE,
            widening=self.widening,
            degraded=bool(self.degraded_reason),
            degraded_reason=self.degraded_reason,
            corrections=[passages_pb2.Correction(written=word, searched=self.corrections[word]) for word in corrected],
            searched_for=searched if corrected else [],
        )

    def _corrected(self, text: str) -> str:
        for word, searched in self.corrections.items():
            text = text.replace(word, searched)
        return text

    async def GetDocument(
        self, request: retriever_service_pb2.GetDocumentRequest, context: Any
    ) -> retriever_service_pb2.GetDocumentResponse:
        page = [each for each in self.passages if each.document_uri == request.uri]
        if not page:
            raise DocumentNotFound("no such page", uri=request.uri)
        chunks = [Chunk(ordinal=at, anchor=each.anchor, text=each.text) for at, each in enumerate(page)]
        return retriever_service_pb2.GetDocumentResponse(
            document=Document(uri=request.uri, title=page[0].title), chunks=chunks, revision=7
        )

    async def ListDocuments(
        self, request: retriever_service_pb2.ListDocumentsRequest, context: Any
    ) -> retriever_service_pb2.ListDocumentsResponse:
        if self.failure is not None:
            raise self.failure
        summaries = {
            each.document_uri: DocumentSummary(
                uri=each.document_uri, title=each.title, kind=DocumentKind.DOCUMENT_KIND_DOC, locale=each.locale
            )
            for each in self.passages
        }
        return retriever_service_pb2.ListDocumentsResponse(documents=[summaries[uri] for uri in sorted(summaries)])

    @staticmethod
    def _score(wanted: set[str], passage: Passage) -> int:
        return len(wanted & set(terms(f"{passage.title} {' '.join(passage.heading_path)} {passage.text}")))


@dataclass
class Heard:
    """What a caller heard of one turn."""

    events: list[pb.RunTurnResponse] = field(default_factory=list)
    error: ServiceError | None = None

    @property
    def kinds(self) -> list[str]:
        return [event.WhichOneof("event") or "" for event in self.events]

    @property
    def text(self) -> str:
        return "".join(event.text_delta.text for event in self.events)

    @property
    def citations(self) -> list[turn_events_pb2.Citation]:
        return [event.citation_added.citation for event in self.events if event.HasField("citation_added")]

    @property
    def notices(self) -> list[int]:
        return [event.notice.code for event in self.events if event.HasField("notice")]

    @property
    def stages(self) -> list[int]:
        return [event.progress.stage for event in self.events if event.HasField("progress")]

    @property
    def completed(self) -> turn_events_pb2.TurnCompleted:
        last = self.events[-1]
        assert last.HasField("turn_completed"), f"the turn ended with {self.kinds[-3:]} and {self.error!r}"
        return last.turn_completed


@dataclass
class AgentWorld:
    """Everything a test can look at."""

    retriever: FakeRetriever
    emulator: Emulator
    base_url: str
    retriever_target: str
    agent: RunningAgent
    stub: Any

    async def ask(self, *messages: str, timeout_s: float = 20, **fields: Any) -> Heard:
        """One turn, heard to its end; messages alternate, the last one is the reader's."""
        heard = Heard()
        try:
            async for event in self.stub.RunTurn(a_turn(*messages, **fields), timeout=timeout_s):
                heard.events.append(event)
        except grpc.aio.AioRpcError as error:
            heard.error = from_rpc_error(error, service="agent")
        return heard


def a_turn(*messages: str, **fields: Any) -> pb.RunTurnRequest:
    """A turn whose last message is the reader's."""
    roles = (pb.MESSAGE_ROLE_USER, pb.MESSAGE_ROLE_ASSISTANT)
    newest_first = [pb.Message(role=roles[at % 2], text=text) for at, text in enumerate(reversed(messages))]
    fallback = fields.pop("fallback", pb.FALLBACK_POLICY_EXTRACTIVE)
    options = pb.TurnOptions(fallback=fallback, **fields.pop("options", {}))
    return pb.RunTurnRequest(messages=reversed(newest_first), site=SITE, options=options, **fields)


@contextlib.asynccontextmanager
async def retrieving(retriever: FakeRetriever) -> AsyncIterator[str]:
    """The retriever while it listens; gives its target."""
    server = GrpcServer(
        "retriever",
        ServiceSettings(_env_file=None, port=0, drain_timeout_s=0.1),
        [],
        lambda server: retriever_service_pb2_grpc.add_RetrieverServiceServicer_to_server(retriever, server),
    )
    async with running(server):
        yield f"127.0.0.1:{server.port}"


@contextlib.asynccontextmanager
async def agent_world(data_dir: Path, **settings: Any) -> AsyncIterator[AgentWorld]:
    """An agent between a fake retriever and the emulator.

    Args:
        data_dir: For its state.
        settings: Settings of the agent; without `openrouter_api_key` it gets one the emulator knows.
    """
    retriever, emulator = FakeRetriever(), Emulator()
    async with retrieving(retriever) as target, emulating(emulator) as base_url:
        defaults = {
            "openrouter_api_key": KEY,
            "openrouter_base_url": base_url,
            "models": tuple(name for name, tools in emulator.models if tools),
            "first_text_timeout_s": 2.0,
            "requests_per_minute": 1000,
            "requests_per_day": 100_000,
            "drain_timeout_s": 0.1,
        }
        emulator.chat.account.per_minute = emulator.chat.account.per_day = 1_000_000
        async with running_agent(target, data_dir, **{**defaults, **settings}) as (agent, stub):
            yield AgentWorld(retriever, emulator, base_url, target, agent, stub)


@contextlib.asynccontextmanager
async def running_agent(
    retriever_target: str, data_dir: Path, **settings: Any
) -> AsyncIterator[tuple[RunningAgent, Any]]:
    """An agent on a port of its own, and a stub for it."""
    given = AgentSettings(_env_file=None, port=0, retriever_target=retriever_target, data_dir=data_dir, **settings)
    async with (
        serving(given) as agent,
        open_channel(f"127.0.0.1:{agent.port}", ChannelSecurity()) as channel,
    ):
        yield agent, rpc.AgentServiceStub(channel)
