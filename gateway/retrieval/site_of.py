"""Which site a page belongs to."""

from collections.abc import Iterable

from docs_chat.retriever.v1 import documents_pb2


def site_of(uri: str, sites: Iterable[documents_pb2.Site]) -> str:
    """The site whose pages begin like this; of several the one with the longest base URL; empty when there is none."""
    fitting = [site.profile for site in sites if _lies_below(uri, site.profile.base_url)]
    return max(fitting, key=lambda profile: len(profile.base_url)).site if fitting else ""


def _lies_below(uri: str, base_url: str) -> bool:
    base = base_url.rstrip("/")
    return uri == base or uri.startswith((f"{base}/", f"{base}?", f"{base}#"))
