"""The judge over a small store: coverage, unknown names, languages the model does not understand."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from services.retriever.documents import Chunk, ChunkPage, SectionRef, StoredChunk
from services.retriever.embedding.local_embedder import LocalEmbedder
from services.retriever.embedding.sparse import encoder_for
from services.retriever.reading.candidates import Candidates, Query
from services.retriever.reading.judging.judge import Judge
from services.retriever.reading.judging.signals import NO_NAMES, Signals
from services.retriever.reading.judging.verdict import Judgement, Verdict
from services.retriever.reading.judging.vocabulary import SitePart
from services.retriever.sites.manifest import Manifest
from services.retriever.store.port import SPARSE, Hit, Point, VectorSearch, Where
from services.runtime.document_kind import DocumentKind

ENGLISH = encoder_for("en", 110.0)
MANIFEST = Manifest("garden", "memory 1", LocalEmbedder.model_id, 110.0)
TEXTS = ("Run useDrip to water the tomatoes from the drip hose.", "Turn the compost heap with a fork.")
PAGE = ChunkPage("https://example.org/a", "Garden", DocumentKind.DOC, "", "en", "")


def chunk(text: str) -> StoredChunk:
    return StoredChunk(PAGE, Chunk(0, "", (), text, text), SectionRef("", ()), tokens=10)


def is_usual(word: str) -> bool:
    """Every word but a few products."""
    return word.lower() not in {"zigbee", "hydrawise"}


CHUNKS = [chunk(text) for text in TEXTS]


def payload(text: str) -> dict[str, Any]:
    return {"uri": "https://example.org/a", "title": "Garden", "heading_path": [], "text": text}


def found(*cosines: float, dense: bool = True) -> Candidates:
    hits = [Hit(str(place), cosine, "") for place, cosine in enumerate(cosines)]
    return Candidates(1.0, hits if dense else None, hits, [])


SURE = found(0.85, 0.6, 0.5)
LIKELY = found(0.69, 0.6, 0.5)


@pytest.fixture
async def store(engine: Any) -> Any:
    opened = await engine.open("garden", dimension=3, create=True)
    points = [
        Point(str(place), payload(text), sparse={SPARSE: ENGLISH.document(text)}) for place, text in enumerate(TEXTS)
    ]
    await opened.write(points)
    return opened


@pytest.fixture
def judged(store: Any) -> Callable[..., Any]:
    judge = Judge(is_usual)

    async def verdict_of(*texts: str, candidates: Sequence[Candidates] = (), locale: str = "en") -> Judgement:
        judgement = await judge.judge(
            [Query(text) for text in texts],
            candidates or [SURE] * len(texts),
            CHUNKS,
            part=SitePart(store, Where(), "garden"),
            locale=locale,
            manifest=MANIFEST,
        )
        assert judgement is not None
        return judgement

    return verdict_of


async def test_a_question_whose_words_are_there_is_answerable(judged: Callable[..., Any]) -> None:
    assert (await judged("water tomatoes with useDrip")).verdict is Verdict.ANSWERABLE


@pytest.mark.parametrize("name", ["Zigbee", "zigbee", "useTap", "@acme/tap", "--drip-rate", "drip-hose-timer", "v9"])
async def test_a_name_that_stands_nowhere_on_the_site_is_a_doubt(judged: Callable[..., Any], name: str) -> None:
    question = f"water tomatoes from the drip hose with {name}"
    assert (await judged(question, candidates=[LIKELY])).verdict is Verdict.WEAK
    assert (await judged(f"{question} and usePipe")).verdict is Verdict.WEAK


@pytest.mark.parametrize("name", ["buckets", "useDrip", "drip-hose", "hose/tomatoes", "a drip's hose", "300 ml"])
async def test_usual_words_measures_and_names_that_stand_there_are_no_doubt(
    judged: Callable[..., Any], name: str
) -> None:
    question = f"water tomatoes from the drip hose with {name}"
    assert (await judged(question, candidates=[LIKELY])).verdict is Verdict.ANSWERABLE


async def test_what_an_error_message_cites_is_the_readers_own(judged: Callable[..., Any]) -> None:
    cited = "water tomatoes from the drip hose: 'myBalcony'"
    assert (await judged(cited, candidates=[LIKELY])).verdict is Verdict.ANSWERABLE
    assert (await judged(cited.replace("'", ""), candidates=[LIKELY])).verdict is Verdict.WEAK


async def test_a_name_that_only_stands_far_from_what_was_found_is_a_doubt(engine: Any) -> None:
    store = await engine.open("garden", dimension=3, create=True)
    texts = [*TEXTS, *["Water the tomatoes from the drip hose."] * 5, "Friends: Hydrawise and others."]
    points = [
        Point(str(place), payload(text), sparse={SPARSE: ENGLISH.document(text)}) for place, text in enumerate(texts)
    ]
    await store.write(points)

    async def verdict_of(*chunks: str) -> Verdict:
        judgement = await Judge(is_usual).judge(
            [Query("water tomatoes from the drip hose with hydrawise")],
            [LIKELY],
            [chunk(text) for text in chunks],
            part=SitePart(store, Where(), "garden"),
            locale="en",
            manifest=MANIFEST,
        )
        assert judgement is not None
        return judgement.verdict

    assert await verdict_of(*texts[:7]) is Verdict.WEAK
    assert await verdict_of(texts[-1], *texts[:6]) is Verdict.ANSWERABLE


async def test_an_error_message_is_doubted_where_another_question_is_refused(judged: Callable[..., Any]) -> None:
    candidates = [found(0.66, 0.55)]
    assert (await judged("the hose coroutine was forgotten", candidates=candidates)).verdict is Verdict.NOT_COVERED
    assert (await judged("hose error: coroutine was forgotten", candidates=candidates)).verdict is Verdict.WEAK


async def test_a_question_without_a_subject_is_about_the_site(judged: Callable[..., Any]) -> None:
    far = found(0.5, 0.5)
    about_the_site = await judged("What do I need to install?", candidates=[far])
    assert (about_the_site.verdict, about_the_site.is_sure) == (Verdict.ANSWERABLE, False)
    assert (await judged("What do I need to bake bread?", candidates=[far])).verdict is Verdict.NOT_COVERED


async def test_the_best_covered_query_decides(judged: Callable[..., Any]) -> None:
    both = await judged("with a fork?", "water the tomatoes", candidates=[found(0.6, 0.5), SURE])
    assert both.verdict is Verdict.ANSWERABLE


async def test_a_good_turn_before_does_not_lift_the_doubt_about_another_subject(judged: Callable[..., Any]) -> None:
    carried = "water the tomatoes and bake bread"
    assert (await judged("and bake bread?", carried, candidates=[found(0.4, 0.4), SURE])).verdict is Verdict.WEAK
    assert (await judged("and then?", carried, candidates=[found(0.4, 0.4), SURE])).verdict is Verdict.ANSWERABLE


@pytest.mark.parametrize(("text", "locale"), [("如何使用 hose", "en"), ("bake bread with a fork", "zh-CN")])
async def test_what_the_model_does_not_understand_is_not_refused_while_a_word_is_shared(
    judged: Callable[..., Any], text: str, locale: str
) -> None:
    judgement = await judged(text, candidates=[found(0.05, 0.05)], locale=locale)
    assert (judgement.verdict, judgement.by_words) == (Verdict.ANSWERABLE, True)


async def test_what_the_model_does_not_understand_is_doubted_where_few_words_are_shared(
    judged: Callable[..., Any],
) -> None:
    few = "bake bread, cake, pie, buns and rolls with a fork"
    assert (await judged(few, candidates=[found(0.05, 0.05)], locale="zh-CN")).verdict is Verdict.WEAK


@pytest.mark.parametrize(("text", "locale"), [("如何使用中间件", "en"), ("bake bread", "zh-CN")])
async def test_what_shares_no_word_with_the_site_is_refused(judged: Callable[..., Any], text: str, locale: str) -> None:
    assert (await judged(text, candidates=[found(0.05)], locale=locale)).verdict is Verdict.NOT_COVERED


async def test_a_question_in_another_language_is_refused_only_where_meaning_is_far_too(
    judged: Callable[..., Any],
) -> None:
    near, far = found(0.7, 0.55), found(0.5, 0.5)
    assert (await judged("Wie gieße ich meine Pflanzen?", candidates=[near])).verdict is Verdict.ANSWERABLE
    assert (await judged("how do I feed my plants?", candidates=[near])).verdict is Verdict.NOT_COVERED
    assert (await judged("Wie backe ich mein Brot?", candidates=[far])).verdict is Verdict.NOT_COVERED


async def test_a_question_in_pairs_of_characters_is_refused_where_hardly_one_is_shared(engine: Any) -> None:
    store = await engine.open("garden", dimension=3, create=True)
    chinese = encoder_for("zh", 110.0)
    text = "日志中间件的使用方法：请求日志和错误日志。"
    await store.write([Point("0", payload(text), sparse={SPARSE: chinese.document(text)})])

    async def verdict_of(question: str) -> Verdict:
        judgement = await Judge(is_usual).judge(
            [Query(question)],
            [found(0.5)],
            [chunk(text)],
            part=SitePart(store, Where(), "garden"),
            locale="zh",
            manifest=MANIFEST,
        )
        assert judgement is not None
        return judgement.verdict

    assert await verdict_of("日志中间件怎么用") is Verdict.ANSWERABLE
    assert await verdict_of("唐朝是哪一年请求建立的") is Verdict.NOT_COVERED


async def test_without_vectors_words_alone_are_judged(judged: Callable[..., Any]) -> None:
    judgement = await judged("turn the compost heap", candidates=[found(2.0, dense=False)])
    assert (judgement.verdict, judgement.by_words) == (Verdict.ANSWERABLE, True)
    assert (await judged("bake bread", candidates=[found(dense=False)])).verdict is Verdict.WEAK


async def test_a_site_made_with_another_model_is_not_judged(store: Any) -> None:
    other = Manifest("garden", "memory 1", "another model", 110.0)
    part = SitePart(store, Where(), "garden")
    judgement = await Judge(is_usual).judge([Query("x")], [SURE], CHUNKS, part=part, locale="en", manifest=other)
    assert judgement is None


def test_coverage_counts_the_terms_of_one_chunk_and_of_all() -> None:
    covered = Judge(is_usual).coverage("water the heap", CHUNKS, ENGLISH)
    assert (covered.best, covered.joint, covered.terms, len(covered.seen)) == (0.5, 1.0, 2, 2)
    partly = Judge(is_usual).coverage("water the roses", CHUNKS, ENGLISH)
    assert (partly.joint, len(partly.seen), len(partly.unseen)) == (0.5, 1, 1)
    nothing = Judge(is_usual).coverage("the", CHUNKS, ENGLISH)
    assert (nothing.best, nothing.terms) == (0.0, 0)


async def signals_of(store: Any, text: str, candidates: Candidates) -> Signals:
    judge = Judge(is_usual)
    covered = judge.coverage(text, CHUNKS[:1], ENGLISH)
    part = SitePart(store, Where(), "garden")
    return await judge.signals(text, candidates, CHUNKS[:1], covered=covered, encoder=ENGLISH, part=part)


async def test_few_chunks_have_no_background_to_stand_out_from(store: Any) -> None:
    async def lead(candidates: Candidates) -> float:
        return (await signals_of(store, "water", candidates)).lead

    assert await lead(found(0.8)) == pytest.approx(0.25)
    assert await lead(found(0.8, *[0.7] * 49)) == pytest.approx(0.1)
    assert await lead(found()) <= 0


async def test_a_word_is_missing_only_when_no_chunk_of_the_part_has_it(store: Any) -> None:
    beside = await signals_of(store, "water the compost", SURE)
    assert (beside.word_missing, beside.chunks, beside.names) == (False, 2, NO_NAMES)
    nowhere = await signals_of(store, "water the bread", SURE)
    assert (nowhere.word_missing, nowhere.names) == (True, NO_NAMES)
    assert (await signals_of(store, "water it with useTap", SURE)).names.strange_missing == 1


async def test_a_word_is_looked_up_only_where_the_verdict_hangs_on_it(
    judged: Callable[..., Any], store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[VectorSearch] = []
    search = store.search

    async def noted(searches: Sequence[VectorSearch]) -> list[list[Hit]]:
        asked.extend(searches)
        answers: list[list[Hit]] = await search(searches)
        return answers

    monkeypatch.setattr(store, "search", noted)
    question = "water the tomatoes and rhododendrons"
    assert (await judged(question, candidates=[SURE])).verdict is Verdict.ANSWERABLE
    assert (await judged(question, candidates=[found(0.5, 0.5)])).verdict is Verdict.NOT_COVERED
    assert asked == []
    assert (await judged(question, candidates=[found(0.62, 0.5)])).verdict is Verdict.NOT_COVERED
    assert len(asked) == 1
