"""What counts as a word of documentation: identifiers whole and in parts, unspaced scripts in pairs of characters."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from services.language.scripts import UNSPACED

LONGEST_WORD = 48
"""Characters of a word that count; longer ones are addresses, keys and hashes, found by their parts."""

_NAME = re.compile(r"\w+(?:[.\-/:@#$&]+\w+)*[+#]{0,2}")
"""A word with what joins the parts of identifiers, flags, packages and files; `C++` and `C#` too."""
_SEGMENTS = re.compile(r"[^/:@#$&]+")
"""Between these stand words of their own: the folders of a path, a package and its scope."""
_PARTS = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ACCENTS = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, as it is written there."""

    text: str
    start: int
    """First code point."""


@lru_cache(maxsize=65_536)
def plain(word: str) -> str:
    """A word as words are compared: without capitals, accents and other ways of writing the same.

    >>> plain("Accès"), plain("ＣＯＮＦＩＧ")
    ('acces', 'config')
    """
    if word.isascii():
        return word.lower()
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", word).casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", folded))


def plain_line(text: str) -> str:
    """The words of a text in a row, identifiers in parts, as headings and phrases are compared.

    >>> plain_line("Getting  started: `useThing()`, lib.mock")
    'getting started use thing lib mock'
    """
    return " ".join(plain(part.text) for token in tokens(text) for part in parts(token.text))


def compact(line: str) -> str:
    """A line without blanks: `use thing`, `usething` and `use-thing` are the same to somebody who types."""
    return line.replace(" ", "")


def tokens(text: str, *, worth_it: Callable[[str], bool] = bool) -> list[Token]:
    """The words of a text in order, identifiers whole; of these, those that are worth it.

    >>> [token.text for token in tokens("Run `lib.mock()`, then --max-old-space=8.")]
    ['Run', 'lib.mock', 'then', 'max-old-space', '8']
    """
    return [Token(found.group(), found.start()) for found in _NAME.finditer(text) if worth_it(found.group())]


def parts(word: str) -> list[Token]:
    """The parts of an identifier by what joins them and by capitals; a plain word is its own only part.

    >>> [part.text for part in parts("docusaurus.config.js")], [part.text for part in parts("useXMLParser2")]
    (['docusaurus', 'config', 'js'], ['use', 'XML', 'Parser', '2'])
    """
    found = []
    for piece in _PARTS.finditer(word):
        text = piece.group()
        is_plain = not text.isascii() or text.islower() or text.isupper()
        cut = [(text, 0)] if is_plain else [(match.group(), match.start()) for match in _CAMEL.finditer(text)]
        found += [Token(part, piece.start() + start) for part, start in cut]
    return found


@lru_cache(maxsize=65_536)
def forms(word: str) -> tuple[str, ...]:
    """Under which words a word of a text is found.

    >>> forms("@scope/pkg-core"[1:])
    ('scope/pkg-core', 'scope', 'pkg-core', 'pkg', 'core')
    >>> forms("maxOldSpace"), forms("日志库")
    (('maxoldspace', 'max', 'old', 'space'), ('日志', '志库', '库'))
    """
    if UNSPACED.search(word):
        return tuple(dict.fromkeys(form for piece in _mixed(word) for form in piece))
    segments = _SEGMENTS.findall(word)
    written = [word, *(segments if len(segments) > 1 else ())]
    for segment in segments:
        pieces = _PARTS.findall(segment)
        written += pieces if len(pieces) > 1 else ()
    written += [part.text for part in parts(word)]
    found = dict.fromkeys(plain(text.strip("_-.")) for text in written)
    return tuple(form for form in found if 0 < len(form) <= LONGEST_WORD)


def words_of(text: str) -> list[str]:
    """Under which words a text is found, each as often as it stands there."""
    return [form for found in _NAME.findall(text) for form in forms(found)]


def pairs(run: str) -> list[str]:
    """A run of an unspaced script as overlapping pairs of characters.

    >>> pairs("日志库"), pairs("库")
    (['日志', '志库'], ['库'])
    """
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def _mixed(word: str) -> list[tuple[str, ...]]:
    """Forms of a word in which runs of unspaced script and others follow each other without a blank."""
    found: list[tuple[str, ...]] = []
    for run in UNSPACED.findall(word):
        found.append((*pairs(run), run[-1]))
    found += [forms(other) for other in _NAME.findall(UNSPACED.sub(" ", word))]
    return found
