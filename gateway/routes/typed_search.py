"""`GET /v1/search/sections`: what is being typed into a search box, answered at every keystroke."""

import time
from typing import Annotated, Any, Literal

from docs_chat.retriever.v1 import passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from gateway.http.disconnects import unless_disconnected
from gateway.retrieval.found_pages import page_data
from gateway.retrieval.translate import KINDS, widening_data
from gateway.routes.callers import count_typed_search, gateway_of
from gateway.routes.doors import Door

router = APIRouter(prefix="/v1", route_class=Door)


@router.get("/search/sections", response_model=dict[str, Any])
async def search_sections(
    request: Request,
    *,
    q: Annotated[str, Query(min_length=1, max_length=500)],
    site: Annotated[str, Query(pattern=r"^[a-z0-9-]{0,64}$")] = "",
    version: Annotated[list[str], Query(max_length=20, default_factory=list)],
    docs_instance: Annotated[str, Query(max_length=100)] = "",
    locale: Annotated[str, Query(max_length=35)] = "",
    kind: Annotated[list[Literal["doc", "blog", "page"]], Query(max_length=3, default_factory=list)],
    path_prefix: Annotated[str, Query(max_length=500)] = "",
    page_uri: Annotated[str, Query(max_length=2000)] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
    per_page: Annotated[int, Query(ge=1, le=10)] = 4,
) -> Response:
    """Pages and their sections that fit what was typed so far, best first; finding none is an answer."""
    started = time.perf_counter()
    gateway = gateway_of(request)
    await count_typed_search(request)
    asked = pb.SearchSectionsRequest(
        site=site,
        text=q,
        scope=passages_pb2.Scope(
            versions=version,
            locale=locale,
            kinds=[KINDS[name] for name in kind],
            path_prefix=path_prefix,
            docs_instance=docs_instance,
        ),
        limit=limit,
        sections_per_page=per_page,
        page_uri=page_uri,
        default_site=gateway.settings.site,
    )

    async def answer() -> Response:
        return _response(q, await gateway.retriever.search_sections(asked), started)

    # The next keystroke makes the browser drop this request; the search then stops as well.
    return await unless_disconnected(request, answer())


def _response(query: str, found: pb.SearchSectionsResponse, started: float) -> Response:
    body: dict[str, Any] = {
        "query": query,
        "searched_for": found.corrected_text or None,
        "site": found.site,
        "revision": found.revision,
        "complete": found.complete_count,
        "pages": [page_data(page) for page in found.pages],
    }
    if found.HasField("widening"):
        body["widening"] = widening_data(found.widening)
    return JSONResponse(body | {"took_ms": round((time.perf_counter() - started) * 1000, 1)})
