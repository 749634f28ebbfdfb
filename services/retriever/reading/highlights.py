"""Marks the words of a passage that a question names."""

import re
from collections.abc import Sequence

from services.language.function_words import FUNCTION_WORDS
from services.language.stems import stem

_WORD = re.compile(r"\w+")


def highlights(text: str, queries: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Ranges of words of `text` that the queries name, by rising start, without overlaps."""
    wanted = {_stem(word) for query in queries for word in _WORD.findall(query) if _worth_marking(word)}
    return tuple(word.span() for word in _WORD.finditer(text) if _stem(word[0]) in wanted)


def _worth_marking(word: str) -> bool:
    return word.casefold() not in FUNCTION_WORDS["en"] and (len(word) > 1 or not word.isascii())


def _stem(word: str) -> str:
    return stem(word.casefold())
