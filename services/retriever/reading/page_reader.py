"""Reads pages of the published revision: one whole, or the list of all, part by part."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

from services.retriever.concurrency.async_cache import AsyncCache
from services.retriever.documents import Chunk, Document
from services.retriever.payloads import PointKind, stored_chunk, stored_document
from services.retriever.reading.locale_addresses import served_address, stored_addresses
from services.retriever.reading.scope import Scope, listing_where
from services.retriever.sites.sites import PublishedSite, Sites
from services.retriever.store.port import Record, Where
from services.runtime.errors import DocumentNotFound, shown

_LISTS_KEPT = 8
"""Lists whose addresses are kept while somebody goes through them, some 150 bytes a page."""


@dataclass(frozen=True, slots=True)
class WholePage:
    """A page with all its chunks in reading order."""

    document: Document
    chunks: tuple[Chunk, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class Listing:
    """Some pages by rising uri, each with its number of chunks."""

    pages: tuple[tuple[Document, int], ...]
    next_after: str
    """The uri after which the next part of the list begins; empty at its end."""
    revision: int


class _Address(NamedTuple):
    uri: str
    point: str


_Key: TypeAlias = tuple[tuple[str, int, float], Scope]


class PageReader:
    """Reads published sites."""

    def __init__(self, sites: Sites) -> None:
        self._sites = sites
        self._addresses: AsyncCache[_Key, list[_Address]] = AsyncCache(_LISTS_KEPT)

    async def page(self, site: str, uri: str) -> WholePage:
        """One page whole, by its own address or the one at which a locale serves it untranslated.

        Raises:
            DocumentNotFound: If the published revision has no such page.
        """
        published = await self._sites.published(site)
        for stored in stored_addresses(uri, published.revision.profile):
            records = await published.store.select(published.visible & Where(any_of={"uri": (stored,)}))
            page = _whole_page(records, published)
            if page is not None and uri in _addresses(page.document, published):
                return replace(page, document=replace(page.document, uri=uri))
        raise DocumentNotFound(f"no page {shown(uri)} in site {published.name!r}", site=published.name, uri=uri)

    async def list_pages(self, site: str, scope: Scope, *, after: str, limit: int) -> Listing:
        """At most `limit` pages whose uri comes after the given one.

        The engine cannot sort by uri, so the addresses of a list are read once; pages themselves only when shown.
        """
        published = await self._sites.published(site)
        addresses = await self._addresses.get((published.identity, scope), lambda: _read_addresses(published, scope))
        start = bisect_right(addresses, after, key=lambda address: address.uri)
        shown = addresses[start : start + limit]
        records = await published.store.fetch([address.point for address in shown]) if shown else []
        payloads = sorted((record.payload for record in records), key=lambda payload: payload["uri"])
        pages = tuple((stored_document(payload), payload["chunk_count"]) for payload in payloads)
        more = start + limit < len(addresses)
        return Listing(pages, shown[-1].uri if more else "", published.revision.number)


def _whole_page(records: Sequence[Record], published: PublishedSite) -> WholePage | None:
    documents = [record.payload for record in records if record.payload["point"] == PointKind.DOCUMENT]
    if not documents:
        return None
    chunks = [stored_chunk(item.payload).chunk for item in records if item.payload["point"] == PointKind.CHUNK]
    chunks.sort(key=lambda chunk: chunk.ordinal)
    return WholePage(stored_document(documents[0]), tuple(chunks), published.revision.number)


def _addresses(document: Document, published: PublishedSite) -> set[str]:
    """Where a page is served."""
    profile = published.revision.profile
    return {document.uri, *(served_address(document, locale, profile) for locale in document.untranslated_in)}


async def _read_addresses(published: PublishedSite, scope: Scope) -> list[_Address]:
    where = published.visible & listing_where(scope, published.revision.profile)
    pages = where & Where(any_of={"point": (PointKind.DOCUMENT,)})
    records = await published.store.select(pages, fields=("uri",))
    return sorted(_Address(record.payload["uri"], record.id) for record in records)
