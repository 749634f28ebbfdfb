"""What is found while somebody types, over a small site whose words are in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.retriever.documents import Chunk, Document
from services.retriever.reading.scope import Scope
from services.retriever.reading.typed.section_search import SectionSearch, TypedRequest, TypedResult
from services.retriever.sites.manifest import LocaleRoot, SiteProfile, SiteVersion
from services.retriever.sites.sites import Sites
from services.retriever.writing.indexing import Indexing
from services.retriever.writing.page_points import PageRemoval, PageWrite
from services.retriever.writing.revisions import Revisions
from services.runtime.document_kind import DocumentKind
from services.runtime.errors import SiteNotFound

VERSIONS = (
    SiteVersion("2.0", "2.0", True, "default", "/"),
    SiteVersion("1.0", "1.0", False, "default", "/1.0"),
    SiteVersion("1.0", "1.0", True, "api", "/api"),
)
PROFILE = SiteProfile("garden", "https://example.org/", "Garden", VERSIONS, ("en", "zh"))
Section = tuple[Sequence[str], str]


def page(
    slug: str,
    title: str,
    *sections: Section,
    version: str = "2.0",
    locale: str = "en",
    kind: DocumentKind = DocumentKind.DOC,
    plugin_id: str = "default",
) -> PageWrite:
    uri = f"https://example.org/{slug}"
    document = Document(uri, title, kind, version, locale, str(sections), str(sections), plugin_id=plugin_id)
    chunks = [
        Chunk(number, path[-1].lower().replace(" ", "-") if path else "", tuple(path), text, f"{number}{text}")
        for number, (path, text) in enumerate(sections)
    ]
    return PageWrite(document, tuple(chunks))


PAGES = (
    page(
        "install",
        "Installation",
        ((), "How a garden begins."),
        (["With Docker"], "Run `docker compose up` and wait for the **retriever**."),
        (["By hand"], "Dig first. The installer asks for `--max-old-space=4`."),
    ),
    page(
        "config",
        "Configuration",
        (["docusaurus.config.js"], "The file that sets `baseUrl` and @scope/pkg-core."),
        (["Hooks", "useDocusaurusContext"], "Call lib.mock first, then read max_retries."),
    ),
    page("theme", "Theme", (["The colours"], "Choose how the theme looks, and where to put it.")),
    page("news", "Now with Docker", ((), "We installed docker."), kind=DocumentKind.BLOG, version=""),
    page("1.0/sprinklers", "Sprinklers", (["Pressure"], "Three bar."), version="1.0"),
    page("api/valve", "Valve", (["Pressure of the valve"], "Two bar."), version="1.0", plugin_id="api"),
    page("zh/peizhi", "配置", (["配置文件"], "把配置文件放在安装目录。"), (["日志库"], "使用日志。"), locale="zh"),
)


async def publish(sites: Sites, *pages: PageWrite | PageRemoval, profile: SiteProfile = PROFILE) -> None:
    async def stream() -> AsyncIterator[PageWrite | PageRemoval]:
        for write in pages:
            yield write

    revisions = Revisions(sites)
    _, opened = await revisions.begin(profile, "test")
    await Indexing(sites, revisions).write("garden", opened.number, stream())
    await revisions.publish("garden", opened.number)


@pytest.fixture
async def sites(make_sites: Callable[..., Sites]) -> Sites:
    sites: Sites = make_sites()
    await sites.open_all()
    await publish(sites, *PAGES)
    return sites


@pytest.fixture
async def search(sites: Sites) -> AsyncIterator[SectionSearch]:
    search = SectionSearch(sites)
    yield search
    await search.close()


async def find(search: SectionSearch, text: str, **options: Any) -> TypedResult:
    return await search.find("garden", TypedRequest(text, **options))


def places(result: TypedResult) -> list[str]:
    return [
        f"{page.page.uri.removeprefix('https://example.org/')}#{found.section.anchor}"
        for page in result.pages
        for found in page.sections
    ]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("i", "install#"),
        ("inst", "install#"),
        ("installat", "install#"),
        ("dock", "install#with-docker"),
        ("install dock", "install#with-docker"),
        ("docker install", "install#with-docker"),
        ("the colo", "theme#the-colours"),
        ("how to install", "install#"),
        ("where to put the them", "theme#the-colours"),
        ("th", "theme#"),
        ("docusaurus.con", "config#docusaurus.config.js"),
        ("config.js", "config#docusaurus.config.js"),
        ("usedocu", "config#usedocusauruscontext"),
        ("useDocusaurusC", "config#usedocusauruscontext"),
        ("docusaurus cont", "config#usedocusauruscontext"),
        ("lib.mo", "config#usedocusauruscontext"),
        ("mock", "config#usedocusauruscontext"),
        ("max_ret", "config#usedocusauruscontext"),
        ("--max-old", "install#by-hand"),
        ("@scope/pk", "config#docusaurus.config.js"),
        ("pkg-core", "config#docusaurus.config.js"),
        ("baseurl", "config#docusaurus.config.js"),
        ("INSTALLATION", "install#"),
    ],
)
async def test_a_beginning_finds_its_section(search: SectionSearch, typed: str, first: str) -> None:
    assert places(await find(search, typed))[0] == first


@pytest.mark.parametrize(
    ("typed", "meant", "first"),
    [
        ("dokcer", "docker", "install#with-docker"),
        ("dcoke", "docker", "install#with-docker"),
        ("docer compose", "docker compose", "install#with-docker"),
        ("instalaltoin", "installation", "install#"),
        ("retreiver", "retriever", "install#with-docker"),
        ("useDocsaurusContext", "useDocusaurusContext", "config#usedocusauruscontext"),
    ],
)
async def test_a_misspelt_word_finds_what_was_meant_and_says_so(
    search: SectionSearch, typed: str, meant: str, first: str
) -> None:
    result = await find(search, typed)
    assert places(result)[0] == first
    assert result.corrected_text.lower() == meant.lower()


@pytest.mark.parametrize("typed", ["dik", "x2y4", "qqqqqqqq", "9999"])
async def test_what_is_too_far_from_every_word_finds_nothing(search: SectionSearch, typed: str) -> None:
    result = await find(search, typed)
    assert (result.pages, result.corrected_text, result.complete_count) == ((), "", 0)


async def test_a_word_that_is_there_is_not_corrected(search: SectionSearch) -> None:
    assert (await find(search, "docker")).corrected_text == ""


async def test_docs_come_before_news(search: SectionSearch) -> None:
    found = places(await find(search, "docker"))
    assert found.index("install#with-docker") < found.index("news#")


async def test_sections_with_every_word_come_first_and_are_counted(search: SectionSearch) -> None:
    result = await find(search, "docker retriever ")
    assert places(result)[0] == "install#with-docker"
    assert result.complete_count == 1


async def test_words_in_quotes_stand_together(search: SectionSearch) -> None:
    assert places(await find(search, '"docker compose"')) == ["install#with-docker"]
    assert places(await find(search, '"compose docker"')) == []
    assert places(await find(search, '"docker comp')) == ["install#with-docker"]


async def test_chinese_is_found_without_blanks(search: SectionSearch) -> None:
    scope = Scope(locale="zh")
    for typed, first in {
        "配": "zh/peizhi#配置文件",
        "配置": "zh/peizhi#",
        "配置文": "zh/peizhi#配置文件",
        "日志": "zh/peizhi#日志库",
    }.items():
        result = await find(search, typed, scope=scope)
        assert places(result)[0] == first, typed
        assert not result.corrected_text


async def test_readers_find_their_version_and_their_instance(search: SectionSearch) -> None:
    assert places(await find(search, "pressure")) == ["api/valve#pressure-of-the-valve"]
    older = Scope(versions=("1.0",))
    both = places(await find(search, "pressure", scope=older))
    assert both == ["1.0/sprinklers#pressure", "api/valve#pressure-of-the-valve"]
    result = await find(search, "three bar", scope=Scope(versions=("2.0",)))
    assert places(result)[0] == "1.0/sprinklers#pressure"
    assert result.widened_to is not None
    docs = await find(search, "docker", scope=Scope(versions=("1.0",), docs_instance="api"))
    assert places(docs)[0] == "install#with-docker"


async def test_a_page_without_translation_is_found_where_the_readers_locale_serves_it(sites: Sites) -> None:
    english = page("frost", "Frost", (["Fleece"], "Cover the seedlings."))
    untranslated = replace(english, document=replace(english.document, untranslated_in=("zh",)))
    roots = (LocaleRoot("en", "https://example.org/"), LocaleRoot("zh", "https://example.org/zh/"))
    await publish(sites, untranslated, profile=replace(PROFILE, locale_roots=roots))
    search = SectionSearch(sites)
    try:
        result = await find(search, "seedl", scope=Scope(locale="zh"))
    finally:
        await search.close()
    assert [found.uri for found in result.pages] == ["https://example.org/zh/frost"]
    assert result.widened_to is None


async def test_kinds_and_paths_narrow(search: SectionSearch) -> None:
    assert places(await find(search, "docker", scope=Scope(kinds=(DocumentKind.BLOG,)))) == ["news#"]
    assert places(await find(search, "docker", scope=Scope(path_prefix="/ins"))) == ["install#with-docker"]


async def test_one_page_does_not_take_the_whole_list(search: SectionSearch) -> None:
    result = await find(search, "install", sections_per_page=1, limit=2)
    assert len(places(result)) == 2
    assert [len(page.sections) for page in result.pages] == [1, 1]


async def test_what_is_shown_is_plain_text_with_marks(search: SectionSearch) -> None:
    section = (await find(search, "docker retr")).pages[0].sections[0]
    assert section.snippet.text == "Run docker compose up and wait for the retriever."
    assert [section.snippet.text[start:end] for start, end in section.snippet.marks] == ["docker", "retr"]
    (heading,) = section.heading_path
    assert [heading.text[start:end] for start, end in heading.marks] == ["Docker"]


async def test_a_reader_sees_one_revision_whole(search: SectionSearch, sites: Sites) -> None:
    before = await find(search, "docker")
    await publish(sites, page("install", "Installation", (["With Podman"], "Run podman.")))
    after = await find(search, "podman")
    assert (before.revision, after.revision) == (1, 2)
    assert places(after)[0] == "install#with-podman"
    assert "install#with-docker" not in places(await find(search, "docker"))


async def test_only_new_chunks_are_read_for_the_next_revision(
    search: SectionSearch, sites: Sites, make_sites: Any
) -> None:
    await find(search, "docker")
    store: Any = await sites.store("garden")
    await publish(sites, page("install", "Installation", (["With Podman"], "Run podman.")))
    store._engine.payloads_read.clear()
    await find(search, "qqqqqqq")
    assert set(store._engine.payloads_read) == {"https://example.org/install"}


async def test_words_are_gathered_once_for_all_who_wait_even_when_the_first_leaves(
    search: SectionSearch, sites: Sites
) -> None:
    store: Any = await sites.store("garden")
    store._engine.payloads_read.clear()
    first = asyncio.create_task(find(search, "doc"))
    second = asyncio.create_task(find(search, "dock"))
    await asyncio.sleep(0)
    first.cancel()
    assert places(await second)[0] == "install#with-docker"
    read_before_showing = [uri for uri in store._engine.payloads_read if uri.endswith("/theme")]
    assert len(read_before_showing) == 1


async def test_little_room_holds_one_site_at_a_time(sites: Sites) -> None:
    @asynccontextmanager
    async def narrow() -> AsyncIterator[SectionSearch]:
        search = SectionSearch(sites, chunks=1)
        try:
            yield search
        finally:
            await search.close()

    async with narrow() as search:
        assert places(await find(search, "dock"))[0] == "install#with-docker"
        assert places(await find(search, "docke"))[0] == "install#with-docker"


async def test_an_unknown_site_is_told(search: SectionSearch) -> None:
    with pytest.raises(SiteNotFound):
        await search.find("nowhere", TypedRequest("x"))


STRANGE = [
    "",
    " ",
    "...",
    "🎉",
    "\x00\x07",
    "مرحبا",
    "\u202eabc",
    "a" * 500,
    "ö" * 499,
    '"',
    '""',
    "((((",
    "配" * 200,
    "ﷺ",
]


@pytest.mark.parametrize("typed", STRANGE)
async def test_nothing_that_is_typed_is_too_strange(search: SectionSearch, typed: str) -> None:
    result = await find(search, typed)
    assert result.revision == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(max_size=60))
async def test_anything_can_be_typed(search: SectionSearch, typed: str) -> None:
    result = await find(search, typed)
    for page_found in result.pages:
        for section in page_found.sections:
            for text in (page_found.title, *section.heading_path, section.snippet):
                ends = [0, *(place for mark in text.marks for place in mark), len(text.text)]
                assert ends == sorted(ends)
