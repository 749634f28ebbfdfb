"""Misspelt questions: a word that stands nowhere on the site but is a slip away from one that does is that one.

A misspelt word is neither found nor understood, and to the judge it looks like another subject. It is corrected where
the site itself tells what was meant, and the reader is told. What may be a word of its own stays as it is: one that the
embedding model knows, one of three letters, and a short one that only another letter or another beginning would make a
word of the site, for that is how names differ (Nuxt and next, Preact and React).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from services.language.detection import seems_english
from services.language.locales import is_english
from services.language.scripts import is_latin
from services.language.terms import STOP_WORDS
from services.retriever.vocabulary.words import WORD, SiteWords

_LEAST_LETTERS = 4
_MIDDLING = 6
"""Letters from which a word may have another letter in place of one."""
_LONG = 7
"""Letters from which it may begin differently."""
_VERY_LONG = 9
"""Letters from which a word may have two slips."""
_QUOTES = "'\"`‘’“”"
_INSIDE_SENTENCE = re.compile(r"[\w,;)][ ]+$")
_MOST_WORDS = 100
"""Words of a question that is looked at: nobody mistypes a log."""
_MOST_UNKNOWN = 6
"""Unknown words up to which they are slips: a text full of them is in another language."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A word as it was written and as it was searched."""

    written: str
    searched: str


def may_be_misspelt(text: str, locale: str) -> bool:
    """Whether a text is written as the site is: what is in another language would look misspelt throughout."""
    return is_latin(text) and (seems_english(text) or not is_english(locale))


def corrected(text: str, words: SiteWords, is_usual: Callable[[str], bool]) -> tuple[str, tuple[Correction, ...]]:
    """A question as the site would spell it, with what was changed; the question itself when nothing was.

    Args:
        text: The question.
        words: The words of the site.
        is_usual: Whether a word is one of the language, though the site may not use it.
    """
    found = list(WORD.finditer(text))
    if len(found) > _MOST_WORDS:
        return text, ()
    unknown = [match for match in found if not _is_as_meant(text, match) and _is_unknown(match[0], words, is_usual)]
    if len(unknown) > _MOST_UNKNOWN:
        return text, ()
    corrections, pieces, end = [], [], 0
    for match in unknown:
        if meant := _meant(match[0], words):
            corrections.append(Correction(match[0], meant))
            pieces += [text[end : match.start()], meant]
            end = match.end()
    return "".join((*pieces, text[end:])), tuple(dict.fromkeys(corrections))


def _is_as_meant(text: str, match: re.Match[str]) -> bool:
    """Whether a word stands in quotes, alone, or has a capital inside a sentence: then it is a name."""
    before, after = text[: match.start()], text[match.end() :]
    if before[-1:] in _QUOTES and after[:1] in _QUOTES:
        return bool(before and after)
    return match[0].istitle() and bool(_INSIDE_SENTENCE.search(before))


def _is_unknown(word: str, words: SiteWords, is_usual: Callable[[str], bool]) -> bool:
    if len(word) < _LEAST_LETTERS or word.casefold() in STOP_WORDS or words.knows(word) or is_usual(word):
        return False
    return not any(words.knows(word[start:]) for start in range(2, len(word) - _LONG + 1))


def _meant(word: str, words: SiteWords) -> str:
    """The word of the site that was meant; empty when none is near enough."""
    near = words.near(word, most=2 if len(word) >= _VERY_LONG else 1)
    likely = next((other for _, other in near if _is_slip(word.casefold(), other)), "")
    return words.spelt(likely) if likely else ""


def _is_slip(written: str, meant: str) -> bool:
    if len(meant) < _LEAST_LETTERS - 1:
        return False
    if len(written) >= _LONG or sorted(written) == sorted(meant):
        return True
    if written[0] != meant[0]:
        return False
    return len(written) >= _MIDDLING or len(written) != len(meant)
