"""A published site is searched: what is found, what is refused, how it is judged."""

from pathlib import Path
from typing import Any

import pytest
from docs_chat.retriever.v1 import documents_pb2 as docs
from docs_chat.retriever.v1 import index_service_pb2 as index_pb
from docs_chat.retriever.v1 import passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1.passages_pb2 import Scope

from services.retriever.embedding.local_embedder import LocalEmbedder
from services.retriever.embedding.vectors import DenseVector
from services.runtime.errors import (
    DocumentNotFound,
    EmbedderUnavailable,
    InvalidQuery,
    InvalidRequest,
)
from tests.fakes.garden import BASE, SOIL, WATER, Callers, ask, failing_with, page, profile, publish, serving, write
from tools.openrouter_emulator.server import Emulator, emulating


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


async def test_the_site_may_be_left_out_while_it_is_the_only_one(callers: Callers) -> None:
    await publish(callers, WATER)
    assert (await ask(callers, "water", site="")).site == "garden"
    await publish(callers, SOIL, site="other")
    async with failing_with(InvalidRequest) as caught:
        await ask(callers, "water", site="")
    assert "name the site" in caught[0].message
    assert "garden" not in caught[0].message


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
    for root in (("fr", f"{BASE}fr/"), ("en", "https://elsewhere.example/"), ("en", BASE.rstrip("/"))):
        profile = docs.SiteProfile(site="garden", base_url=BASE, locales=["en"])
        profile.locale_roots.add(locale=root[0], base_url=root[1])
        async with failing_with(InvalidRequest) as caught:
            await callers.index.BeginRevision(index_pb.BeginRevisionRequest(profile=profile))
        assert set(caught[0].violations) == {"profile.locale_roots"}
    async with failing_with(InvalidRequest) as caught:
        await ask(callers, "x", limit=51)
    assert set(caught[0].violations) == {"limit"}


async def test_a_path_prefix_narrows_the_search(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    response = await ask(callers, "compost", scope=passages_pb2.Scope(path_prefix="/wat"))
    assert {passage.document_uri for passage in response.passages} == {BASE + "water"}


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


async def test_another_version_of_a_page_that_was_found_is_no_reason_to_leave_the_asked_version(
    callers: Callers,
) -> None:
    revision = await begin_with_versions(callers)
    text = "Bark mulch keeps the soil moist in summer; spread it thickly."
    old, new = (
        page("1.0/mulch", "Mulch", ("Bark mulch", text)),
        page("mulch", "Mulch", ("Chips", "Wood chips do, too.")),
    )
    old.document.version = "1.0"
    new.document.version = "2.0"
    old.document.plugin_id = new.document.plugin_id = "default"
    await write(callers, revision, old, new)
    await callers.index.PublishRevision(index_pb.PublishRevisionRequest(site="garden", revision=revision))
    response = await ask(callers, "how does bark mulch keep the soil moist?")
    assert not response.HasField("widening")
    assert [passage.uri for passage in response.passages] == [BASE + "mulch#chips"]


async def test_a_misspelt_word_is_searched_as_the_site_spells_it_and_it_is_said(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    response = await ask(callers, "how often do I turn the copmost heap?")
    assert response.passages[0].uri == BASE + "soil#compost"
    assert [(item.written, item.searched) for item in response.corrections] == [("copmost", "Compost")]
    assert list(response.searched_for) == ["how often do I turn the Compost heap?"]
    assert response.answerability.verdict == passages_pb2.ANSWERABILITY_VERDICT_ANSWERABLE


async def test_a_question_that_is_spelt_right_has_no_corrections(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    response = await ask(callers, "how often do I turn the compost heap in the kitchen?")
    assert (list(response.corrections), list(response.searched_for)) == ([], [])


async def test_a_letter_that_makes_another_word_is_guessed_before_a_question_is_refused(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    response = await ask(callers, "Where does the posed go?")
    assert response.answerability.verdict == passages_pb2.ANSWERABILITY_VERDICT_NOT_COVERED
    assert not response.corrections
    response = await ask(callers, "What about tun the heat of fork and airs")
    assert {(item.written, item.searched) for item in response.corrections} == {("tun", "turn"), ("heat", "heap")}
    assert response.answerability.verdict == passages_pb2.ANSWERABILITY_VERDICT_ANSWERABLE


async def test_a_post_tells_when_it_was_published(callers: Callers) -> None:
    post = page("blog/frost", "Frost", ("Covers", "Cover the tomatoes with fleece when frost is near."))
    post.document.kind = docs.DOCUMENT_KIND_BLOG
    post.document.published_at.FromSeconds(1_600_000_000)
    await publish(callers, post, WATER)
    dated = await ask(callers, "cover tomatoes when frost is near")
    undated = await ask(callers, "drip hoses")
    assert dated.passages[0].published_at.seconds == 1_600_000_000
    assert not undated.passages[0].HasField("published_at")
    stored = await callers.retriever.GetDocument(pb.GetDocumentRequest(site="garden", uri=BASE + "blog/frost"))
    assert stored.document.published_at.seconds == 1_600_000_000


async def test_a_version_narrows_the_instance_it_is_named_with_and_no_other(callers: Callers) -> None:
    revision = await begin_with_versions(callers)
    pages = []
    for instance, version in (("default", "2.0"), ("default", "1.0"), ("api", "2.0"), ("api", "1.0")):
        new = page(f"{instance}/{version}/mulch", "Mulch", ("Bark mulch", "Bark mulch keeps the soil moist in summer."))
        new.document.version, new.document.plugin_id = version, instance
        pages.append(new)
    await write(callers, revision, *pages)
    await callers.index.PublishRevision(index_pb.PublishRevisionRequest(site="garden", revision=revision))
    for scope, expected in (
        (Scope(), {("default", "2.0"), ("api", "2.0")}),
        (Scope(docs_instance="api"), {("default", "2.0"), ("api", "2.0")}),
        (Scope(versions=["1.0"], docs_instance="api"), {("default", "2.0"), ("api", "1.0")}),
        (Scope(versions=["1.0"], docs_instance="default"), {("default", "1.0"), ("api", "2.0")}),
        (Scope(versions=["1.0"]), {("default", "1.0"), ("api", "1.0")}),
    ):
        found = await ask(callers, "how does bark mulch keep the soil moist?", scope=scope)
        places = {tuple(passage.document_uri.removeprefix(BASE).split("/")[:2]) for passage in found.passages}
        assert places == expected, scope


async def test_an_untranslated_page_is_found_and_read_at_the_address_of_the_readers_language(callers: Callers) -> None:
    site = profile()
    site.locales[:] = ["en", "fr"]
    for locale, root in (("en", BASE), ("fr", f"{BASE}fr/")):
        site.locale_roots.add(locale=locale, base_url=root)
    begun = await callers.index.BeginRevision(index_pb.BeginRevisionRequest(profile=site, owner="test"))
    both, english = page("water", "Watering", ("When", "Water early.")), page("soil", "Soil", ("Mulch", "Spread bark."))
    both.document.untranslated_in.append("fr")
    await write(callers, begun.revision, both, english)
    await callers.index.PublishRevision(index_pb.PublishRevisionRequest(site="garden", revision=begun.revision))

    found = (await ask(callers, "when to water early?", scope=Scope(locale="fr"))).passages
    assert [(passage.uri, passage.locale) for passage in found] == [(f"{BASE}fr/water#when", "en")]
    plain = (await ask(callers, "when to water early?")).passages
    assert plain[0].uri == f"{BASE}water#when"

    read = await callers.retriever.GetDocument(pb.GetDocumentRequest(site="garden", uri=found[0].uri))
    assert (read.document.uri, read.document.locale) == (f"{BASE}fr/water", "en")
    async with failing_with(DocumentNotFound):
        await callers.retriever.GetDocument(pb.GetDocumentRequest(site="garden", uri=f"{BASE}fr/soil"))


async def begin_with_versions(callers: Callers) -> int:
    site = profile()
    site.versions.add(name="2.0", label="2.0", is_last=True, plugin_id="default", path="/")
    site.versions.add(name="1.0", label="1.0", plugin_id="default", path="/1.0")
    site.versions.add(name="2.0", label="2.0", is_last=True, plugin_id="api", path="/api")
    site.versions.add(name="1.0", label="1.0", plugin_id="api", path="/api/1.0")
    return (await callers.index.BeginRevision(index_pb.BeginRevisionRequest(profile=site, owner="test"))).revision


async def test_a_second_model_leaves_its_score_and_its_time(tmp_path: Path, embedder: LocalEmbedder) -> None:
    async with emulating(Emulator()) as base_url:
        options: dict[str, Any] = {"rerank": "openrouter:vendor/model", "OPENROUTER_BASE_URL": base_url}
        options |= {"OPENROUTER_API_KEY": "sk-or-v1-emulated", "rerank_timeout_s": 30.0}
        async with serving(tmp_path, embedder, **options) as callers:
            await publish(callers, WATER, SOIL)
            response = await ask(callers, "turn the compost heap")
    assert response.timings.HasField("rerank")
    for passage in response.passages:
        assert passage.scores.HasField("rerank")
        assert passage.scores.rerank == pytest.approx(passage.relevance_score)


async def test_without_a_second_model_its_score_and_its_time_are_unset(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    response = await ask(callers, "turn the compost heap")
    assert not response.timings.HasField("rerank")
    assert not any(passage.scores.HasField("rerank") for passage in response.passages)


async def test_a_second_model_that_does_not_answer_leaves_no_score(tmp_path: Path, embedder: LocalEmbedder) -> None:
    async with emulating(Emulator()) as base_url:
        options: dict[str, Any] = {"rerank": "openrouter:vendor/model", "OPENROUTER_BASE_URL": base_url}
    async with serving(tmp_path, embedder, **options) as callers:  # the emulator has ended
        await publish(callers, WATER, SOIL)
        response = await ask(callers, "turn the compost heap")
    assert response.degraded
    assert response.passages
    assert response.timings.HasField("rerank")
    assert not any(passage.scores.HasField("rerank") for passage in response.passages)
