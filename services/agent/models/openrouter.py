"""OpenRouter as an endpoint: one guarded client per request over shared connections, and the two lists it offers."""

import hashlib
import logging
from dataclasses import dataclass
from typing import Any

import httpx2
from agents import ModelSettings, OpenAIChatCompletionsModel
from openai import AsyncOpenAI, DefaultAsyncHttpx2Client
from pydantic import SecretStr

from services.agent.transport_guard import Exchange, TransportGuard

logger = logging.getLogger(__name__)

APP_TITLE = "docs-chat"
_KEPT_IDLE_S = 60.0
"""Longest rest of a connection: opening one costs the reader three round trips before the first word."""


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """What every request to the provider says beside its messages."""

    max_output_tokens: int = 1500
    reasoning_effort: str = "low"
    data_collection: str = "allow"

    def model_settings(self, reader_id: str) -> ModelSettings:
        """The Agents SDK's form of them.

        Args:
            reader_id: Our caller's id of the reader; only a hash of it leaves, so that the provider can block one
                reader instead of the whole account.
        """
        extra: dict[str, Any] = {"reasoning": {"effort": self.reasoning_effort, "exclude": True}}
        if self.data_collection == "deny":
            extra["provider"] = {"data_collection": "deny"}
        if reader_id:
            extra["user"] = hashlib.sha256(f"docs-chat reader {reader_id}".encode()).hexdigest()[:32]
        return ModelSettings(
            temperature=0.2, max_tokens=self.max_output_tokens, parallel_tool_calls=False, extra_body=extra
        )


class OpenRouter:
    """The provider's API.

    Args:
        base_url: Address of the API.
        api_key: Key of the account.
        site_url: Told for the provider's app page; empty tells nothing.
        transport: Where requests go; the network by default.
    """

    def __init__(
        self,
        base_url: str,
        api_key: SecretStr,
        *,
        site_url: str = "",
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._base_url = base_url
        self._api_key = api_key
        # Compressed streams would hide from the guard what it must see line by line.
        self._headers = {"X-OpenRouter-Title": APP_TITLE, "Accept-Encoding": "identity"}
        if site_url:
            self._headers["HTTP-Referer"] = site_url
        self._timeout = httpx2.Timeout(60, connect=5)
        self._transport = transport or httpx2.AsyncHTTPTransport(
            limits=httpx2.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=_KEPT_IDLE_S)
        )

    def model(self, name: str, exchange: Exchange) -> OpenAIChatCompletionsModel:
        """A model for exactly one request, which `exchange` will tell about."""
        client = AsyncOpenAI(
            base_url=self._base_url,
            api_key=self._api_key.get_secret_value(),
            max_retries=0,  # exactly one layer waits and retries, and it is not this one
            timeout=self._timeout,
            default_headers=self._headers,
            http_client=DefaultAsyncHttpx2Client(transport=TransportGuard(self._transport, exchange)),
        )
        return OpenAIChatCompletionsModel(name, client)

    async def list_models(self) -> list[dict[str, Any]]:
        """All models the provider offers, as it describes them.

        Raises:
            httpx2.HTTPError: If the provider cannot be reached or refuses.
        """
        data = await self._get("/models")
        return [entry for entry in data if isinstance(entry, dict)] if isinstance(data, list) else []

    async def key_facts(self) -> dict[str, Any]:
        """What the provider says about our key, its daily free requests among them."""
        data = await self._get("/key")
        return data if isinstance(data, dict) else {}

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def _get(self, path: str) -> object:
        headers = {**self._headers, "Authorization": f"Bearer {self._api_key.get_secret_value()}"}
        # The transport is shared with requests in flight, so the client around it is not closed here.
        client = httpx2.AsyncClient(transport=self._transport, timeout=10, headers=headers)
        response = await client.get(f"{self._base_url}{path}")
        response.raise_for_status()
        body = response.json()
        return body.get("data") if isinstance(body, dict) else None
