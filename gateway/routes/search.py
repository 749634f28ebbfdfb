"""`GET /v1/search`: passages as JSON, quick enough for search-as-you-type."""

import time
from typing import Annotated, Any, Literal

from docs_chat.retriever.v1 import passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from fastapi import APIRouter, Query, Request

from gateway.retrieval.translate import KINDS, passage_summary, verdict_name, widening_data
from gateway.routes.callers import count_request, gateway_of
from gateway.routes.doors import Door
from services.runtime.errors import InvalidQuery

router = APIRouter(prefix="/v1", route_class=Door)
_NOT_BLANK = r"[^\s\x1c-\x1f]"
"""Told in the contract too, so that programs that are made from it send nothing that is refused."""


@router.get("/search")
async def search(
    request: Request,
    *,
    q: Annotated[str, Query(min_length=1, max_length=8000, pattern=_NOT_BLANK)],
    site: Annotated[str, Query(pattern=r"^[a-z0-9-]{0,64}$")] = "",
    version: Annotated[list[str], Query(max_length=20, default_factory=list)],
    docs_instance: Annotated[str, Query(max_length=100)] = "",
    locale: Annotated[str, Query(max_length=35)] = "",
    kind: Annotated[list[Literal["doc", "blog", "page"]], Query(max_length=3, default_factory=list)],
    path_prefix: Annotated[str, Query(max_length=500)] = "",
    page_uri: Annotated[str, Query(max_length=2000)] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 8,
) -> dict[str, Any]:
    """Passages by falling relevance; finding none is an answer."""
    gateway = gateway_of(request)
    if not q.strip():
        raise InvalidQuery("q holds nothing but blanks")
    await count_request(request)
    started = time.perf_counter()
    scope = passages_pb2.Scope(
        versions=version,
        locale=locale,
        kinds=[KINDS[name] for name in kind],
        path_prefix=path_prefix,
        docs_instance=docs_instance,
    )
    found = await gateway.retriever.search(
        pb.SearchPassagesRequest(
            site=site,
            default_site=gateway.settings.site,
            queries=[pb.Query(text=q)],
            scope=scope,
            limit=limit,
            context_tokens=-1,  # a list of results shows a snippet, not a whole idea
            page_uri=page_uri,
            highlight=True,
        )
    )
    return _results(q, found) | {"took_ms": round((time.perf_counter() - started) * 1000, 1)}


def _results(query: str, found: pb.SearchPassagesResponse) -> dict[str, Any]:
    results: dict[str, Any] = {
        "query": query,
        "site": found.site,
        "revision": found.revision,
        "answerability": verdict_name(found.answerability),
        "degraded": found.degraded,
        "passages": [
            passage_summary(passage) | {"relevance": round(passage.relevance_score, 4)} for passage in found.passages
        ],
    }
    if found.searched_for:
        results["searched_for"] = found.searched_for[0]
    if found.HasField("widening"):
        results["widening"] = widening_data(found.widening)
    return results
