"""Revisions: readers see the old one or the new one, whole, whatever happens in between."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from services.retriever.documents import Chunk, Document
from services.retriever.reading.page_reader import PageReader
from services.retriever.reading.scope import Scope
from services.retriever.sites.manifest import SiteProfile
from services.retriever.sites.sites import Sites
from services.retriever.writing.indexing import Indexing, Outcome
from services.retriever.writing.page_points import PageRemoval, PageWrite
from services.retriever.writing.revisions import Revisions
from services.runtime.document_kind import DocumentKind
from services.runtime.errors import (
    EmbeddingModelMismatch,
    RevisionConflict,
    RevisionNotKept,
    RevisionNotOpen,
    SiteNotFound,
)

PROFILE = SiteProfile("garden", "https://example.org/", "Garden", (), ("en",))
MakeSites = Callable[..., Sites]


def page(slug: str, *texts: str, source_hash: str = "s") -> PageWrite:
    document = Document(f"https://example.org/{slug}", slug, DocumentKind.DOC, "", "en", "|".join(texts), source_hash)
    chunks = tuple(Chunk(number, f"a{number}", (f"H{number}",), text, text) for number, text in enumerate(texts))
    return PageWrite(document, chunks)


class Index:
    """One process on the index."""

    def __init__(self, sites: Sites, kept: int = 1) -> None:
        self.sites = sites
        self.revisions = Revisions(sites, kept_for_roll_back=kept)
        self._indexing = Indexing(sites, self.revisions)

    async def begin(self, **options: Any) -> int:
        _, opened = await self.revisions.begin(PROFILE, "test", **options)
        return opened.number

    async def write(self, revision: int, *writes: PageWrite | PageRemoval) -> dict[Outcome, int]:
        async def stream() -> AsyncIterator[PageWrite | PageRemoval]:
            for write in writes:
                yield write

        return {
            key: count for key, count in (await self._indexing.write("garden", revision, stream())).items() if count
        }

    async def publish(self, *writes: PageWrite | PageRemoval) -> int:
        revision = await self.begin()
        await self.write(revision, *writes)
        await self.revisions.publish("garden", revision)
        return revision

    async def seen(self) -> dict[str, list[str]]:
        """What a reader sees: slug → texts."""
        reading = PageReader(self.sites)
        listing = await reading.list_pages("garden", Scope(), after="", limit=99)
        pages = [await reading.page("garden", document.uri) for document, _ in listing.pages]
        return {whole.document.title: [chunk.text for chunk in whole.chunks] for whole in pages}


async def started(make_sites: MakeSites, **options: Any) -> Index:
    sites = make_sites(**options)
    await sites.open_all()
    return Index(sites)


async def test_an_unchanged_page_is_not_touched(make_sites: MakeSites, engine: Any, embedder: Any) -> None:
    index = await started(make_sites)
    await index.publish(page("a", "one", "two"))
    before = dict(engine.disks["garden"])
    embedder.embedded.clear()
    revision = await index.begin()
    assert await index.write(revision, page("a", "one", "two")) == {Outcome.UNCHANGED: 1}
    assert engine.disks["garden"] == before
    assert embedder.embedded == []


async def test_only_the_changed_chunk_is_embedded(make_sites: MakeSites, embedder: Any) -> None:
    index = await started(make_sites)
    await index.publish(page("a", "one", "two"))
    embedder.embedded.clear()
    revision = await index.begin()
    counts = await index.write(revision, page("a", "one", "changed"))
    assert counts == {Outcome.CHANGED: 1, Outcome.EMBEDDED: 1}
    assert len(embedder.embedded) == 1


async def test_a_moved_text_keeps_its_embedding(make_sites: MakeSites, embedder: Any) -> None:
    index = await started(make_sites)
    await index.publish(page("a", "one"))
    embedder.embedded.clear()
    moved = page("a", "one")
    moved = PageWrite(Document("https://example.org/b", "a", DocumentKind.DOC, "", "en", "one", "s"), moved.chunks)
    revision = await index.begin()
    counts = await index.write(revision, moved, PageRemoval("https://example.org/a"))
    assert counts == {Outcome.ADDED: 1, Outcome.REMOVED: 1, Outcome.REUSED: 1}
    assert embedder.embedded == []


async def test_a_page_written_twice_is_there_once(make_sites: MakeSites) -> None:
    index = await started(make_sites)
    await index.publish(page("a", "one"), page("a", "one"), page("a", "two"), page("a", "one"))
    assert await index.seen() == {"a": ["one"]}


async def test_a_page_changed_and_changed_back_within_a_revision_is_as_before(
    make_sites: MakeSites, engine: Any
) -> None:
    index = await started(make_sites)
    await index.publish(page("a", "one", "two"))
    before = dict(engine.disks["garden"])
    revision = await index.begin()
    await index.write(revision, page("a", "other"), PageRemoval("https://example.org/a"), page("a", "one", "two"))
    assert engine.disks["garden"] == before


async def test_new_metadata_alone_writes_no_chunk(make_sites: MakeSites, embedder: Any) -> None:
    index = await started(make_sites)
    await index.publish(page("a", "one"))
    embedder.embedded.clear()
    await index.publish(page("a", "one", source_hash="other"))
    assert (await PageReader(index.sites).page("garden", "https://example.org/a")).document.source_hash == "other"
    assert embedder.embedded == []


async def test_a_revision_begun_anew_reuses_no_embedding_and_stays_incremental_within_itself(
    make_sites: MakeSites, engine: Any, embedder: Any
) -> None:
    index = await started(make_sites)
    await index.publish(page("a", "one", "two"), page("b", "three"))
    embedder.embedded.clear()
    revision = await index.begin(anew=True)
    assert await index.write(revision, page("a", "one", "two")) == {Outcome.CHANGED: 1, Outcome.EMBEDDED: 2}
    assert await index.write(revision, page("a", "one", "two")) == {Outcome.UNCHANGED: 1}
    assert len(embedder.embedded) == 2
    await index.revisions.publish("garden", revision)
    assert await index.seen() == {"a": ["one", "two"], "b": ["three"]}
    await index.revisions.roll_back("garden")
    assert await index.seen() == {"a": ["one", "two"], "b": ["three"]}


async def test_many_pages_are_looked_up_together_and_each_is_counted(make_sites: MakeSites, engine: Any) -> None:
    index = await started(make_sites)
    pages = [page(f"p{number}", f"text {number}") for number in range(99)]
    revision = await index.begin()
    changes_before = engine.changes_left
    assert await index.write(revision, *pages) == {Outcome.ADDED: 99, Outcome.EMBEDDED: 99}
    assert changes_before - engine.changes_left < 20
    await index.revisions.publish("garden", revision)
    assert await index.seen() == {f"p{number}": [f"text {number}"] for number in range(99)}


OLD = {"a": ["one", "two"], "b": ["three"]}
NEW = {"a": ["one", "new"], "c": ["four"]}


async def _second_revision(index: Index) -> None:
    await index.publish(page("a", "one", "new"), PageRemoval("https://example.org/b"), page("c", "four"))


@pytest.mark.parametrize("changes", range(12))
async def test_a_power_cut_at_any_change_leaves_one_revision_whole_and_the_next_run_heals(
    make_sites: MakeSites, engine: Any, power_cut: type[BaseException], changes: int
) -> None:
    index = await started(make_sites)
    await index.publish(page("a", "one", "two"), page("b", "three"))
    engine.changes_left = changes
    try:
        await _second_revision(index)
    except* power_cut:
        pass
    engine.changes_left = 10**9
    again = await started(make_sites, now=lambda: 4e9)  # all leases have ended
    assert await again.seen() in (OLD, NEW)
    await again.publish()
    assert await again.seen() in (OLD, NEW)
    await _second_revision(again)
    assert await again.seen() == NEW


async def test_rolling_back_shows_the_old_revision_and_the_next_one_builds_on_it(make_sites: MakeSites) -> None:
    index = await started(make_sites)
    await index.publish(page("a", "one", "two"), page("b", "three"))
    await _second_revision(index)
    await index.revisions.roll_back("garden")
    assert await index.seen() == OLD
    assert await index.publish(page("d", "five")) == 3
    assert await index.seen() == {**OLD, "d": ["five"]}


async def test_what_no_kept_revision_sees_is_deleted(make_sites: MakeSites, engine: Any) -> None:
    index = await started(make_sites)
    for text in ("one", "two", "three", "four"):
        await index.publish(page("a", text))
    texts = {point.payload.get("text") for point in engine.disks["garden"].values()} - {None}
    assert texts == {"three", "four"}
    with pytest.raises(RevisionNotKept):
        await index.revisions.roll_back("garden", 1)


async def test_a_lease_that_ended_can_be_taken_over_and_a_running_one_cannot(make_sites: MakeSites) -> None:
    clock = [1_000.0]
    index = await started(make_sites, now=lambda: clock[0])
    first = await index.begin(lease_s=10)
    with pytest.raises(RevisionConflict):
        await index.begin()
    clock[0] += 8
    await index.revisions.renew("garden", first)
    clock[0] += 8
    with pytest.raises(RevisionConflict):
        await index.begin()
    clock[0] += 3
    assert await index.begin() == first + 1
    with pytest.raises(RevisionNotOpen):
        await index.write(first, page("a", "one"))


async def test_numbers_are_never_used_twice(make_sites: MakeSites) -> None:
    index = await started(make_sites)
    first = await index.begin()
    await index.revisions.abandon("garden", first)
    assert await index.begin() == first + 1


async def test_an_index_of_another_model_is_refused_with_the_way_out(make_sites: MakeSites, embedder: Any) -> None:
    index = await started(make_sites)
    await index.publish(page("a", "one"))
    embedder.model_id = "words-2"
    again = await started(make_sites)
    with pytest.raises(EmbeddingModelMismatch) as caught:
        await again.begin()
    assert caught.value.facts["command"] == "docs-chat delete-site garden"
    await again.revisions.delete("garden")
    await again.publish(page("a", "one"))


async def test_an_unusable_store_is_set_aside_and_said(make_sites: MakeSites, engine: Any) -> None:
    index = await started(make_sites)
    await index.publish(page("a", "one"))
    engine.unusable.add("garden")
    again = await started(make_sites)
    with pytest.raises(SiteNotFound, match="set aside because damaged: ingest the site again"):
        await again.seen()
    assert await again.publish(page("a", "one")) == 2
    assert await again.seen() == {"a": ["one"]}


async def test_another_engine_version_means_building_anew(make_sites: MakeSites, engine: Any) -> None:
    index = await started(make_sites)
    await index.publish(page("a", "one"))
    engine.name = "memory 2"
    with pytest.raises(SiteNotFound, match="made by memory 1"):
        await (await started(make_sites)).seen()
