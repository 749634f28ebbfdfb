"""Pages as Markdown, and `llms.txt`: what the index holds, for people's own language models."""

from typing import Annotated

from docs_chat.retriever.v1 import documents_pb2 as documents
from docs_chat.retriever.v1 import passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from gateway.mcp.pages import page_text
from gateway.parts import Gateway
from gateway.retrieval.llms_text import llms_txt, released
from gateway.retrieval.site_of import site_of
from gateway.routes.callers import count_request, gateway_of
from gateway.routes.doors import Door
from services.runtime.errors import DocumentNotFound, SiteNotFound

router = APIRouter(prefix="/v1", route_class=Door)

_PAGES_AT_ONCE = 1000
_MOST_PAGES = 10_000
"""A longer list ends here; it would be longer than what any model reads."""
_MARKDOWN = "text/markdown; charset=utf-8"


@router.get("/pages.md")
async def page_as_markdown(
    request: Request,
    *,
    uri: Annotated[str, Query(min_length=1, max_length=2000)],
    site: Annotated[str, Query(pattern=r"^[a-z0-9-]{0,64}$")] = "",
) -> Response:
    """One page as Markdown, as it was indexed."""
    gateway = gateway_of(request)
    await count_request(request)
    if not site:
        site = site_of(uri, (await gateway.retriever.list_sites()).sites)
    page = await _page(gateway, site, uri.partition("#")[0])
    return _markdown(page_text(page) + "\n")


@router.get("/sites/{site}/llms.txt")
async def llms(
    request: Request,
    site: str,
    *,
    version: Annotated[str, Query(max_length=100)] = "",
    locale: Annotated[str, Query(max_length=35)] = "",
) -> Response:
    """The pages of a site as a list of links to their Markdown: the released versions, in the default locale."""
    gateway = gateway_of(request)
    await count_request(request)
    published = (await gateway.retriever.list_sites()).sites
    profile = next((each.profile for each in published if each.profile.site == site), None)
    if profile is None:
        raise SiteNotFound("no such site is published", site=site)
    pages = await _pages(gateway, site, released(profile, version, locale))
    pages_url = str(request.url.replace(path="/v1/pages.md", query=""))
    return _markdown(llms_txt(profile, pages, pages_url=pages_url))


async def _page(gateway: Gateway, site: str, uri: str) -> pb.GetDocumentResponse:
    """A page may be known with or without a slash at its end."""
    if not site:
        raise DocumentNotFound("no indexed page has this address")
    try:
        return await gateway.retriever.read_page(site, uri)
    except DocumentNotFound:
        return await gateway.retriever.read_page(site, uri.rstrip("/") if uri.endswith("/") else f"{uri}/")


async def _pages(gateway: Gateway, site: str, scope: passages_pb2.Scope) -> list[documents.DocumentSummary]:
    found: list[documents.DocumentSummary] = []
    token = ""
    while len(found) < _MOST_PAGES:
        request = pb.ListDocumentsRequest(site=site, scope=scope, page_size=_PAGES_AT_ONCE, page_token=token)
        listed = await gateway.retriever.list_pages(request)
        found += listed.documents
        token = listed.next_page_token
        if not token:
            break
    return found[:_MOST_PAGES]


def _markdown(text: str) -> Response:
    return Response(text, media_type=_MARKDOWN, headers={"Cache-Control": "no-cache"})
