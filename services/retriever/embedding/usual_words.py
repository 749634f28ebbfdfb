"""Which words are usual: those that the embedding model's vocabulary has whole."""

from collections.abc import Callable

from services.retriever.embedding.embedder import Embedder


def usual_words(embedder: Embedder) -> Callable[[str], bool]:
    """Tells whether the embedding model knows a word whole; where its tokenizer is not known, no word is usual."""
    if not embedder.tokenizer_json:
        return lambda word: False
    alone = embedder.count_tokens("a")
    return lambda word: embedder.count_tokens(f"a {word}") == alone + 1
