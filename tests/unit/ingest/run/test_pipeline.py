"""One ingestion against a small working index: what is read, written, published, and left alone."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from docs_chat.retriever.v1 import documents_pb2 as pb

from services.ingest.chunking.tokens import ChunkingProfile
from services.ingest.document import (
    Block,
    BlockKind,
    Document,
    Page,
    PageUnreadable,
    Problem,
    Section,
    Severity,
    SitePages,
)
from services.ingest.run.events import IngestEvent, PageDone, PageOutcome, ProblemFound, Progress, Summary
from services.ingest.run.pipeline import IngestOptions, ingest_site, site_name
from services.ingest.run.plan import profile_hash, vanished_pages
from services.ingest.run.preparation import without_foreign_addresses
from services.ingest.run.site_index import KnownPage, KnownSite, OpenRevision, PageWrite, WriteCounts
from services.runtime.document_kind import DocumentKind
from services.runtime.errors import (
    IndexUnavailable,
    InvalidSource,
    RevisionConflict,
    RevisionNotOpen,
    ServiceError,
    SuspiciousSource,
)

ROOT = "https://docs.example.org/"


@dataclass
class FakeSite:
    """A `Source` over a dictionary of path → text; a text of None cannot be read."""

    texts: dict[str, str | None]
    reads: list[str] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()
    duplicate: bool = False
    addresses: dict[str, str] = field(default_factory=dict)
    """Of pages that have another one than their path says."""
    anchors: dict[str, str] = field(default_factory=dict)
    root: str = ROOT

    def scan(self) -> SitePages:
        pages = [
            Page(self.addresses.get(path, ROOT + path), f"{path}.md", DocumentKind.DOC, "en", "current")
            for path in sorted(self.texts)
        ]
        pages = pages + pages[-1:] if self.duplicate else pages
        return SitePages("Docs", self.root, ("en",), (), tuple(pages), problems=self.problems)

    def read(self, page: Page) -> Document:
        self.reads.append(page.source_path)
        text = self.texts[page.source_path.removesuffix(".md")]
        if text is None:
            raise PageUnreadable(Problem(Severity.ERROR, "page-unreadable", "broken", page.source_path))
        blocks = tuple(Block(BlockKind.PROSE, line) for line in text.splitlines())
        anchor = self.anchors.get(page.source_path.removesuffix(".md"), "")
        return Document(page, "Title", (), (Section(anchor, (), blocks),), (page.source_path,))

    def raw_parts(self, page: Page) -> Sequence[bytes]:
        text = self.texts[page.source_path.removesuffix(".md")] or ""
        return [line.encode() for line in text.splitlines()]

    def source_hash(self, page: Page, source_paths: Sequence[str]) -> str:
        return hashlib.sha256(str(self.texts[page.source_path.removesuffix(".md")]).encode()).hexdigest()


class FakeIndex:
    """A `SiteIndex` in memory: a revision is seen only once it is published."""

    def __init__(self) -> None:
        self.published: dict[str, PageWrite] = {}
        self.revision = 0
        self.last_number = 0
        self.open: OpenRevision | None = None
        self.draft: dict[str, PageWrite] = {}
        self.profile = pb.SiteProfile()
        self.owner_is_alive = False
        self.reembedded = False
        self.batches: list[int] = []
        self.renewals = asyncio.Event()
        self.write_failure: ServiceError | None = None
        self.hold_writes: asyncio.Event | None = None
        self.writing = asyncio.Event()
        self.lease_s = 60.0

    async def chunking_profile(self) -> ChunkingProfile:
        return ChunkingProfile("fake", 64)

    async def known_site(self, site: str) -> KnownSite:
        pages = {uri: _known(write) for uri, write in self.published.items()}
        return KnownSite(self.revision, self.site(), pages) if self.revision else KnownSite(0, pb.Site(), {})

    async def begin(self, profile: pb.SiteProfile, *, take_over: bool, reembed: bool) -> OpenRevision:
        if self.owner_is_alive and not take_over:
            raise RevisionConflict("another run is writing", owner="host")
        self.reembedded = reembed
        self.last_number += 1
        self.open = OpenRevision(profile.site, self.last_number, self.revision, self.lease_s)
        self.draft, self.draft_profile = dict(self.published), profile
        return self.open

    async def renew(self, revision: OpenRevision) -> None:
        self._check(revision)
        self.renewals.set()

    async def write(
        self, revision: OpenRevision, pages: Sequence[PageWrite], removed_uris: Sequence[str] = ()
    ) -> WriteCounts:
        self._check(revision)
        self.writing.set()
        if self.hold_writes:
            await self.hold_writes.wait()
        if self.write_failure:
            raise self.write_failure
        self.batches.append(len(pages))
        self.draft |= {page.split.document.page.uri: page for page in pages}
        for uri in removed_uris:
            self.draft.pop(uri, None)
        return WriteCounts(embedded=sum(len(page.split.chunks) for page in pages))

    async def publish(self, revision: OpenRevision) -> pb.Site:
        self._check(revision)
        self.published, self.profile, self.revision, self.open = self.draft, self.draft_profile, revision.number, None
        return self.site()

    async def abandon(self, revision: OpenRevision) -> None:
        self._check(revision)
        self.open = None

    def site(self) -> pb.Site:
        return pb.Site(profile=self.profile, revision=self.revision, document_count=len(self.published))

    def _check(self, revision: OpenRevision) -> None:
        if self.open != revision:
            raise RevisionNotOpen("not the open revision")


def _known(write: PageWrite) -> KnownPage:
    document = write.split.document
    return KnownPage(
        document.page.uri, write.split.content_hash, write.source_hash, document.source_paths, len(write.split.chunks)
    )


class Run:
    """Runs ingestions and keeps their events."""

    def __init__(self, index: FakeIndex | None = None) -> None:
        self.index = index or FakeIndex()
        self.events: list[IngestEvent] = []

    async def __call__(self, site: FakeSite, options: IngestOptions | None = None) -> Summary:
        self.events.clear()
        site.reads.clear()

        async def emit(event: IngestEvent) -> None:
            self.events.append(event)

        await ingest_site(site, options or IngestOptions(), self.index, emit)
        summary = self.events[-1]
        assert isinstance(summary, Summary)
        return summary

    def problems(self) -> list[tuple[str, str]]:
        found = [event.problem for event in self.events if isinstance(event, ProblemFound)]
        return [(problem.code, problem.source_path) for problem in found]

    def outcomes(self) -> dict[str, PageOutcome]:
        return {event.uri.removeprefix(ROOT): event.outcome for event in self.events if isinstance(event, PageDone)}


@pytest.fixture
def run() -> Run:
    return Run()


def three_pages() -> FakeSite:
    return FakeSite({"a": "Alpha.", "b": "Beta.", "c": "Gamma."})


async def test_a_new_site_is_published_as_one_revision(run: Run) -> None:
    summary = await run(three_pages())
    assert (summary.published, summary.site.revision) == (True, 1)
    assert set(run.index.published) == {ROOT + "a", ROOT + "b", ROOT + "c"}
    assert run.index.profile.site == "docs-example-org"


async def test_an_unchanged_site_is_neither_read_nor_published(run: Run) -> None:
    await run(three_pages())
    site = three_pages()
    summary = await run(site)
    assert (summary.published, summary.site.revision) == (False, 1)
    assert site.reads == []
    assert summary.pages == {PageOutcome.UNCHANGED: 3}


async def test_only_the_changed_page_is_read_and_written(run: Run) -> None:
    await run(three_pages())
    site = FakeSite(three_pages().texts | {"b": "Beta, now different."})
    summary = await run(site)
    assert site.reads == ["b.md"]
    assert run.outcomes()["b"] is PageOutcome.CHANGED
    assert summary.chunks_embedded == 1


async def test_a_vanished_page_is_taken_out(run: Run) -> None:
    await run(three_pages())
    await run(FakeSite({"a": "Alpha.", "b": "Beta."}))
    assert run.outcomes()["c"] is PageOutcome.REMOVED
    assert set(run.index.published) == {ROOT + "a", ROOT + "b"}


async def test_a_page_that_became_empty_is_taken_out(run: Run) -> None:
    await run(three_pages())
    await run(FakeSite(three_pages().texts | {"c": ""}))
    assert set(run.index.published) == {ROOT + "a", ROOT + "b"}


async def test_an_empty_and_an_unreadable_page_are_named_in_each_run_and_publish_nothing(run: Run) -> None:
    site = FakeSite({"a": "Alpha.", "empty": "", "broken": None})
    await run(site)
    for _ in range(2):
        summary = await run(site)
        assert not summary.published
        problems = [event.problem for event in run.events if isinstance(event, ProblemFound)]
        assert {(problem.code, problem.source_path) for problem in problems} == {
            ("page-empty", "empty.md"),
            ("page-unreadable", "broken.md"),
        }


async def test_an_unreadable_page_keeps_what_the_index_had_and_the_rest_goes_on(run: Run) -> None:
    await run(three_pages())
    before = run.index.published[ROOT + "b"]
    summary = await run(FakeSite({"a": "Alpha two.", "b": None, "c": "Gamma."}))
    assert run.index.published[ROOT + "b"] == before
    assert summary.pages == {PageOutcome.CHANGED: 1, PageOutcome.FAILED: 1, PageOutcome.UNCHANGED: 1}
    assert [event.problem.code for event in run.events if isinstance(event, ProblemFound)] == ["page-unreadable"]


async def test_a_page_whose_route_could_not_be_found_out_has_not_vanished(run: Run) -> None:
    await run(three_pages())
    broken = Problem(Severity.ERROR, "front-matter-unreadable", "broken", "c.md")
    summary = await run(FakeSite({"a": "Alpha.", "b": "Beta."}, problems=(broken,)))
    assert summary.published is False
    assert ROOT + "c" in run.index.published


async def test_full_reads_and_embeds_everything_again(run: Run) -> None:
    await run(three_pages())
    site = three_pages()
    await run(site, IngestOptions(full=True))
    assert len(site.reads) == 3
    assert run.index.reembedded


@pytest.mark.parametrize(
    ("site", "sitemap", "doubt"),
    [
        (FakeSite({}), (), "no pages"),
        (FakeSite({"a": "Alpha."}), (), "2 of the 3 indexed pages have vanished"),
        (three_pages(), ("https://elsewhere.example.org/a",), "matches no address of the sitemap"),
        (replace(three_pages(), duplicate=True), (), "claimed by more than one file"),
    ],
)
async def test_a_source_that_looks_wrong_is_refused_before_anything_is_written(
    run: Run, site: FakeSite, sitemap: tuple[str, ...], doubt: str
) -> None:
    await run(three_pages())
    with pytest.raises(SuspiciousSource, match=doubt):
        await run(site, IngestOptions(sitemap=sitemap))
    assert run.index.last_number == 1


async def test_force_publishes_what_looks_wrong(run: Run) -> None:
    await run(three_pages())
    await run(FakeSite({"a": "Alpha."}), IngestOptions(force=True))
    assert set(run.index.published) == {ROOT + "a"}


async def test_a_new_site_without_any_text_is_an_invalid_source(run: Run) -> None:
    with pytest.raises(InvalidSource, match="none of the pages has any text"):
        await run(FakeSite({"a": "", "b": None}))


async def test_a_second_run_is_refused_unless_it_takes_over(run: Run) -> None:
    run.index.owner_is_alive = True
    with pytest.raises(RevisionConflict):
        await run(three_pages())
    assert (await run(three_pages(), IngestOptions(take_over=True))).published


async def test_a_failing_write_abandons_the_revision(run: Run) -> None:
    await run(three_pages())
    run.index.write_failure = IndexUnavailable("down")
    with pytest.raises(IndexUnavailable):
        await run(FakeSite(three_pages().texts | {"a": "New."}))
    assert (run.index.open, run.index.revision) == (None, 1)


async def test_cancelling_abandons_the_revision(run: Run) -> None:
    run.index.hold_writes = asyncio.Event()
    task = asyncio.create_task(run(three_pages()))
    await run.index.writing.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (run.index.open, run.index.revision) == (None, 0)


async def test_the_lease_is_renewed_while_a_batch_takes_long(run: Run) -> None:
    run.index.lease_s = 0.03
    run.index.hold_writes = asyncio.Event()
    task = asyncio.create_task(run(three_pages()))
    await run.index.renewals.wait()
    run.index.hold_writes.set()
    assert (await task).published


async def test_a_lost_lease_ends_the_run(run: Run) -> None:
    run.index.lease_s = 0.03
    run.index.hold_writes = asyncio.Event()
    task = asyncio.create_task(run(three_pages()))
    await run.index.writing.wait()
    run.index.open = None
    with pytest.raises(RevisionNotOpen):
        await task


async def test_many_pages_go_in_bounded_batches_and_every_page_is_counted_once(run: Run) -> None:
    site = FakeSite({f"page-{n:03}": "One sentence. " * 40 for n in range(120)})
    summary = await run(site)
    assert summary.pages == {PageOutcome.ADDED: 120}
    assert max(run.index.batches) <= 48
    assert summary.chunks_embedded == sum(len(page.split.chunks) for page in run.index.published.values())
    done = [event.pages_done for event in run.events if isinstance(event, Progress)]
    assert done[-1] == 120


async def test_a_changed_title_of_the_site_alone_is_published(run: Run) -> None:
    await run(three_pages())
    run.index.profile.title = "Old title"
    site = three_pages()
    assert (await run(site)).published
    assert site.reads == []


async def test_another_commit_alone_is_no_change(run: Run) -> None:
    await run(three_pages(), IngestOptions(source_commit="one"))
    assert not (await run(three_pages(), IngestOptions(source_commit="two"))).published


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://docs.example.org/", "docs-example-org"),
        ("https://example.org/v2/docs/", "example-org-v2-docs"),
        (f"https://{'long-' * 20}.org/", ("long-" * 20)[:64].rstrip("-")),
    ],
)
def test_a_site_is_named_after_its_address(address: str, name: str) -> None:
    assert site_name(address) == name


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "https://evil.example/b", f"{ROOT}b\n"])
async def test_a_page_that_readers_must_not_be_led_to_is_reported_and_the_rest_goes_on(run: Run, address: str) -> None:
    summary = await run(FakeSite({"a": "Alpha.", "b": "Beta."}, addresses={"b": address}))
    assert run.problems() == [("address-refused", "b.md")]
    assert set(run.index.published) == {ROOT + "a"}
    assert summary.pages == {PageOutcome.FAILED: 1, PageOutcome.ADDED: 1}


def test_what_an_older_version_indexed_under_such_an_address_is_taken_out() -> None:
    address = "javascript:alert(1)"
    known = KnownSite(1, pb.Site(), {address: KnownPage(address, "", "", ("b.md",), 1)})
    site, _ = without_foreign_addresses(FakeSite({"b": "Beta."}, addresses={"b": address}).scan())
    assert [page.uri for page in vanished_pages(site, known)] == [address]


async def test_a_page_with_an_impossible_anchor_is_reported_and_the_rest_goes_on(run: Run) -> None:
    await run(FakeSite({"a": "Alpha.", "b": "Beta."}, anchors={"b": "x\x00"}))
    assert run.problems() == [("anchor-refused", "b.md")]
    assert set(run.index.published) == {ROOT + "a"}


async def test_a_site_without_a_web_address_is_refused(run: Run) -> None:
    site = three_pages()
    site.root = "javascript:alert(1)/"
    with pytest.raises(InvalidSource, match="base URL"):
        await run(site)


def test_another_format_of_the_embedding_input_has_every_page_read_again() -> None:
    assert profile_hash(ChunkingProfile("fake", 64)) != profile_hash(ChunkingProfile("fake", 64, input_format="other"))
