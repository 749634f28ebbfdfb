"""The words of a site: by beginning, by stem, by a letter or two."""

from hypothesis import given
from hypothesis import strategies as st

from services.retriever.vocabulary.lexicon import Lexicon, allowed_mistakes

WORDS = sorted(["cat", "config", "configuration", "configure", "install", "installation", "renderer", "retry", "web3"])
LEXICON = Lexicon(WORDS)


def near(word: str, *, is_finished: bool = True) -> dict[str, int]:
    return {LEXICON.words[number]: wrong for number, wrong in LEXICON.near(word, is_finished=is_finished)}


def test_words_are_found_by_how_they_begin() -> None:
    begun = LEXICON.beginning_with("config")
    assert list(LEXICON.words[begun.start : begun.stop]) == ["config", "configuration", "configure"]
    assert len(LEXICON.beginning_with("zebra")) == 0


def test_one_letter_may_be_wrong_in_a_word_of_four_and_two_in_one_of_eight() -> None:
    assert near("retyr") == {"retry": 1}  # swapped
    assert near("rety") == {"retry": 1}  # left out
    assert near("rettry") == {"retry": 1}  # too much
    assert near("retrt") == {"retry": 1}  # another
    assert near("cta") == {}
    assert near("rneedrer") == {"renderer": 2}
    assert near("rneedrre") == {}


def test_an_unfinished_word_is_compared_with_beginnings() -> None:
    assert near("instlal", is_finished=False) == {"install": 1, "installation": 1}
    assert near("instlal", is_finished=True) == {"install": 1}
    assert near("cofnigu", is_finished=False) == {"configuration": 1, "configure": 1}


def test_no_words_are_near_in_an_empty_site() -> None:
    assert Lexicon([]).near("install", is_finished=True) == []


letters = st.text("abc", min_size=4, max_size=10)


@given(st.lists(letters, min_size=1, max_size=8, unique=True), letters)
def test_distances_are_those_of_the_textbook(words: list[str], typed: str) -> None:
    lexicon = Lexicon(sorted(words))
    allowed = allowed_mistakes(typed)
    expected = {word: wrong for word in words if (wrong := distance(typed, word)) <= allowed}
    assert {lexicon.words[number]: wrong for number, wrong in lexicon.near(typed, is_finished=True)} == expected
    begun = {word: wrong for word in words if (wrong := beginning_distance(typed, word)) <= allowed}
    assert {lexicon.words[number]: wrong for number, wrong in lexicon.near(typed, is_finished=False)} == begun


def beginning_distance(typed: str, word: str) -> int:
    return min(distance(typed, word[:end]) for end in range(len(word) + 1))


def distance(one: str, other: str) -> int:
    """Optimal string alignment, as textbooks write it."""
    table = [
        [row + column if not row or not column else 0 for column in range(len(other) + 1)]
        for row in range(len(one) + 1)
    ]
    for row in range(1, len(one) + 1):
        for column in range(1, len(other) + 1):
            table[row][column] = min(
                table[row - 1][column] + 1,
                table[row][column - 1] + 1,
                table[row - 1][column - 1] + (one[row - 1] != other[column - 1]),
            )
            if row > 1 and column > 1 and one[row - 1] == other[column - 2] and one[row - 2] == other[column - 1]:
                table[row][column] = min(table[row][column], table[row - 2][column - 2] + 1)
    return table[len(one)][len(other)]
