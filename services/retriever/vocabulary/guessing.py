"""Second look at a question that would be refused: what else its unknown words may have been meant to be.

`spelling` corrects what is surely a slip. In a short question one letter can also make another word ("How do I gall
it?") or one that is too short to tell; then the question seems to be about something else. Each word that the site does
not have is tried as the words it is a letter away from.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.language.terms import STOP_WORDS
from services.retriever.vocabulary.spelling import Correction
from services.retriever.vocabulary.words import SiteWords

_ALONE = re.compile(r"(?<![^\s(])[A-Za-z\u00c0-\u024f]+(?![^\s).,:;?!])(?!\.\w)")
"""A word that is no part of an identifier, a path or a quotation."""
_LEAST_LETTERS = 3
_LONG = 8
"""Letters from which two may be wrong."""
_MOST_GUESSES = 5
"""Words that are tried in place of one: the nearest and most frequent."""
_MOST_UNKNOWN = 3
_LONGEST_QUESTION = 14
"""Words of a question that one wrong word can turn into another."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A question with one word replaced."""

    text: str
    correction: Correction


def unknown_words(text: str, words: SiteWords) -> list[str]:
    """The words of a question that the site does not have, each once; none when they cannot be slips."""
    found = _ALONE.findall(text)
    if len(found) > _LONGEST_QUESTION:
        return []
    unknown = [
        word
        for word in dict.fromkeys(found)
        if len(word) >= _LEAST_LETTERS and word.casefold() not in STOP_WORDS and not words.knows(word)
    ]
    return unknown if len(unknown) <= _MOST_UNKNOWN else []


def guesses(text: str, word: str, words: SiteWords) -> Iterator[Guess]:
    """The question with each word of the site that may have been meant by one of its words."""
    near = words.near(word, most=2 if len(word) >= _LONG else 1)
    likely = [other for _, other in near if other not in STOP_WORDS]
    for other in likely[:_MOST_GUESSES]:
        spelt = words.spelt(other)
        pieces = re.split(rf"\b{re.escape(word)}\b", text)
        yield Guess(spelt.join(pieces), Correction(word, spelt))
