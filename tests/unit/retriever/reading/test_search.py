"""Search over a small site: scope, widening, degradation, sections, cache."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from services.retriever.documents import Chunk, Document
from services.retriever.reading.candidates import Query
from services.retriever.reading.request import SearchRequest, SearchResult
from services.retriever.reading.scope import Scope
from services.retriever.reading.search import Search
from services.retriever.sites.manifest import SiteProfile, SiteVersion
from services.retriever.sites.sites import Sites
from services.retriever.writing.indexing import Indexing
from services.retriever.writing.page_points import PageRemoval, PageWrite
from services.retriever.writing.revisions import Revisions
from services.runtime.document_kind import DocumentKind
from services.runtime.errors import InvalidQuery, ProviderUnavailable

VERSIONS = (SiteVersion("2.0", "2.0", True, "default", "/"), SiteVersion("1.0", "1.0", False, "default", "/1.0"))
PROFILE = SiteProfile("garden", "https://example.org/", "Garden", VERSIONS, ("en",))


def page(slug: str, text: str, *, version: str = "2.0", headings: tuple[str, ...] = ("Top",)) -> PageWrite:
    uri = f"https://example.org/{slug}"
    document = Document(uri, slug, DocumentKind.DOC, version, "en", text, text, plugin_id="default")
    return PageWrite(document, (Chunk(0, headings[-1].lower(), headings, text, text),))


PAGES = (
    page("hoses", "Connect the drip hose to the tap and open it slowly."),
    page("1.0/hoses", "Connect the rubber hose with two clamps.", version="1.0"),
    page("1.0/sprinklers", "Sprinklers need a pressure of three bar.", version="1.0"),
    page("compost", "Turn the compost heap every second week."),
)


@pytest.fixture
async def sites(make_sites: Callable[..., Sites]) -> Sites:
    sites: Sites = make_sites()
    await sites.open_all()
    await publish(sites, *PAGES)
    return sites


async def publish(sites: Sites, *pages: PageWrite) -> None:
    async def stream() -> AsyncIterator[PageWrite | PageRemoval]:
        for write in pages:
            yield write

    revisions = Revisions(sites)
    _, opened = await revisions.begin(PROFILE, "test")
    await Indexing(sites, revisions).write("garden", opened.number, stream())
    await revisions.publish("garden", opened.number)


async def find(sites: Sites, text: str, **options: Any) -> SearchResult:
    return await Search(sites).find("garden", SearchRequest((Query(text),), **options))


def uris(result: SearchResult) -> list[str]:
    return [passage.page.uri.removeprefix("https://example.org/") for passage in result.passages]


async def test_only_the_last_version_is_searched_unless_asked(sites: Sites) -> None:
    assert {passage.page.version for passage in (await find(sites, "connect the hose")).passages} == {"2.0"}
    older = await find(sites, "connect the hose", scope=Scope(versions=("1.0",)))
    assert {passage.page.version for passage in older.passages} == {"1.0"}
    assert uris(older)[0] == "1.0/hoses"


async def test_without_an_embedder_words_still_find_and_the_answer_says_so(sites: Sites, embedder: Any) -> None:
    embedder.is_down = True
    result = await find(sites, "compost heap")
    assert uris(result)[0] == "compost"
    assert "words were searched, meaning was not" in result.degraded_reason
    assert result.passages[0].found.scores.dense is None


async def test_a_degraded_result_is_not_kept(sites: Sites, embedder: Any) -> None:
    search, request = Search(sites), SearchRequest((Query("compost"),))
    embedder.is_down = True
    assert (await search.find("garden", request)).degraded_reason
    embedder.is_down = False
    assert not (await search.find("garden", request)).degraded_reason


async def test_the_same_search_is_answered_from_memory_until_the_site_changes(sites: Sites, embedder: Any) -> None:
    search, request = Search(sites), SearchRequest((Query("compost"),))
    first = await search.find("garden", request)
    embedder.is_down = True
    assert (await search.find("garden", request)).passages == first.passages
    embedder.is_down = False
    await publish(sites, page("compost", "Compost is bought in bags."))
    assert "bags" in (await search.find("garden", request)).passages[0].text


async def test_the_same_search_at_the_same_moment_is_made_once(sites: Sites, embedder: Any) -> None:
    search, request = Search(sites, cached=0), SearchRequest((Query("compost"),))
    embedder.asked.clear()
    first, second = await asyncio.gather(search.find("garden", request), search.find("garden", request))
    assert first.passages == second.passages
    assert embedder.asked == ["compost"]


async def test_a_site_that_was_deleted_and_made_anew_is_not_answered_from_memory(sites: Sites) -> None:
    search, request = Search(sites), SearchRequest((Query("compost"),))
    assert "heap" in (await search.find("garden", request)).passages[0].text
    await sites.drop("garden")
    await publish(sites, page("compost", "Compost is bought in bags."))
    assert "bags" in (await search.find("garden", request)).passages[0].text


async def test_several_queries_are_fused(sites: Sites) -> None:
    request = SearchRequest((Query("compost heap"), Query("drip hose")))
    assert set(uris(await Search(sites).find("garden", request))[:2]) == {"compost", "hoses"}


async def test_a_section_appears_once(sites: Sites) -> None:
    chunks = tuple(
        Chunk(part, "long", ("Long",), f"pruning shears part {part}", f"h{part}", part=part) for part in range(4)
    )
    document = Document(
        "https://example.org/long", "Long", DocumentKind.DOC, "2.0", "en", "x", "x", plugin_id="default"
    )
    await publish(sites, PageWrite(document, chunks))
    result = await find(sites, "pruning shears")
    assert uris(result).count("long") == 1
    assert [part.chunk.part for part in result.passages[0].chunks] == [0, 1, 2, 3]


async def test_fewer_passages_than_asked_when_there_are_no_more(sites: Sites) -> None:
    assert 0 < len((await find(sites, "hose", limit=50)).passages) <= 2


class ByLength:
    """A second model that prefers short texts, until it is down."""

    def __init__(self) -> None:
        self.is_down = False

    async def relevances(self, question: str, texts: Sequence[str]) -> list[float]:
        if self.is_down:
            raise ProviderUnavailable("down")
        return [1 / len(text) for text in texts]

    async def close(self) -> None:
        pass


async def test_a_second_model_orders_the_passages_and_sees_more_than_are_shown(sites: Sites) -> None:
    request = SearchRequest((Query("connect the drip hose, turn the compost heap"),), limit=1)
    assert uris(await Search(sites).find("garden", request)) == ["hoses"]
    result = await Search(sites, reranker=ByLength()).find("garden", request)
    assert uris(result) == ["compost"]
    assert not result.degraded_reason


async def test_without_the_second_model_the_order_of_the_search_stands_and_it_is_said(sites: Sites) -> None:
    model = ByLength()
    search, request = Search(sites, reranker=model), SearchRequest((Query("connect the drip hose, turn the compost"),))
    model.is_down = True
    result = await search.find("garden", request)
    assert uris(result) == uris(await Search(sites).find("garden", request))
    assert "orders the passages" in result.degraded_reason
    model.is_down = False
    assert not (await search.find("garden", request)).degraded_reason


async def test_nothing_to_search_for_is_refused(sites: Sites) -> None:
    with pytest.raises(InvalidQuery):
        await find(sites, "?!")
