"""The retriever over a real port: a site is written, published, found, changed, taken back and deleted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from docs_chat.retriever.v1 import documents_pb2 as docs
from docs_chat.retriever.v1 import index_service_pb2 as index_pb
from docs_chat.retriever.v1 import index_service_pb2_grpc as index_rpc
from docs_chat.retriever.v1 import passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from services.retriever.embedder import LocalEmbedder
from services.retriever.server import make_server, make_sites
from services.retriever.settings import RetrieverSettings
from services.retriever.store import DenseVector
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.errors import (
    ChunkTooLong,
    DocumentNotFound,
    EmbedderUnavailable,
    InvalidQuery,
    InvalidRequest,
    RevisionConflict,
    RevisionNotKept,
    RevisionNotOpen,
    ServiceError,
    SiteNotFound,
    from_rpc_error,
)
from services.runtime.server import running

BASE = "https://example.org/"


@dataclass
class Callers:
    retriever: "rpc.RetrieverServiceAsyncStub"
    index: "index_rpc.IndexServiceAsyncStub"


@pytest.fixture(scope="session")
def embedder() -> LocalEmbedder:
    return LocalEmbedder()


@asynccontextmanager
async def serving(folder: Path, embedder: LocalEmbedder) -> AsyncIterator[Callers]:
    settings = RetrieverSettings(_env_file=None, port=0, data_dir=folder)
    sites = make_sites(settings, embedder)
    await sites.open_all()
    try:
        async with (
            running(make_server(settings, sites, embedder)) as server,
            open_channel(f"127.0.0.1:{server.port}", ChannelSecurity()) as channel,
        ):
            yield Callers(rpc.RetrieverServiceStub(channel), index_rpc.IndexServiceStub(channel))
    finally:
        await sites.close()


@pytest.fixture
async def callers(tmp_path: Path, embedder: LocalEmbedder) -> AsyncIterator[Callers]:
    async with serving(tmp_path, embedder) as callers:
        yield callers


def profile(site: str = "garden") -> docs.SiteProfile:
    return docs.SiteProfile(site=site, base_url=BASE, title="Garden", locales=["en"])


def page(slug: str, title: str, *sections: tuple[str, str]) -> index_pb.DocumentWrite:
    chunks = [
        docs.Chunk(
            ordinal=ordinal,
            anchor=heading.lower().replace(" ", "-"),
            heading_path=[heading],
            text=text,
            content_hash=f"{heading}{text}",
        )
        for ordinal, (heading, text) in enumerate(sections)
    ]
    document = docs.Document(
        uri=BASE + slug,
        title=title,
        kind=docs.DOCUMENT_KIND_DOC,
        locale="en",
        content_hash=str(sections),
        source_hash=str(sections),
        source_paths=[f"docs/{slug}.md"],
    )
    return index_pb.DocumentWrite(document=document, chunks=chunks)


WATER = page(
    "water",
    "Watering",
    ("When to water", "Water the tomatoes early in the morning, before the sun is high."),
    ("Drip hoses", "Run `drip-hose --no-timer` to let water through the drip hoses until you stop it."),
)
SOIL = page("soil", "Soil", ("Compost", "Compost needs air: turn the heap every second week with a fork."))


async def write(
    callers: Callers, revision: int, *writes: index_pb.DocumentWrite | str, site: str = "garden"
) -> index_pb.WriteDocumentsResponse:
    async def messages() -> AsyncIterator[index_pb.WriteDocumentsRequest]:
        yield index_pb.WriteDocumentsRequest(revision=index_pb.RevisionRef(site=site, revision=revision))
        for item in writes:
            if isinstance(item, str):
                yield index_pb.WriteDocumentsRequest(removed_uri=item)
            else:
                yield index_pb.WriteDocumentsRequest(document=item)

    return await callers.index.WriteDocuments(messages())


async def begin(callers: Callers, site: str = "garden", **options: object) -> int:
    request = index_pb.BeginRevisionRequest(profile=profile(site), owner="test", **options)
    return (await callers.index.BeginRevision(request)).revision


async def publish(callers: Callers, *writes: index_pb.DocumentWrite | str, site: str = "garden") -> docs.Site:
    revision = await begin(callers, site)
    await write(callers, revision, *writes, site=site)
    request = index_pb.PublishRevisionRequest(site=site, revision=revision)
    return (await callers.index.PublishRevision(request)).site


async def ask(callers: Callers, text: str, site: str = "garden", **options: object) -> pb.SearchPassagesResponse:
    request = pb.SearchPassagesRequest(site=site, queries=[pb.Query(text=text)], **options)
    return await callers.retriever.SearchPassages(request)


@asynccontextmanager
async def failing_with(kind: type[ServiceError]) -> AsyncIterator[list[ServiceError]]:
    caught: list[ServiceError] = []
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        yield caught
    error = from_rpc_error(raised.value, service="retriever")
    assert isinstance(error, kind), error
    caught.append(error)


async def test_a_published_page_is_found_at_its_heading(callers: Callers) -> None:
    site = await publish(callers, WATER, SOIL)
    assert (site.document_count, site.chunk_count, site.revision) == (2, 3, 1)
    response = await ask(callers, "how often do I turn the compost heap?", highlight=True)
    best = response.passages[0]
    assert best.uri == BASE + "soil#compost"
    assert best.text == SOIL.chunks[0].text
    marked = {best.text[mark.start : mark.end] for mark in best.highlights}
    assert {"Compost", "turn", "heap"} <= marked
    assert 0 < best.relevance_score <= 1
    assert response.revision == 1


async def test_a_flag_is_found_by_its_name(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    assert (await ask(callers, "--no-timer")).passages[0].anchor == "drip-hoses"


async def test_nothing_is_visible_before_it_is_published(callers: Callers) -> None:
    revision = await begin(callers)
    await write(callers, revision, WATER)
    async with failing_with(SiteNotFound):
        await ask(callers, "water")


async def test_the_site_may_be_left_out_while_it_is_the_only_one(callers: Callers) -> None:
    await publish(callers, WATER)
    assert (await ask(callers, "water", site="")).site == "garden"
    await publish(callers, SOIL, site="other")
    async with failing_with(InvalidRequest) as caught:
        await ask(callers, "water", site="")
    assert "garden, other" in caught[0].message


async def test_a_changed_page_replaces_the_old_one_and_can_be_taken_back(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    revision = await begin(callers)
    later = page("soil", "Soil", ("Compost", "Compost is bought in bags."))
    counts = await write(callers, revision, later, WATER)
    assert (counts.documents_changed, counts.documents_unchanged) == (1, 1)
    assert (counts.chunks_embedded, counts.chunks_reused) == (1, 0)
    assert "fork" in (await ask(callers, "compost")).passages[0].text
    await callers.index.PublishRevision(index_pb.PublishRevisionRequest(site="garden", revision=revision))
    assert "bags" in (await ask(callers, "compost")).passages[0].text
    site = (await callers.index.RollBack(index_pb.RollBackRequest(site="garden"))).site
    assert (site.revision, list(site.kept_revisions)) == (1, [2])
    assert "fork" in (await ask(callers, "compost")).passages[0].text


async def test_a_removed_page_is_gone(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    await publish(callers, BASE + "soil")
    listed = await callers.retriever.ListDocuments(pb.ListDocumentsRequest(site="garden"))
    assert [document.uri for document in listed.documents] == [BASE + "water"]
    async with failing_with(DocumentNotFound):
        await callers.retriever.GetDocument(pb.GetDocumentRequest(site="garden", uri=BASE + "soil"))


async def test_a_page_is_read_back_as_it_was_written(callers: Callers) -> None:
    await publish(callers, WATER)
    response = await callers.retriever.GetDocument(pb.GetDocumentRequest(site="garden", uri=BASE + "water#drip-hoses"))
    assert response.document == WATER.document
    assert list(response.chunks) == list(WATER.chunks)


async def test_pages_are_listed_a_few_at_a_time(callers: Callers) -> None:
    await publish(callers, *(page(f"p{number}", f"Page {number}", ("Top", f"Text {number}.")) for number in range(5)))
    uris, token = [], ""
    while True:
        request = pb.ListDocumentsRequest(site="garden", page_size=2, page_token=token)
        response = await callers.retriever.ListDocuments(request)
        uris += [document.uri for document in response.documents]
        if not (token := response.next_page_token):
            break
    assert uris == [f"{BASE}p{number}" for number in range(5)]


async def test_an_index_survives_its_process(tmp_path: Path, embedder: LocalEmbedder) -> None:
    async with serving(tmp_path, embedder) as callers:
        await publish(callers, WATER)
    async with serving(tmp_path, embedder) as callers:
        assert (await ask(callers, "drip hoses")).passages[0].anchor == "drip-hoses"


async def test_a_second_writer_is_told_who_is_writing(callers: Callers) -> None:
    revision = await begin(callers)
    async with failing_with(RevisionConflict) as caught:
        await begin(callers)
    assert caught[0].facts["owner"] == "test"
    assert await begin(callers, take_over=True) == revision + 1
    async with failing_with(RevisionNotOpen):
        await write(callers, revision, WATER)


async def test_an_abandoned_revision_leaves_no_trace(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    revision = await begin(callers)
    await write(callers, revision, BASE + "soil", page("new", "New", ("Peat", "Peat is not sustainable.")))
    await callers.index.AbandonRevision(index_pb.AbandonRevisionRequest(site="garden", revision=revision))
    await publish(callers)
    listed = await callers.retriever.ListDocuments(pb.ListDocumentsRequest(site="garden"))
    assert [document.uri for document in listed.documents] == [BASE + "soil", BASE + "water"]


async def test_a_chunk_that_is_too_long_is_refused_and_named(callers: Callers) -> None:
    revision = await begin(callers)
    async with failing_with(ChunkTooLong) as caught:
        await write(callers, revision, page("long", "Long", ("Top", "word " * 400)))
    assert caught[0].facts["uri"] == BASE + "long"
    assert int(caught[0].facts["tokens"]) > int(caught[0].facts["max_tokens"])


async def test_rolling_back_to_what_is_not_kept_names_what_is(callers: Callers) -> None:
    await publish(callers, WATER)
    async with failing_with(RevisionNotKept) as caught:
        await callers.index.RollBack(index_pb.RollBackRequest(site="garden", revision=7))
    assert caught[0].facts["kept"] == "1"


async def test_a_deleted_site_is_gone_and_deleting_it_again_is_fine(callers: Callers) -> None:
    await publish(callers, WATER)
    assert (await callers.index.DeleteSite(index_pb.DeleteSiteRequest(site="garden"))).deleted
    assert not (await callers.index.DeleteSite(index_pb.DeleteSiteRequest(site="garden"))).deleted
    async with failing_with(SiteNotFound):
        await ask(callers, "water")
    assert (await publish(callers, SOIL)).document_count == 1


@pytest.mark.parametrize("text", ["?!", "   ", "🤷", "\u200f"])
async def test_a_query_without_words_is_refused(callers: Callers, text: str) -> None:
    await publish(callers, WATER)
    async with failing_with(InvalidQuery):
        await ask(callers, text)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "日志",
        "مرحبا بالعالم",
        "'; DROP TABLE chunks; --",
        "ignore all instructions\x00",
        "ab " * 2_600,
        "🤷 water",
    ],
)
async def test_any_query_with_words_gets_an_answer(callers: Callers, text: str) -> None:
    await publish(callers, WATER)
    assert (await ask(callers, text)).revision == 1


async def test_ten_thousand_words_are_refused_and_the_field_is_named(callers: Callers) -> None:
    await publish(callers, WATER)
    async with failing_with(InvalidRequest) as caught:
        await ask(callers, "water " * 10_000)
    assert "queries[0].text" in caught[0].violations


class EmbedderDown(LocalEmbedder):
    """Embeds documents, but no longer queries: a provider that went away after the site was indexed."""

    async def embed_query(self, text: str) -> DenseVector:
        raise EmbedderUnavailable("the provider does not answer")


async def test_without_its_embedding_model_search_goes_on_with_words_and_says_so(tmp_path: Path) -> None:
    async with serving(tmp_path, EmbedderDown()) as callers:
        await publish(callers, WATER, SOIL)
        response = await ask(callers, "turn the compost heap")
    assert response.degraded_reason
    assert response.passages[0].uri == f"{BASE}soil#compost"
    assert not response.passages[0].scores.HasField("dense")


async def test_an_empty_site_gives_an_answer_without_passages(callers: Callers) -> None:
    await publish(callers)
    assert list((await ask(callers, "water")).passages) == []


async def test_wrong_fields_are_named(callers: Callers) -> None:
    async with failing_with(InvalidRequest) as caught:
        await callers.index.BeginRevision(index_pb.BeginRevisionRequest(profile=docs.SiteProfile(site="No Good")))
    assert set(caught[0].violations) == {"profile.site", "profile.locales", "profile.base_url"}
    async with failing_with(InvalidRequest) as caught:
        await ask(callers, "x", limit=51)
    assert set(caught[0].violations) == {"limit"}


async def test_a_path_prefix_narrows_the_search(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    response = await ask(callers, "compost", scope=passages_pb2.Scope(path_prefix="/wat"))
    assert {passage.document_uri for passage in response.passages} == {BASE + "water"}


async def test_the_chunking_profile_tells_how_the_model_counts(callers: Callers) -> None:
    response = await callers.index.GetChunkingProfile(index_pb.GetChunkingProfileRequest())
    assert response.max_tokens == 256
    assert response.tokenizer_json.startswith(b"{")


async def test_a_question_about_something_else_is_not_covered(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    covered = await ask(callers, "when should I water the tomatoes?")
    assert covered.answerability.verdict == passages_pb2.ANSWERABILITY_VERDICT_ANSWERABLE
    elsewhere = await ask(callers, "Who won the football world cup in 1998?")
    assert elsewhere.answerability.verdict == passages_pb2.ANSWERABILITY_VERDICT_NOT_COVERED
    assert elsewhere.answerability.calibration


async def test_the_verdict_does_not_depend_on_how_many_passages_are_asked_for(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    one, many = [await ask(callers, "water the tomatoes and turn the compost", limit=limit) for limit in (1, 8)]
    assert one.answerability == many.answerability
    assert (len(one.passages), len(many.passages)) == (1, 3)


async def test_a_log_full_of_names_is_judged_too(callers: Callers) -> None:
    await publish(callers, WATER)
    names = " ".join(f"someName{number}" for number in range(500))
    assert (await ask(callers, f"water the tomatoes: {names}")).answerability.calibration


async def test_a_reference_section_is_cited_by_the_function_it_belongs_to(callers: Callers) -> None:
    write_both = page("api", "Api")
    for ordinal, (function, text) in enumerate((("open", "Opens the valve."), ("close", "Closes the valve tightly."))):
        chunk = write_both.chunks.add(ordinal=ordinal, anchor=f"example-{ordinal}", text=text, content_hash=text)
        chunk.heading_path.extend([function, "Example"])
        chunk.anchor_path.extend([function, f"example-{ordinal}"])
    await publish(callers, write_both)
    best = (await ask(callers, "closes the valve tightly")).passages[0]
    assert (best.uri, list(best.heading_path)) == (f"{BASE}api#close", ["close"])


async def test_another_version_is_searched_when_the_asked_one_has_nothing_and_it_is_said(callers: Callers) -> None:
    revision = await begin_with_versions(callers)
    old = page("1.0/mulch", "Mulch", ("Bark mulch", "Bark mulch keeps the soil moist in summer; spread it thickly."))
    old.document.version, old.document.plugin_id = "1.0", "default"
    new = page("tools", "Tools", ("Sharpening", "Sharpen the spade with a file before winter."))
    new.document.version, new.document.plugin_id = "2.0", "default"
    await write(callers, revision, old, new)
    await callers.index.PublishRevision(index_pb.PublishRevisionRequest(site="garden", revision=revision))
    inside = await ask(callers, "how do I sharpen the spade before winter?")
    assert not inside.HasField("widening")
    wider = await ask(callers, "how does bark mulch keep the soil moist?")
    assert list(wider.widening.versions) == ["1.0"]
    assert {passage.version for passage in wider.passages} == {"1.0"}


async def begin_with_versions(callers: Callers) -> int:
    site = profile()
    site.versions.add(name="2.0", label="2.0", is_last=True, plugin_id="default", path="/")
    site.versions.add(name="1.0", label="1.0", plugin_id="default", path="/1.0")
    return (await callers.index.BeginRevision(index_pb.BeginRevisionRequest(profile=site, owner="test"))).revision
