"""What a question calls by a name, part by part, so that a name that stands nowhere in the docs can count.

A path or a call is read by its parts, since a reader's `device.tap()` is the docs' `tap`; a package with its scope, a
flag and words joined by hyphens are one name each. Numbers and measures are no names.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.language.terms import STOP_WORDS

_WORD = re.compile(r"[^\s,;!?(){}\[\]\"“”«»<>|=*]+")
_PARTS = re.compile(r"[./\\:#+&]+")
_WRITTEN_AS_CODE = re.compile(r"[a-z][A-Z]|[^\W_]_[^\W_]|[A-Za-z]\d|\d[A-Za-z]{2}")
_MEASURE = re.compile(r"\d[\d.,_-]*(?:[a-z%]{1,3})?|0x[0-9a-f]+", re.IGNORECASE)
_ERROR_CODE = re.compile(r"[A-Z]{1,5}-?\d{3,5}")
"""`TS2339`: docs that answer an error seldom have its code."""
_VERSION = re.compile(r"v\d+(?:\.(?:\d+|x))*(?:-[\w.]+)?", re.IGNORECASE)
_CITED = re.compile(
    r"\"[^\"\n]{12,}\"|“[^”\n]{12,}”|\[[^\]\n]{4,}\]|(?<!\w)'[^'\n]{2,40}'(?!\w)|`[^`\n]*\s[^`\n]*`|```.*?```"
    r"|\b[Ee]rror: [^\n.?!]*|(?:(?<=\s)\(|\(e\.?g)(?:[^()\n]|\([^()\n]*\))*\)",
    re.DOTALL,
)
"""What an error message, a log or a piece of code cites of the reader's own program, and asides in parentheses."""
_SENTENCE_END = (".", "?", "!", ":", "\n")
_QUOTES = "`'’"
_LEAST_PARTS = 3
"""Usual words joined by hyphens from which they are a name rather than a turn of phrase ("eager-loaded")."""


class NameKind(StrEnum):
    """How sure it is that a word is a name."""

    STRANGE = "strange"
    """Written as code, or no usual word: an identifier, a flag, a package, a product, a version."""
    LOOSE = "loose"
    """A usual word with a capital, or two of them joined: "Lambda", "key-fields"."""


@dataclass(frozen=True, slots=True)
class Named:
    """One name."""

    text: str
    kind: NameKind
    cited: bool
    """Whether it stands in what the question cites or says aside: an error message, a log, code, in parentheses."""

    @property
    def is_version(self) -> bool:
        """Whether it names a version: `v9`, `v0.31.1-rc`."""
        return _VERSION.fullmatch(self.text) is not None


def named_in(question: str, is_usual: Callable[[str], bool]) -> list[Named]:
    """The names in a question, each once, in order.

    Args:
        question: What was asked.
        is_usual: Whether a word is one of the language.

    >>> [name.text for name in named_in("Does tap() of app-kit/driver work with @acme/run?", {"work"}.__contains__)]
    ['tap', 'app-kit', 'driver', '@acme/run']
    """
    cited = [match.span() for match in _CITED.finditer(question)]
    found: dict[str, Named] = {}
    for text, start, is_proper in _words(question):
        for part in _parts(text):
            if (kind := _kind(part, is_usual, is_proper=is_proper)) is not None:
                within = any(first <= start < end for first, end in cited)
                found.setdefault(part.casefold(), Named(part, kind, within))
    return list(found.values())


def _words(question: str) -> Iterator[tuple[str, int, bool]]:
    """Each word bare of quotes and stops, where it begins, and whether it has a capital inside a sentence."""
    begins_sentence = True
    for match in _WORD.finditer(question):
        word = match.group()
        bare = word.strip(_QUOTES).rstrip(".:…").strip(_QUOTES)
        if bare:
            has_capital = bare[0].isupper() and len(bare) > 1 and bare[1].isalnum()
            yield bare, match.start(), has_capital and not begins_sentence
        begins_sentence = word.endswith(_SENTENCE_END) or question[match.end() : match.end() + 1] in _SENTENCE_END


def _parts(word: str) -> list[str]:
    if word.startswith("@") or _VERSION.fullmatch(word):
        return [word]
    parts = (part.rstrip("-_$'’") if part.startswith("--") else part.strip("-_$'’") for part in _PARTS.split(word))
    return [part for part in parts if part]


def _kind(part: str, is_usual: Callable[[str], bool], *, is_proper: bool) -> NameKind | None:
    if _VERSION.fullmatch(part):
        return NameKind.STRANGE
    if (
        _MEASURE.fullmatch(part)
        or _ERROR_CODE.fullmatch(part)
        or part.casefold() in STOP_WORDS
        or (len(part) < 3 and not part.isupper())
    ):
        return None
    if part.startswith(("@", "--")) or _WRITTEN_AS_CODE.search(part):
        return NameKind.STRANGE

    def usual(word: str) -> bool:
        return is_usual(word.lower()) or is_usual(word)

    joined = part.split("-")
    if len(joined) > 1:
        all_usual = all(len(word) < 2 or usual(word) for word in joined)
        return NameKind.LOOSE if all_usual and len(joined) < _LEAST_PARTS else NameKind.STRANGE
    if not usual(part):
        return NameKind.STRANGE
    return NameKind.LOOSE if is_proper else None
