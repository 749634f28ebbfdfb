"""The port of an embedding model."""

from collections.abc import Sequence
from typing import Protocol

from services.retriever.embedding.vectors import DenseVector


class Embedder(Protocol):
    """An embedding model."""

    @property
    def model_id(self) -> str:
        """Name of the embedding space; vectors of two spaces cannot be compared."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """Tokens the model reads of one text, special tokens included."""
        ...

    @property
    def tokenizer_json(self) -> bytes:
        """The tokenizer in the `tokenizers` format; empty when it is not published."""
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, special tokens included."""
        ...

    async def embed_query(self, text: str) -> DenseVector:
        """Shape (dimension,), length 1. A text beyond the model's window is read up to it.

        Raises:
            EmbedderUnavailable: If the provider does not answer.
        """
        ...

    async def embed_documents(self, texts: Sequence[str]) -> list[DenseVector]:
        """As `embed_query`, in order, at lower priority."""
        ...

    async def close(self) -> None:
        """Stop threads and close connections."""
        ...
