"""The order of the passages by a second model, where one is configured."""

import logging
import time
from dataclasses import dataclass, replace

from services.retriever.reading.passages import Found
from services.retriever.reading.request import SearchRequest
from services.retriever.reading.reranker import Reranker
from services.runtime.embedding_input import embedding_input
from services.runtime.errors import ProviderRefused, ProviderUnavailable

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """The passages to show, best first."""

    found: list[Found]
    rerank_s: float | None = None
    """What the second model took, if it was asked."""
    problem: str = ""
    """Why it could not be followed, for the reader."""


async def reordered(found: list[Found], request: SearchRequest, reranker: Reranker | None) -> Order:
    """The passages as the second model orders them, or as they are when it is not there or does not answer."""
    if reranker is None or len(found) < 2:
        return Order(found[: request.limit])
    texts = [
        embedding_input(item.chunk.document.title, item.chunk.section.heading_path, item.chunk.chunk.text)
        for item in found
    ]
    question = " ".join(dict.fromkeys(query.text for query in request.queries))
    started = time.perf_counter()
    try:
        scores = await reranker.relevances(question, texts)
    except (ProviderUnavailable, ProviderRefused) as error:
        logger.warning("passages are not reranked", extra={"why": error.message})
        problem = "the model that orders the passages does not answer"
        return Order(found[: request.limit], time.perf_counter() - started, problem)
    judged = [
        replace(item, relevance=score, scores=replace(item.scores, rerank=score))
        for item, score in zip(found, scores, strict=True)
    ]
    best_first = sorted(judged, key=lambda item: -item.relevance)
    return Order(best_first[: request.limit], time.perf_counter() - started)
