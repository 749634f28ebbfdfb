"""Reading pages of the published revision: one whole, or the list of all."""

from dataclasses import dataclass

from services.retriever.documents import Chunk, Document, PointKind, stored_chunk, stored_document
from services.retriever.scope import Scope, listing_where
from services.retriever.sites import Sites
from services.retriever.store import Where
from services.runtime.errors import DocumentNotFound, shown


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
    more: bool
    revision: int


class Reading:
    """Reads published sites."""

    def __init__(self, sites: Sites) -> None:
        self._sites = sites

    async def page(self, site: str, uri: str) -> WholePage:
        """One page whole.

        Raises:
            DocumentNotFound: If the published revision has no such page.
        """
        published = await self._sites.published(site)
        records = await published.store.select(published.visible & Where(any_of={"uri": (uri,)}))
        documents = [record.payload for record in records if record.payload["point"] == PointKind.DOCUMENT]
        if not documents:
            raise DocumentNotFound(f"no page {shown(uri)} in site {published.name!r}", site=published.name, uri=uri)
        chunks = [stored_chunk(item.payload).chunk for item in records if item.payload["point"] == PointKind.CHUNK]
        chunks.sort(key=lambda chunk: chunk.ordinal)
        return WholePage(stored_document(documents[0]), tuple(chunks), published.revision.number)

    async def list_pages(self, site: str, scope: Scope, *, after: str, limit: int) -> Listing:
        """Pages whose uri comes after the given one."""
        published = await self._sites.published(site)
        where = published.visible & listing_where(scope, published.revision.profile)
        records = await published.store.select(where & Where(any_of={"point": (PointKind.DOCUMENT,)}))
        payloads = sorted((record.payload for record in records), key=lambda payload: payload["uri"])
        rest = [payload for payload in payloads if payload["uri"] > after]
        pages = tuple((stored_document(payload), payload["chunk_count"]) for payload in rest[:limit])
        return Listing(pages, len(rest) > limit, published.revision.number)
