"""Term weights of texts (BM25) for documentation: identifiers count whole and in parts, in any script."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from services.retriever.embedding.vectors import SparseVector
from services.runtime.starting import CannotStart

if TYPE_CHECKING:
    import qdrant_edge as edge

AVERAGE_LENGTH = 110.0
"""Terms in a usual chunk of documentation. Frozen in a site's manifest, since stored weights depend on it."""
AVERAGE_HEADING_LENGTH = 8.0

_LANGUAGES = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish", "fi": "finnish",
    "fr": "french", "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian", "nb": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

_IN_LATIN_LETTERS = ("en", "da", "de", "es", "fi", "fr", "hu", "it", "nl", "no", "pt", "ro", "sv", "tr")

# Scripts written without spaces: each run becomes overlapping pairs of characters, as Lucene does.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)

# Words that only ask. The English ones are stop words of the engine; `怎么` would be rare and so seem telling,
# as docs do not ask.
_ASKING = re.compile(
    "请问|請問|为什么|為什麼|怎么办|怎麼辦|怎么样|怎麼樣|怎么|怎麼|怎样|怎樣|如何|什么|什麼|多少|是否|能否|可以|哪里|哪裡|哪个|哪些|吗|嗎|呢"
    "|どのように|どうやって|どうすれば|どうすると|何ですか|ですか|ますか|ください|とは|なぜ"
)


class SparseEncoder:
    """Turns texts of one locale into term weights; the same for every engine.

    The weights are made by Qdrant Edge, also where a Qdrant server stores them: no other package has the tokenizer for
    code, and stored weights and those of questions must come from the same one.

    Raises:
        CannotStart: If Qdrant Edge is not installed.
    """

    def __init__(self, locale: str, average_length: float) -> None:
        language = _LANGUAGES.get(locale.lower().split("-")[0], "english")
        self._bm25 = _bm25(language, average_length)

    def document(self, text: str) -> SparseVector:
        """Weights of a stored text: saturating frequency, by length."""
        return _neutral(self._bm25.embed_document(split_unspaced(text)))

    def query(self, text: str) -> SparseVector:
        """Weights of a question: 1 for each term that is not the asking itself."""
        return _neutral(self._bm25.embed_query(split_unspaced(_ASKING.sub(" ", text))))


@lru_cache(maxsize=64)
def encoder_for(locale: str, average_length: float) -> SparseEncoder:
    """The encoder of a locale; made once."""
    return SparseEncoder(locale, average_length)


def split_unspaced(text: str) -> str:
    """The text with runs of unspaced script as overlapping pairs: `日志库` → ` 日志 志库 `."""
    return _UNSPACED.sub(lambda run: f" {' '.join(_pairs(run.group()))} ", text)


def is_unspaced(text: str) -> bool:
    """Whether most letters of a text are of a script without spaces."""
    letters = sum(map(str.isalpha, text))
    return 2 * sum(len(run) for run in _UNSPACED.findall(text)) > letters


@lru_cache(maxsize=4096)
def seems_english(text: str) -> bool:
    """Whether the stop words of no other language in Latin letters take more out of a text than the English ones.

    One more proves nothing, since `in`, `was` or `on` are words of several languages, unless a letter that English does
    not have says the same.
    """
    left = {language: len(encoder_for(language, AVERAGE_LENGTH).query(text).indices) for language in _IN_LATIN_LETTERS}
    foreign = any(character.isalpha() and not character.isascii() for character in text)
    return left["en"] - min(left.values()) < (1 if foreign else 2)


def _pairs(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(len(run) - 1)] or [run]


def _bm25(language: str, average_length: float) -> "edge.Bm25":
    try:
        import qdrant_edge  # noqa: PLC0415  # only here, so that what is missing can be said
    except ImportError as error:
        raise CannotStart(
            f"the package qdrant-edge-py, which weighs the words of texts, cannot be used ({error}): "
            "pip install 'docs-chat[retriever]'"
        ) from error
    return qdrant_edge.Bm25(
        qdrant_edge.Bm25Config(avg_len=average_length, tokenizer=qdrant_edge.TokenizerType.Code, language=language)
    )


def _neutral(vector: "edge.SparseVector") -> SparseVector:
    return SparseVector(tuple(vector.indices), tuple(vector.values))
