"""Docs come before news, unless the question is about news."""

import pytest

from services.retriever.reading.candidates import Candidates
from services.retriever.reading.news import is_about_news, news_counts
from services.retriever.reading.ranking import RankingWeights, rank
from services.retriever.store.port import Hit

YEAR_S = 365.25 * 24 * 3600
NOW_S = 50 * YEAR_S


@pytest.mark.parametrize(
    "question",
    [
        "What changed in v5?",
        "what's new",
        "When was the timer added?",
        "which breaking changes does 9.2 bring",
        "Release notes of the garden",
        "was it removed in version 3",
        "has the cli been announced",
        "since 4.1.0-rc.2 the hose leaks",
    ],
)
def test_releases_changes_and_versions_are_news(question: str) -> None:
    assert is_about_news(question)


@pytest.mark.parametrize(
    "question",
    [
        "How do I change the port?",
        "The hose does not open since I turned the tap",
        "Where do I add a new plant?",
        "Timeout of 10000ms exceeded",
        "How do I remove a bed in the garden?",
    ],
)
def test_a_question_about_use_is_not(question: str) -> None:
    assert not is_about_news(question)


def test_a_post_counts_less_the_older_it_is_and_a_page_never() -> None:
    fresh, old, ancient = (news_counts("blog", NOW_S - years * YEAR_S, NOW_S) for years in (0, 3, 30))
    assert 1 > fresh > old > ancient >= 0.7
    assert news_counts("blog", None, NOW_S) == fresh
    assert news_counts("doc", NOW_S - 30 * YEAR_S, NOW_S) == 1.0


def candidates(*, about_news: bool = False) -> Candidates:
    post, page = Hit("post", 4.2, "post", "blog", NOW_S - 5 * YEAR_S), Hit("page", 4.0, "page", "doc")
    return Candidates(
        1.0, [post._replace(score=0.82), page._replace(score=0.80)], [post, page], [], about_news=about_news
    )


def test_the_docs_come_before_a_post_that_says_nearly_the_same() -> None:
    close = Candidates(1.0, None, candidates().sparse, [])
    assert list(rank([close], RankingWeights(), now_s=NOW_S)) == ["page", "post"]


def test_a_question_about_news_overturns_it() -> None:
    assert list(rank([candidates(about_news=True)], RankingWeights(), now_s=NOW_S)) == ["post", "page"]


def test_a_post_that_fits_much_better_still_comes_first() -> None:
    post, page = Hit("post", 9.0, "post", "blog", NOW_S - 5 * YEAR_S), Hit("page", 2.0, "page", "doc")
    assert list(rank([Candidates(1.0, None, [post, page], [])], RankingWeights(), now_s=NOW_S)) == ["post", "page"]
