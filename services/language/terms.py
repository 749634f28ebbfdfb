"""Words that carry meaning, for telling which sentence is about a question."""

import re

from services.language.function_words import function_words
from services.language.question_words import ASKING_WORDS
from services.language.scripts import UNSPACED, split_unspaced
from services.language.stems import stem

_WORD = re.compile(r"[\w$@][\w$@.\-/]*\w|\w", re.UNICODE)
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_LANGUAGES_OF_TEXTS = ("en", "de", "fr", "es", "it")
"""Languages whose small words are left out of every text. Those of others are code or English: `var`, `do`, `ha`."""
STOP_WORDS = ASKING_WORDS | function_words(_LANGUAGES_OF_TEXTS)


def terms(text: str) -> list[str]:
    """Stemmed words that carry meaning, in order; identifiers whole and in parts, unspaced scripts in pairs.

    >>> terms("How do I configure the trailingSlash?")
    ['configur', 'trailingslash', 'trail', 'slash']
    """
    found: list[str] = []
    for word in _WORD.findall(split_unspaced(text)):
        if UNSPACED.match(word):
            found.append(word)
            continue
        lowered = word.lower().strip(".-/")
        if lowered in STOP_WORDS or len(lowered) < 2:
            continue
        found.append(stem(lowered))
        if len(parts := _PARTS.findall(word)) > 1:
            found.extend(stem(part.lower()) for part in parts if part.lower() not in STOP_WORDS and len(part) > 1)
    return found
