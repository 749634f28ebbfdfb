"""Asking the retriever what it finds, and whether the wanted pages are there to be found at all."""

import asyncio
import time
from collections.abc import Sequence

from docs_chat.retriever.v1 import passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from cli.eval_metrics import Outcome, Question, normal, page_of

_AT_ONCE = 4
_LIMIT = 10
_LISTED = 1_000


async def ask_all(
    retriever: "rpc.RetrieverServiceAsyncStub", questions: Sequence[Question], *, timeout_s: float
) -> list[Outcome]:
    """What search finds for each question, in the order of the questions."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def ask(question: Question) -> Outcome:
        async with slots:
            started = time.perf_counter()
            response = await retriever.SearchPassages(_request(question), timeout=timeout_s)
            return _outcome(question, response, time.perf_counter() - started)

    return list(await asyncio.gather(*map(ask, questions)))


async def wanted_but_not_indexed(
    retriever: "rpc.RetrieverServiceAsyncStub", questions: Sequence[Question], *, timeout_s: float
) -> list[str]:
    """Pages that questions want and no search can find, because their site does not have them."""
    missing: dict[str, None] = {}
    for site in dict.fromkeys(question.site for question in questions):
        known = await _pages(retriever, site, timeout_s)
        wanted = (page_of(place) for question in questions if question.site == site for place in question.gold)
        missing |= dict.fromkeys(page for page in wanted if page not in known)
    return list(missing)


async def _pages(retriever: "rpc.RetrieverServiceAsyncStub", site: str, timeout_s: float) -> set[str]:
    pages: set[str] = set()
    request = pb.ListDocumentsRequest(site=site, page_size=_LISTED)
    while True:
        response = await retriever.ListDocuments(request, timeout=timeout_s)
        pages.update(page_of(document.uri) for document in response.documents)
        if not response.next_page_token:
            return pages
        request.page_token = response.next_page_token


def _request(question: Question) -> pb.SearchPassagesRequest:
    versions = [question.version] if question.version else []
    return pb.SearchPassagesRequest(
        site=question.site,
        queries=[pb.Query(text=question.text)],
        scope=passages_pb2.Scope(versions=versions, locale=question.locale),
        limit=_LIMIT,
        context_tokens=-1,
    )


def _outcome(question: Question, response: pb.SearchPassagesResponse, seconds: float) -> Outcome:
    verdict = passages_pb2.AnswerabilityVerdict.Name(response.answerability.verdict)
    return Outcome(
        question,
        tuple(normal(passage.uri) for passage in response.passages),
        verdict.removeprefix("ANSWERABILITY_VERDICT_"),
        seconds,
        tuple(" › ".join((passage.title, *passage.heading_path)) for passage in response.passages),
    )
