"""`/docs/…`: the indexed text of sites that were ingested under this gateway's own address, as `make up` does."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from docs_chat.retriever.v1 import documents_pb2 as documents
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from gateway.retrieval.preview import render_document
from gateway.routes.callers import count_request, gateway_of
from gateway.routes.doors import Door
from gateway.routes.pages import CONTENT_POLICY
from services.runtime.errors import DocumentNotFound

router = APIRouter(include_in_schema=False, route_class=Door)

_MAX_PATH_CHARS = 2000
"""No indexed address is longer, so the retriever need not be asked."""


@router.get("/docs")
@router.get("/docs/{path:path}")
async def preview(request: Request, path: str = "") -> Response:
    """One page of a site that has no other place yet."""
    gateway = gateway_of(request)
    await count_request(request)
    raw_path: str = request.scope.get("raw_path", request.url.path.encode()).decode("ascii").split("?")[0]
    if len(raw_path) > _MAX_PATH_CHARS:
        raise DocumentNotFound("no indexed page has such a long address")
    for site, uri in _candidates((await gateway.retriever.list_sites()).sites, raw_path):
        try:
            page = await gateway.retriever.read_page(site, uri)
        except DocumentNotFound:
            continue
        html = render_document(page.document, page.chunks)
        return HTMLResponse(html, headers={"Content-Security-Policy": CONTENT_POLICY, "Cache-Control": "no-cache"})
    raise DocumentNotFound("no indexed page has this address")


def _candidates(sites: Sequence[documents.Site], raw_path: str) -> list[tuple[str, str]]:
    """Sites indexed under an address of this machine, with the page's two possible addresses."""
    paths = (raw_path, raw_path.rstrip("/") if raw_path.endswith("/") else f"{raw_path}/")
    found = []
    for site in sites:
        base = urlsplit(site.profile.base_url)
        if base.hostname in ("127.0.0.1", "localhost", "::1"):
            found += [(site.profile.site, f"{base.scheme}://{base.netloc}{path}") for path in paths]
    return found
