"""OpenRouter's API for one JSON request and one JSON answer, as embeddings and reranking need it.

Texts leave the machine here, so nothing comes this way unless the settings say so.
"""

from typing import Any

import httpx2

from services.runtime.errors import ProviderRefused, Unavailable

_REFUSALS = (400, 401, 402, 403, 404)
_RETRY_AFTER_S = 2.0


async def post(
    client: httpx2.AsyncClient, endpoint: str, request: dict[str, Any], *, unavailable: type[Unavailable]
) -> dict[str, Any]:
    """The answer of an endpoint, without an error in it.

    Args:
        client: Carries address, key and timeout.
        endpoint: Path below the address, such as `embeddings`.
        request: The JSON to send.
        unavailable: The error that says that this provider does not answer.

    Raises:
        Unavailable: As the class given, if there is no answer in time or it is no JSON object.
        ProviderRefused: If a person must look: key, credit, model.
    """
    try:
        response = await client.post(endpoint, json=request)
        body: Any = response.json()
    except (TimeoutError, httpx2.HTTPError, ValueError) as error:
        message = f"OpenRouter's {endpoint} endpoint: {type(error).__name__}"
        raise unavailable(message, retry_after_s=_RETRY_AFTER_S) from error
    # OpenRouter also reports failures in the body of a 200.
    failure = body.get("error") if isinstance(body, dict) else {"message": "no JSON object"}
    if response.status_code == httpx2.codes.OK and not failure and isinstance(body, dict):
        return body
    code = failure.get("code", response.status_code) if isinstance(failure, dict) else response.status_code
    if code in _REFUSALS:
        raise ProviderRefused(f"OpenRouter refused the {endpoint} request ({code}): check key, credit and model name")
    raise unavailable(f"OpenRouter's {endpoint} endpoint answered {code}", retry_after_s=_RETRY_AFTER_S)
