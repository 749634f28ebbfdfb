"""Sites as OpenAI's clients choose them: a model `docs-chat/<site>` each, and `docs-chat` for the default one."""

from collections.abc import Sequence
from typing import Any

from docs_chat.retriever.v1 import documents_pb2 as documents

from gateway.openai.completion_request import MODEL


def models_of(sites: Sequence[documents.Site], default_site: str) -> list[dict[str, Any]]:
    """The models of the published sites.

    Args:
        sites: The published sites.
        default_site: Name of the site that is asked when a request names none; empty for the only one.
    """
    default = _default_site(sites, default_site)
    named = [_model(f"{MODEL}/{site.profile.site}", site) for site in sites]
    return [_model(MODEL, default), *named] if default else named


def _default_site(sites: Sequence[documents.Site], configured: str) -> documents.Site | None:
    """The site that is asked when none is named: the configured one, or the only one."""
    if configured:
        return next((site for site in sites if site.profile.site == configured), None)
    return sites[0] if len(sites) == 1 else None


def _model(name: str, site: documents.Site) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": site.published_at.seconds, "owned_by": "docs-chat"}
