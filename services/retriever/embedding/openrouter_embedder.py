"""Embeddings from OpenRouter, for sites whose language the local model does not speak.

Texts of the site leave the machine, so this is a choice, never a default. A failure is answered as
`EmbedderUnavailable`, a wrong key or model as `ProviderRefused`: searches then go on with words alone, writes stop.
"""

from collections.abc import Sequence
from typing import Any

import httpx2
import numpy as np

from services.retriever import openrouter
from services.retriever.concurrency.async_cache import AsyncCache
from services.retriever.embedding.vectors import DenseVector, of_length_one
from services.runtime.errors import EmbedderUnavailable, ProviderRefused

_BATCH = 32
_BYTES_PER_TOKEN = 3


class OpenRouterEmbedder:
    """One embedding model of OpenRouter, by the vendor's name.

    Args:
        client: Speaks to the API; carries address, key and timeout.
        model: Name such as `openai/text-embedding-3-small`.
        dimension: Length of its vectors.
        max_tokens: Tokens it reads of one text.
        cached_queries: Questions whose embedding is kept.
    """

    tokenizer_json = b""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        model: str,
        *,
        dimension: int,
        max_tokens: int,
        cached_queries: int = 2048,
    ) -> None:
        self._client = client
        self._model = model
        self._queries: AsyncCache[str, DenseVector] = AsyncCache(cached_queries)
        self.model_id = f"openrouter:{model}"
        self.dimension = dimension
        self.max_tokens = max_tokens

    def count_tokens(self, text: str) -> int:
        """An estimate on the safe side, since the provider publishes no tokenizer."""
        return len(text.encode()) // _BYTES_PER_TOKEN + 2

    async def embed_query(self, text: str) -> DenseVector:
        return await self._queries.get(text, lambda: self._embed_one(text[: self.max_tokens * _BYTES_PER_TOKEN]))

    async def embed_documents(self, texts: Sequence[str]) -> list[DenseVector]:
        batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
        return [vector for vectors in [await self._embed(batch) for batch in batches] for vector in vectors]

    async def close(self) -> None:
        await self._client.aclose()

    async def _embed_one(self, text: str) -> DenseVector:
        (vector,) = await self._embed([text])
        return vector

    async def _embed(self, texts: Sequence[str]) -> list[DenseVector]:
        request = {"model": self._model, "input": list(texts), "encoding_format": "float"}
        body = await openrouter.post(self._client, "embeddings", request, unavailable=EmbedderUnavailable)
        vectors = _vectors(body)
        if len(vectors) != len(texts) or any(vector.shape != (self.dimension,) for vector in vectors):
            found = vectors[0].shape if vectors else "nothing"
            raise ProviderRefused(
                f"{self._model} answered {len(vectors)} vectors of shape {found}, expected {len(texts)} of "
                f"({self.dimension},): set RETRIEVER_EMBEDDING_DIMENSION to what the model gives"
            )
        return [of_length_one(vector) for vector in vectors]


def _vectors(body: dict[str, Any]) -> list[DenseVector]:
    """The vectors of an answer in the order of its texts.

    Raises:
        EmbedderUnavailable: If it has none.
    """
    try:
        rows = sorted(body["data"], key=lambda row: row["index"])
        return [np.asarray(row["embedding"], dtype=np.float32) for row in rows]
    except (KeyError, TypeError, ValueError) as error:
        raise EmbedderUnavailable("OpenRouter's embeddings endpoint answered no vectors", retry_after_s=2.0) from error
