"""Marks the words of a passage that a question names."""

import re
from collections.abc import Sequence
from functools import lru_cache

_WORD = re.compile(r"\w+")
_ENDINGS = re.compile(r"(?:ations?|ings?|ers?|ed|es|s|ly|e)$")


def highlights(text: str, queries: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Ranges of words of `text` that the queries name, by rising start, without overlaps."""
    wanted = {_stem(word) for query in queries for word in _WORD.findall(query) if _worth_marking(word)}
    return tuple(word.span() for word in _WORD.finditer(text) if _stem(word[0]) in wanted)


def _worth_marking(word: str) -> bool:
    return word.casefold() not in _COMMON and (len(word) > 1 or not word.isascii())


@lru_cache(maxsize=16_384)
def _stem(word: str) -> str:
    """Cached, because sites repeat their words: making stems took a sixth of the Python time of a search."""
    folded = word.casefold()
    return _ENDINGS.sub("", folded) if len(folded) > 4 else folded


_COMMON = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be but by can could do does for from get had has have how i if in into is it its me my not "
        "of on or should so that the their them then there these they this to was we what when where which who why "
        "will with would you your",
    )
)
