"""`GET /v1/sites`: what can be asked about, and how fresh it is."""

from typing import Any

from docs_chat.retriever.v1 import documents_pb2 as documents
from fastapi import APIRouter, Request

from gateway.routes.callers import count_request, gateway_of
from gateway.routes.doors import Door

router = APIRouter(prefix="/v1", route_class=Door)


@router.get("/sites")
async def sites(request: Request) -> dict[str, Any]:
    """Every published site by name, the default one named."""
    gateway = gateway_of(request)
    await count_request(request)
    published = (await gateway.retriever.list_sites()).sites
    return {"default": gateway.settings.site, "sites": [_site(site) for site in published]}


def _site(site: documents.Site) -> dict[str, Any]:
    return {
        "site": site.profile.site,
        "title": site.profile.title,
        "base_url": site.profile.base_url,
        "locales": list(site.profile.locales),
        "versions": [
            {"name": version.name, "label": version.label, "is_last": version.is_last, "plugin_id": version.plugin_id}
            for version in site.profile.versions
        ],
        "revision": site.revision,
        "source_commit": site.profile.source_commit,
        "published_at": site.published_at.ToJsonString(),
        "documents": site.document_count,
        "chunks": site.chunk_count,
    }
