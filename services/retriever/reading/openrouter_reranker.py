"""A second model that puts the first passages in order: OpenRouter's rerank endpoint, by choice.

Questions and passages leave the machine, and on a free account each search costs a request of the daily quota, so this
is never a default. Whatever goes wrong, the order of the search stands and the answer says that it does.
"""

from collections.abc import Sequence

import httpx2

from services.retriever import openrouter
from services.runtime.errors import ProviderUnavailable


class OpenRouterReranker:
    """One rerank model of OpenRouter, by the vendor's name.

    Args:
        client: Speaks to the API; carries address, key and timeout.
        model: Name such as `nvidia/llama-nemotron-rerank-vl-1b-v2:free`.
    """

    def __init__(self, client: httpx2.AsyncClient, model: str) -> None:
        self._client = client
        self._model = model

    async def relevances(self, question: str, texts: Sequence[str]) -> list[float]:
        request = {"model": self._model, "query": question, "documents": list(texts), "top_n": len(texts)}
        body = await openrouter.post(self._client, "rerank", request, unavailable=ProviderUnavailable)
        try:
            scores = {int(row["index"]): float(row["relevance_score"]) for row in body["results"]}
            return [min(1.0, max(0.0, scores[index])) for index in range(len(texts))]
        except (KeyError, TypeError, ValueError) as error:
            message = "OpenRouter's rerank endpoint did not judge all passages"
            raise ProviderUnavailable(message, retry_after_s=2.0) from error

    async def close(self) -> None:
        await self._client.aclose()
