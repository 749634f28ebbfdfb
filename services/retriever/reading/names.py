"""Questions without a subject of their own: they are about the site itself."""

from functools import lru_cache

from services.language.question_words import DOCS_WORDS
from services.retriever.embedding.sparse import SparseEncoder


def names_no_subject(text: str, encoder: SparseEncoder) -> bool:
    """Whether a question has no words but those of any documentation: "What do I need to install?" is about this one.

    >>> from services.retriever.embedding.sparse import encoder_for
    >>> names_no_subject("How do I install it?", encoder_for("en", 110.0))
    True
    >>> names_no_subject("How do I install a kitchen?", encoder_for("en", 110.0))
    False
    """
    return _of_any_docs(encoder).issuperset(encoder.query(text).indices)


@lru_cache(maxsize=64)
def _of_any_docs(encoder: SparseEncoder) -> frozenset[int]:
    return frozenset(encoder.query(DOCS_WORDS).indices)
