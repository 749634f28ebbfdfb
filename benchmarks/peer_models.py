"""The embedding model of docs-chat as LangChain and LlamaIndex call one: pipelines are compared, not models."""

import asyncio
from collections.abc import Sequence
from typing import Any

from services.retriever.embedding.local_embedder import LocalEmbedder
from services.retriever.embedding.vectors import DenseVector


class PeerModel:
    """The model for synchronous callers, who must not be in an event loop.

    Args:
        embedder: The model, used in its fastest way.
    """

    def __init__(self, embedder: LocalEmbedder) -> None:
        self.embedder = embedder

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Vectors of passages, in order."""
        return [_plain(vector) for vector in asyncio.run(self.embedder.embed_documents(texts))]

    def embed_question(self, text: str) -> list[float]:
        """Vector of a question, before all passages that wait."""
        return _plain(asyncio.run(self.embedder.embed_query(text)))


class CountingModel(PeerModel):
    """Counts the texts it embeds, and those longer than it reads."""

    def __init__(self, embedder: LocalEmbedder) -> None:
        super().__init__(embedder)
        self.texts = 0
        self.cut_off = 0

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.texts += len(texts)
        self.cut_off += sum(self.embedder.count_tokens(text) > self.embedder.max_tokens for text in texts)
        return super().embed(texts)


def for_langchain(model: PeerModel) -> Any:
    """The model as LangChain's `Embeddings`.

    Raises:
        ImportError: If LangChain is not installed.
    """
    from langchain_core.embeddings import Embeddings  # noqa: PLC0415  # installed only for the comparison

    class Adapter(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return model.embed(texts)

        def embed_query(self, text: str) -> list[float]:
            return model.embed_question(text)

    return Adapter()


def for_llama_index(model: PeerModel) -> Any:
    """The model as LlamaIndex's `BaseEmbedding`, 64 texts at a time.

    Raises:
        ImportError: If LlamaIndex is not installed.
    """
    from llama_index.core.embeddings import BaseEmbedding  # noqa: PLC0415

    class Adapter(BaseEmbedding):
        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return model.embed(texts)

        def _get_text_embedding(self, text: str) -> list[float]:
            return model.embed([text])[0]

        def _get_query_embedding(self, query: str) -> list[float]:
            return model.embed_question(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return _plain(await model.embedder.embed_query(query))

    return Adapter(embed_batch_size=64)


def _plain(vector: DenseVector) -> list[float]:
    return [float(value) for value in vector]
