"""The engine is asked once for each term and each part of a site."""

from collections.abc import Sequence

from services.retriever.reading.judging.vocabulary import SitePart, Vocabulary
from services.retriever.store.port import Hit, VectorSearch, Where


class Counting:
    """A store that holds the even terms in three chunks, and counts what it is asked."""

    def __init__(self) -> None:
        self.searched: list[int] = []
        self.counted = 0

    async def search(self, searches: Sequence[VectorSearch]) -> list[list[Hit]]:
        terms = [term for search in searches for term in search.vector.indices]
        self.searched += terms
        return [[Hit("1", 1.0, "page")] if term % 2 == 0 else [] for term in terms]

    async def count(self, where: Where) -> int:
        del where
        self.counted += 1
        return 3


def part(store: Counting, key: str) -> SitePart:
    return SitePart(store, Where(), key)  # type: ignore[arg-type]


async def test_terms_that_no_chunk_has_are_missing() -> None:
    assert await Vocabulary().missing(part(Counting(), "all"), {1, 2, 3}) == {1, 3}


async def test_a_term_is_asked_for_once_in_each_part() -> None:
    store, vocabulary = Counting(), Vocabulary()
    for _ in range(2):
        assert await vocabulary.missing(part(store, "all"), {1, 2}) == {1}
    assert sorted(store.searched) == [1, 2]
    await vocabulary.missing(part(store, "blog"), {1})
    assert sorted(store.searched) == [1, 1, 2]


async def test_what_is_empty_is_known_without_the_engine() -> None:
    store = Counting()
    assert await Vocabulary().missing(part(store, "all"), set()) == frozenset()
    assert store.searched == []


async def test_the_size_of_a_part_is_counted_once() -> None:
    store, vocabulary = Counting(), Vocabulary()
    assert [await vocabulary.size(part(store, "all")) for _ in range(2)] == [3, 3]
    assert store.counted == 1
