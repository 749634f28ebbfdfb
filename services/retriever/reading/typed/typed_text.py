"""What somebody typed so far: which words must be found, which may be, and which of them is not finished."""

import re
from dataclasses import dataclass, replace

from services.language.function_words import FUNCTION_WORDS, function_words
from services.language.locales import primary_language
from services.language.question_words import ASKING_WORDS
from services.language.scripts import UNSPACED
from services.retriever.reading.typed.words import LONGEST_WORD, pairs, parts, plain, plain_line, tokens

MOST_WORDS = 16
_QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]*)(?:[\"“”„«»]|$)")


@dataclass(frozen=True, slots=True)
class TypedWord:
    """One word of what was typed, or a part of an identifier."""

    text: str
    """As words are compared."""
    is_finished: bool = True
    """Whether it may not go on: only the last word may."""
    is_needed: bool = True
    """Whether a section without it is found less; false for small words, and for identifiers whose parts are needed."""
    is_identifier: bool = False
    """Whether it stands for a whole whose parts are words of their own."""


@dataclass(frozen=True, slots=True)
class TypedText:
    """What was typed, taken apart."""

    text: str
    words: tuple[TypedWord, ...]
    line: str
    """All of it as headings are compared with it."""
    phrases: tuple[str, ...] = ()
    """What was typed between quotes, in the same form."""


def read_typed(text: str, locale: str) -> TypedText:
    """Take apart what was typed.

    >>> [word.text for word in read_typed("how do I use the lib.mo", "en").words if word.is_needed]
    ['lib', 'mo']
    """
    found = tokens(text)[:MOST_WORDS]
    goes_on = bool(found) and not text[-1].isspace() and text.rstrip(" \"'`)”»")[-1:] == found[-1].text[-1:]
    words: list[TypedWord] = []
    for at, token in enumerate(found):
        words += _typed(token.text, is_finished=not (goes_on and at == len(found) - 1))
    phrases = tuple(line for quoted in _QUOTED.findall(text) if " " in (line := plain_line(quoted)))
    return TypedText(text, _without_small_words(words, locale), plain_line(text), phrases)


def _typed(token: str, *, is_finished: bool) -> list[TypedWord]:
    """A word; an identifier as its parts, which are needed, and whole."""
    if UNSPACED.search(token):
        return _unspaced(token, is_finished=is_finished)
    pieces = [plain(part.text) for part in parts(token)]
    whole = plain(token.strip("_-."))[:LONGEST_WORD]
    if len(pieces) <= 1:
        return [TypedWord(whole, is_finished)] if whole else []
    typed = [TypedWord(piece) for piece in pieces[:-1]] + [TypedWord(pieces[-1], is_finished)]
    return [*typed, TypedWord(whole, is_finished, is_needed=False, is_identifier=True)]


def _unspaced(token: str, *, is_finished: bool) -> list[TypedWord]:
    typed: list[TypedWord] = []
    end = 0
    for run in UNSPACED.finditer(token):
        if before := token[end : run.start()]:
            typed += _typed(before, is_finished=True)
        typed += [TypedWord(pair, len(pair) > 1) for pair in pairs(plain(run.group()))]
        end = run.end()
    if after := token[end:]:
        typed += _typed(after, is_finished=is_finished)
    return typed


def _without_small_words(words: list[TypedWord], locale: str) -> tuple[TypedWord, ...]:
    """Small words need not be found where others stand beside them: `how to` begins many questions.

    Neither need the last word while it may still become one: `the` on its way to `theme`.
    """
    small = _small_words(locale)
    telling = [word for word in words if word.is_needed and word.text not in small]
    if not telling:
        return tuple(dict.fromkeys(words))
    kept = []
    is_in_identifier = words[-1].is_identifier
    for word in words:
        may_be_small = not word.is_finished and len(telling) > 1 and not is_in_identifier
        may_be_small = may_be_small and any(other.startswith(word.text) for other in small)
        if word.text in small and word.is_finished:
            continue
        is_needed = word.is_needed and not may_be_small and word.text not in small
        kept.append(replace(word, is_needed=is_needed))
    return tuple(dict.fromkeys(kept))


def _small_words(locale: str) -> frozenset[str]:
    code = primary_language(locale)
    return function_words(("en", code) if code in FUNCTION_WORDS else ("en",)) | _ASKING


_ASKING = ASKING_WORDS - {"page", "docs", "documentation", "help", "need", "work", "works", "show", "question", "going"}
"""In a search box these are asked for; questions hold them as well."""
