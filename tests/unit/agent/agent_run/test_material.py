"""Which passages a model reads, and in which order."""

from docs_chat.retriever.v1.passages_pb2 import Passage

from services.agent.agent_run.material import chosen
from services.agent.evidence import Evidence


def a_passage(page: str, ordinal: int, characters: int = 300) -> Passage:
    return Passage(
        uri=f"https://x/{page}#{ordinal}",
        document_uri=f"https://x/{page}",
        text="x" * characters,
        first_ordinal=ordinal,
    )


def numbers(passages: list[Passage], tokens: int = 10_000) -> list[int]:
    return [number for number, _ in chosen(Evidence(passages), tokens)]


def test_the_most_relevant_passages_are_taken_while_they_fit() -> None:
    passages = [a_passage(str(at), 0) for at in range(6)]
    assert sorted(numbers(passages, tokens=400)) == [1, 2, 3]


def test_a_passage_that_is_too_long_gives_way_to_the_next() -> None:
    passages = [a_passage("a", 0), a_passage("b", 0, characters=9_000), a_passage("c", 0)]
    assert sorted(numbers(passages, tokens=400)) == [1, 3]


def test_the_best_passage_is_read_even_where_it_alone_is_too_much() -> None:
    assert numbers([a_passage("a", 0, characters=9_000)], tokens=100) == [1]
    assert numbers([]) == []


def test_the_best_page_comes_first_and_the_next_best_last() -> None:
    passages = [a_passage(page, 0) for page in "abcd"]
    assert numbers(passages) == [1, 3, 4, 2]
    assert numbers(passages[:2]) == [1, 2]


def test_passages_of_one_page_stand_together_in_reading_order() -> None:
    passages = [a_passage("a", 7), a_passage("b", 0), a_passage("a", 3), a_passage("c", 0)]
    assert numbers(passages) == [3, 1, 4, 2]
