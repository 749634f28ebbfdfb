"""The words of a site."""

import pytest

from services.retriever.vocabulary.words import SiteWords

WORDS = SiteWords(
    [
        "Turn the compost heap every second week. The heap is warm when worms work.",
        "Set `useCompostTimer` or pass --no-heap-cover; stopped timers are configured again.",
        "The API counts worms. API calls are cheap.",
    ]
)


@pytest.mark.parametrize("word", ["compost", "Compost", "composts", "turning", "configure", "configuring", "cover"])
def test_a_word_is_known_in_every_form(word: str) -> None:
    assert WORDS.knows(word)


@pytest.mark.parametrize("word", ["useCompostTimer", "usecomposttimer", "WarmCompost"])
def test_an_identifier_is_known_whole_or_by_all_its_parts(word: str) -> None:
    assert WORDS.knows(word)


@pytest.mark.parametrize("word", ["compst", "wormms", "heapp", "useCompstTimer", "stopedd", "kitchen"])
def test_a_slip_is_no_form_of_a_word(word: str) -> None:
    assert not WORDS.knows(word)


def test_the_nearest_words_come_first_and_swapped_letters_before_others() -> None:
    words = SiteWords(["model model model models form from"])
    assert words.near("modesl", most=1)[0] == (1, "models")
    assert [word for _, word in words.near("frm", most=1)] == ["form", "from"]


def test_a_word_is_spelt_as_the_site_mostly_does() -> None:
    assert WORDS.spelt("api") == "API"
    assert WORDS.spelt("usecomposttimer") == "useCompostTimer"


def test_a_site_without_words_has_none_near() -> None:
    assert SiteWords([]).near("word", most=2) == []
