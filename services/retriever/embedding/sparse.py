"""Term weights of texts (BM25) for documentation: identifiers count whole and in parts, in any script."""

from functools import lru_cache
from typing import TYPE_CHECKING

from services.language.locales import language_name, primary_language
from services.language.question_words import ASKING_IN_QUERIES
from services.language.scripts import split_unspaced
from services.retriever.embedding.vectors import SparseVector
from services.runtime.starting import CannotStart

if TYPE_CHECKING:
    import qdrant_edge as edge

AVERAGE_LENGTH = 110.0
"""Terms in a usual chunk of documentation. Frozen in a site's manifest, since stored weights depend on it."""
AVERAGE_HEADING_LENGTH = 8.0

_WEIGHED = ("ar", "da", "de", "el", "en", "es", "fi", "fr", "hu", "it", "nl", "no", "nb", "pt", "ro", "ru", "sv", "tr")
"""Codes of the languages whose endings and common words the engine knows; others are weighed like English."""


class SparseEncoder:
    """Turns texts of one locale into term weights; the same for every engine.

    The weights are made by Qdrant Edge, also where a Qdrant server stores them: no other package has the tokenizer for
    code, and stored weights and those of questions must come from the same one.

    Raises:
        CannotStart: If Qdrant Edge is not installed.
    """

    def __init__(self, locale: str, average_length: float) -> None:
        code = primary_language(locale)
        language = language_name(code if code in _WEIGHED else "en")
        self._bm25 = _bm25(language.lower(), average_length)

    def document(self, text: str) -> SparseVector:
        """Weights of a stored text: saturating frequency, by length."""
        return _neutral(self._bm25.embed_document(split_unspaced(text)))

    def query(self, text: str) -> SparseVector:
        """Weights of a question: 1 for each term that is not the asking itself."""
        return _neutral(self._bm25.embed_query(split_unspaced(ASKING_IN_QUERIES.sub(" ", text))))


@lru_cache(maxsize=64)
def encoder_for(locale: str, average_length: float) -> SparseEncoder:
    """The encoder of a locale; made once."""
    return SparseEncoder(locale, average_length)


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
