"""What the unknown words of a refused question may have been meant to be."""

from services.retriever.vocabulary.guessing import guesses, unknown_words
from services.retriever.vocabulary.spelling import Correction
from services.retriever.vocabulary.words import SiteWords

WORDS = SiteWords(["How do I call it from a program? Call the hose and fill the hole; the tap is safe."])


def test_words_that_the_site_lacks_are_unknown_even_if_they_are_words() -> None:
    assert unknown_words("How do I gall it from a program?", WORDS) == ["gall"]
    assert unknown_words("Is the tap afe?", WORDS) == ["afe"]


def test_parts_of_identifiers_and_quotations_are_no_slips() -> None:
    assert unknown_words("fille.config.js and 'gall' with @hosse/tapp", WORDS) == []


def test_a_question_with_many_unknown_words_is_about_something_else() -> None:
    assert unknown_words("renew passport abroad without embassy", WORDS) == []
    assert unknown_words("gall " * 15, WORDS) == []


def test_every_near_word_is_tried() -> None:
    tried = {guess.text: guess.correction for guess in guesses("where is the hoe?", "hoe", WORDS)}
    assert tried == {
        "where is the hose?": Correction("hoe", "hose"),
        "where is the hole?": Correction("hoe", "hole"),
    }
