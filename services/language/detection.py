"""Which language a text is in, by its script and by its small words."""

import re
from functools import lru_cache

from services.language.function_words import FUNCTION_WORDS
from services.language.locales import preferred_language
from services.language.scripts import language_of_script

_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
_WORD = re.compile(r"(?<![\w.\-/@$])[^\W\d_]+(?![\w\-/@$(]|\.\w)")
"""A word that is not part of an identifier: `no-unused-vars` and `Platform.OS` are in no language."""


def detect_language(text: str) -> str:
    """Code of the language a text is written in; empty when it does not tell (one word, code only).

    >>> detect_language("Wie installiere ich das Paket?"), detect_language("prefetch on hover")
    ('de', '')
    """
    prose = _CODE.sub(" ", text)
    if language := language_of_script(prose):
        return language
    counts = _counts(prose)
    best = max(counts, key=lambda code: counts[code])
    runner_up = max(count for code, count in counts.items() if code != best)
    return best if counts[best] > runner_up else ""


@lru_cache(maxsize=4096)
def seems_english(text: str) -> bool:
    """Whether no other language in Latin letters has more of its small words in a text than English."""
    counts = _counts(_CODE.sub(" ", text))
    return counts["en"] >= max(counts.values())


def answer_language(question: str, reader_language: str) -> str:
    """Code of the language to answer in: the question's, else the reader's, else English."""
    return detect_language(question) or preferred_language(reader_language) or "en"


def _counts(prose: str) -> dict[str, int]:
    """How many of the words are small words of each language."""
    words = _WORD.findall(prose.lower())
    return {code: sum(word in known for word in words) for code, known in FUNCTION_WORDS.items()}
