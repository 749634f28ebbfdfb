"""Embeddings from OpenRouter, for sites whose language the local model does not speak.

Texts of the site leave the machine, so this is a choice, never a default. A failure is answered as
`EmbedderUnavailable`, a wrong key or model as `ProviderRefused`: searches then go on with words alone, writes stop.
"""

from collections.abc import Sequence
from typing import Any

import httpx2
import numpy as np

from services.retriever.gathering import InFlight
from services.retriever.recent import Recent
from services.retriever.store import DenseVector
from services.runtime.errors import EmbedderUnavailable, ProviderRefused

_BATCH = 32
_REFUSALS = {400, 401, 402, 403, 404}
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
        self._cache: Recent[str, DenseVector] = Recent(cached_queries)
        self._in_flight: InFlight[str, list[DenseVector]] = InFlight()
        self.model_id = f"openrouter:{model}"
        self.dimension = dimension
        self.max_tokens = max_tokens

    def count_tokens(self, text: str) -> int:
        """An estimate on the safe side, since the provider publishes no tokenizer."""
        return len(text.encode()) // _BYTES_PER_TOKEN + 2

    async def embed_query(self, text: str) -> DenseVector:
        if (known := self._cache.get(text)) is not None:
            return known
        read = text[: self.max_tokens * _BYTES_PER_TOKEN]
        (vector,) = await self._in_flight.once(text, lambda: self._embed([read]))
        self._cache.keep(text, vector)
        return vector

    async def embed_documents(self, texts: Sequence[str]) -> list[DenseVector]:
        batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
        return [vector for vectors in [await self._embed(batch) for batch in batches] for vector in vectors]

    async def close(self) -> None:
        await self._client.aclose()

    async def _embed(self, texts: Sequence[str]) -> list[DenseVector]:
        request = {"model": self._model, "input": list(texts), "encoding_format": "float"}
        try:
            response = await self._client.post("embeddings", json=request)
            body: Any = response.json()
        except (TimeoutError, httpx2.HTTPError, ValueError) as error:
            raise EmbedderUnavailable(f"OpenRouter's embeddings: {type(error).__name__}", retry_after_s=2.0) from error
        _raise_for(response.status_code, body)
        rows = sorted(body["data"], key=lambda row: row["index"])
        vectors = [np.asarray(row["embedding"], dtype=np.float32) for row in rows]
        if len(vectors) != len(texts) or any(vector.shape != (self.dimension,) for vector in vectors):
            found = vectors[0].shape if vectors else "nothing"
            raise ProviderRefused(
                f"{self._model} answered {len(vectors)} vectors of shape {found}, expected {len(texts)} of "
                f"({self.dimension},): set RETRIEVER_EMBEDDING_DIMENSION to what the model gives"
            )
        return [vector / max(float(np.linalg.norm(vector)), 1e-12) for vector in vectors]


def _raise_for(status: int, body: Any) -> None:
    """OpenRouter also reports failures in the body of a 200."""
    error = body.get("error") if isinstance(body, dict) else {"message": "no JSON object"}
    if status == httpx2.codes.OK and not error and isinstance(body.get("data"), list):
        return
    code = error.get("code", status) if isinstance(error, dict) else status
    if code in _REFUSALS:
        raise ProviderRefused(f"OpenRouter refused the embedding request ({code}): check key, credit and model name")
    raise EmbedderUnavailable(f"OpenRouter's embeddings answered {code}", retry_after_s=2.0)
