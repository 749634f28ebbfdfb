"""Pages of a published site: listed in parts, each of which reads no more than it shows."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from services.retriever.documents import Chunk, Document
from services.retriever.reading.page_reader import PageReader
from services.retriever.reading.scope import Scope
from services.retriever.sites.manifest import SiteProfile
from services.retriever.sites.sites import Sites
from services.retriever.writing.indexing import Indexing
from services.retriever.writing.page_points import PageRemoval, PageWrite
from services.retriever.writing.revisions import Revisions
from services.runtime.document_kind import DocumentKind

PROFILE = SiteProfile("garden", "https://example.org/", "Garden", (), ("en",))
NAMES = ("apple", "beet", "carrot", "dill", "elder")


async def publish(sites: Sites, *writes: PageWrite | PageRemoval) -> None:
    async def stream() -> AsyncIterator[PageWrite | PageRemoval]:
        for write in writes:
            yield write

    revisions = Revisions(sites)
    _, opened = await revisions.begin(PROFILE, "test")
    await Indexing(sites, revisions).write("garden", opened.number, stream())
    await revisions.publish("garden", opened.number)


def page(name: str, *, kind: DocumentKind = DocumentKind.DOC) -> PageWrite:
    document = Document(uri(name), name, kind, "", "en", name, name)
    return PageWrite(document, (Chunk(0, "", (), f"{name} grows", name),))


def uri(name: str) -> str:
    return f"https://example.org/{name}"


@pytest.fixture
async def sites(make_sites: Callable[..., Sites]) -> Sites:
    sites: Sites = make_sites()
    await sites.open_all()
    await publish(sites, *(page(name) for name in reversed(NAMES)), page("news", kind=DocumentKind.BLOG))
    return sites


async def listed(reader: PageReader, *, limit: int, scope: Scope | None = None) -> list[list[str]]:
    parts: list[list[str]] = []
    after = ""
    while True:
        listing = await reader.list_pages("garden", scope or Scope(), after=after, limit=limit)
        parts.append([document.title for document, _ in listing.pages])
        if not (after := listing.next_after):
            return parts


async def test_pages_come_by_rising_uri_part_after_part(sites: Sites) -> None:
    reader = PageReader(sites)
    assert await listed(reader, limit=2) == [["apple", "beet"], ["carrot", "dill"], ["elder", "news"]]
    assert await listed(reader, limit=99) == [[*NAMES, "news"]]
    assert await listed(reader, limit=5, scope=Scope(kinds=(DocumentKind.DOC,))) == [list(NAMES)]


async def test_a_part_of_the_list_reads_only_its_own_pages(sites: Sites, engine: Any) -> None:
    engine.payloads_read.clear()
    await PageReader(sites).list_pages("garden", Scope(), after=uri("beet"), limit=2)
    assert engine.payloads_read == [uri("carrot"), uri("dill")]


async def test_addresses_are_read_once_for_a_whole_list(sites: Sites, engine: Any) -> None:
    reader = PageReader(sites)
    engine.selections = 0
    await listed(reader, limit=1)
    assert engine.selections == 1


async def test_a_list_goes_on_in_the_revision_that_is_published_by_then(sites: Sites) -> None:
    reader = PageReader(sites)
    first = await reader.list_pages("garden", Scope(), after="", limit=2)
    await publish(sites, PageRemoval(uri("carrot")), page("chard"))
    rest = await reader.list_pages("garden", Scope(), after=first.next_after, limit=2)
    assert [document.title for document, _ in rest.pages] == ["chard", "dill"]
    assert rest.revision == first.revision + 1
