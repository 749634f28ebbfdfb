"""A site is written, published, changed, taken back and deleted."""

from pathlib import Path

import pytest
from docs_chat.retriever.v1 import index_service_pb2 as index_pb
from docs_chat.retriever.v1 import retriever_service_pb2 as pb

from services.retriever.embedding.local_embedder import LocalEmbedder
from services.runtime.errors import (
    ChunkTooLong,
    DocumentNotFound,
    InvalidRequest,
    RevisionConflict,
    RevisionNotKept,
    RevisionNotOpen,
    SiteNotFound,
)
from tests.fakes.garden import (
    BASE,
    SOIL,
    WATER,
    Callers,
    ask,
    begin,
    failing_with,
    page,
    profile,
    publish,
    serving,
    write,
)


async def test_nothing_is_visible_before_it_is_published(callers: Callers) -> None:
    revision = await begin(callers)
    await write(callers, revision, WATER)
    async with failing_with(SiteNotFound):
        await ask(callers, "water")


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


@pytest.mark.parametrize(
    "uri", ["javascript:alert(1)", "data:text/html,x", "https://evil.example/water", BASE + "a\tb", BASE + "a" * 3_000]
)
async def test_a_page_that_readers_must_not_be_led_to_is_refused_and_named(callers: Callers, uri: str) -> None:
    revision = await begin(callers)
    foreign = page("water", "Watering", ("Top", "Water in the morning."))
    foreign.document.uri = uri
    async with failing_with(InvalidRequest) as caught:
        await write(callers, revision, foreign)
    assert "document.uri" in caught[0].violations
    assert uri[:20].encode("unicode_escape").decode() in caught[0].message


async def test_an_anchor_with_control_characters_is_refused(callers: Callers) -> None:
    revision = await begin(callers)
    odd = page("water", "Watering", ("Top", "Water in the morning."))
    odd.chunks[0].anchor = "top\n"
    async with failing_with(InvalidRequest, match="anchor"):
        await write(callers, revision, odd)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)/", "https:///", "https://a:b@example.org/", BASE + "?q=/", "/docs/"]
)
async def test_a_site_needs_the_address_of_a_web_page(callers: Callers, url: str) -> None:
    described = profile()
    described.base_url = url
    async with failing_with(InvalidRequest) as caught:
        await callers.index.BeginRevision(index_pb.BeginRevisionRequest(profile=described, owner="test"))
    assert set(caught[0].violations) == {"profile.base_url"}


async def test_a_locale_may_have_a_domain_of_its_own(tmp_path: Path, embedder: LocalEmbedder) -> None:
    french = page("eau", "Arrosage", ("Quand", "Arrosez les tomates le matin."))
    french.document.uri = "https://fr.example.org/eau"
    described = profile()
    described.origins.append("https://fr.example.org")
    async with serving(tmp_path, embedder) as callers:
        begun = await callers.index.BeginRevision(index_pb.BeginRevisionRequest(profile=described, owner="test"))
        await write(callers, begun.revision, french)
        named = index_pb.PublishRevisionRequest(site="garden", revision=begun.revision)
        site = (await callers.index.PublishRevision(named)).site
    assert list(site.profile.origins) == ["https://fr.example.org"]
    async with serving(tmp_path, embedder) as callers:  # the manifest keeps them
        assert (await callers.retriever.GetSite(pb.GetSiteRequest(site="garden"))).site.profile == described


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


async def test_the_chunking_profile_tells_how_the_model_counts(callers: Callers) -> None:
    response = await callers.index.GetChunkingProfile(index_pb.GetChunkingProfileRequest())
    assert response.max_tokens == 256
    assert response.tokenizer_json.startswith(b"{")
    assert response.input_format == "heading-path-1"
