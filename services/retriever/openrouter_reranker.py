"""A second model that puts the first passages in order: OpenRouter's rerank endpoint, by choice.

Questions and passages leave the machine, and on a free account each search costs a request of the daily quota, so this
is never a default. Whatever goes wrong, the order of the search stands and the answer says that it does.
"""

from collections.abc import Sequence
from typing import Any

import httpx2

from services.runtime.errors import ProviderRefused, ProviderUnavailable

_REFUSALS = {400, 401, 402, 403, 404}


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
        try:
            response = await self._client.post("rerank", json=request)
            body: Any = response.json()
            _raise_for(response.status_code, body)
            scores = {int(row["index"]): float(row["relevance_score"]) for row in body["results"]}
            return [min(1.0, max(0.0, scores[index])) for index in range(len(texts))]
        except (TimeoutError, httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
            raise ProviderUnavailable(f"OpenRouter's rerank: {type(error).__name__}", retry_after_s=2.0) from error

    async def close(self) -> None:
        await self._client.aclose()


def _raise_for(status: int, body: Any) -> None:
    """OpenRouter also reports failures in the body of a 200."""
    error = body.get("error") if isinstance(body, dict) else {"message": "no JSON object"}
    if status == httpx2.codes.OK and not error:
        return
    code = error.get("code", status) if isinstance(error, dict) else status
    if code in _REFUSALS:
        raise ProviderRefused(f"OpenRouter refused the rerank request ({code}): check key, credit and model name")
    raise ProviderUnavailable(f"OpenRouter's rerank answered {code}", retry_after_s=2.0)
