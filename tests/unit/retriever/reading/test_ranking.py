"""One order out of several rankings."""

from dataclasses import replace

from services.retriever.reading.candidates import Candidates
from services.retriever.reading.ranking import RankingWeights, best_scores, rank
from services.retriever.store.port import DENSE, SPARSE, Hit

WEIGHTS = RankingWeights()


def hits(*names: str, start: float = 1.0) -> list[Hit]:
    return [Hit(name, start - number / 10, f"page-{name[0]}") for number, name in enumerate(names)]


def test_what_both_searches_find_comes_before_what_one_finds() -> None:
    order = list(rank([Candidates(1.0, hits("a1", "b1"), hits("c1", "b1"), [])], WEIGHTS))
    assert order[0] in {"a1", "c1"}
    both = list(rank([Candidates(1.0, hits("a1", "b1", "x1"), hits("b1", "c1"), [])], WEIGHTS))
    assert both[0] == "b1"


def test_scores_lie_between_zero_and_one() -> None:
    candidates = Candidates(1.0, hits("a1", "a2", "a3"), hits("a1", "a2"), hits("a1"))
    scores = rank([candidates], WEIGHTS, reader_page=("page-a",))
    assert all(0 <= score <= 1 for score in scores.values())
    assert next(iter(scores)) == "a1"


def test_the_nearest_in_meaning_is_not_outvoted_by_common_words() -> None:
    dense = [Hit("a1", 0.60, "a"), Hit("b1", 0.58, "b"), Hit("x1", 0.30, "x")]
    candidates = [Candidates(1.0, dense, [Hit("b1", 4.0, "b"), Hit("a1", 3.7, "a")], [])]
    assert next(iter(rank(candidates, RankingWeights(nearest=0.0)))) == "b1"
    assert next(iter(rank(candidates, WEIGHTS))) == "a1"


def test_words_count_less_where_nothing_is_called_by_its_name() -> None:
    dense = [Hit("a1", 0.60, "a"), Hit("b1", 0.50, "b"), Hit("x1", 0.30, "x")]
    words = [Hit("b1", 4.0, "b"), Hit("a1", 2.0, "a")]
    assert next(iter(rank([Candidates(1.0, dense, words, [])], WEIGHTS))) == "b1"
    assert next(iter(rank([Candidates(1.0, dense, words, [], in_plain_words=True)], WEIGHTS))) == "a1"


def test_meaning_counts_little_where_the_model_cannot_read_the_script() -> None:
    dense = [Hit("a1", 0.60, "a"), Hit("b1", 0.40, "b"), Hit("x1", 0.30, "x")]
    words = [Hit("b1", 4.0, "b"), Hit("a1", 2.0, "a")]
    assert next(iter(rank([Candidates(1.0, dense, words, [])], WEIGHTS))) == "a1"
    unread = rank([Candidates(1.0, dense, words, [], meaning_unread=True)], WEIGHTS)
    assert next(iter(unread)) == "b1"
    assert max(unread.values()) <= 1.0


def test_without_embeddings_plain_words_count_fully() -> None:
    (score,) = rank([Candidates(1.0, None, hits("a1"), hits("a1"), in_plain_words=True)], WEIGHTS).values()
    assert score == 1.0


def test_a_title_that_names_the_words_decides_between_equals() -> None:
    candidates = Candidates(1.0, None, [Hit("a1", 2.0, "a"), Hit("b1", 2.0, "b")], [Hit("b1", 1.0, "b")])
    assert list(rank([candidates], WEIGHTS)) == ["b1", "a1"]


def test_a_heading_with_one_common_word_does_not_count_like_one_with_the_whole_question() -> None:
    words = [Hit("a1", 9.0, "a"), Hit("b1", 8.0, "b")]
    scores = rank([Candidates(1.0, None, words, [Hit("b1", 1.0, "b")])], WEIGHTS)
    assert list(scores) == ["a1", "b1"]
    assert list(rank([Candidates(1.0, None, words, [Hit("b1", 8.0, "b")])], WEIGHTS)) == ["b1", "a1"]


def test_further_chunks_of_a_page_give_way_to_another_page_that_is_nearly_as_good() -> None:
    words = [Hit("a1", 10.0, "a"), Hit("a2", 9.9, "a"), Hit("b1", 9.6, "b"), Hit("c1", 5.0, "c")]
    assert list(rank([Candidates(1.0, None, words, [])], WEIGHTS)) == ["a1", "b1", "a2", "c1"]


def test_the_readers_page_decides_between_equals_only() -> None:
    tied = Candidates(1.0, None, [Hit("a1", 2.0, "a"), Hit("b1", 2.0, "b")], [])
    assert next(iter(rank([tied], WEIGHTS, reader_page="b"))) == "b1"
    clear = Candidates(1.0, None, [Hit("a1", 2.0, "a"), Hit("b1", 1.0, "b")], [])
    assert next(iter(rank([clear], WEIGHTS, reader_page="b"))) == "a1"


def test_without_embeddings_the_best_match_still_counts_fully() -> None:
    (score,) = rank([Candidates(1.0, None, hits("a1"), hits("a1"))], WEIGHTS).values()
    assert 0.9 < score <= 1


def test_a_heavier_query_counts_more() -> None:
    light, heavy = Candidates(0.1, hits("a1"), [], []), Candidates(2.0, hits("b1"), [], [])
    assert next(iter(rank([light, heavy], WEIGHTS))) == "b1"


def test_no_candidates_is_an_empty_order() -> None:
    assert rank([Candidates(1.0, [], [], [])], WEIGHTS) == {}


def test_the_best_score_of_all_queries_is_shown() -> None:
    queries = [Candidates(1.0, hits("a1"), [], []), Candidates(1.0, hits("a1", start=0.5), [], [])]
    assert best_scores(queries, DENSE) == {"a1": 1.0}
    assert best_scores(queries, SPARSE) == {}


def test_the_section_named_after_what_is_asked_for_comes_before_those_that_mention_it() -> None:
    mentions, itself = Hit("a1", 4.0, "a"), Hit("b1", 3.6, "b", names=frozenset(("lib.mock", "mock")))
    found = Candidates(1.0, None, [mentions, itself], [])
    assert list(rank([found], WEIGHTS)) == ["a1", "b1"]
    assert list(rank([replace(found, called=frozenset(("mock",)))], WEIGHTS)) == ["b1", "a1"]
