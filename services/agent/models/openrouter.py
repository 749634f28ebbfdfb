"""OpenRouter as an endpoint: answers that are streamed over shared connections, and the two lists it offers."""

import contextlib
import hashlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import httpx2
from agents import ModelSettings
from pydantic import SecretStr

from services.agent.models.chat_stream import OpenStreams, read_answer
from services.agent.models.exchange import Exchange

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
        # Compressed streams would come in blocks instead of piece by piece.
        self._headers = {
            "Authorization": f"Bearer {api_key.get_secret_value()}",
            "X-OpenRouter-Title": APP_TITLE,
            "Accept-Encoding": "identity",
        }
        if site_url:
            self._headers["HTTP-Referer"] = site_url
        self._timeout = httpx2.Timeout(60, connect=5)
        self._transport = transport or httpx2.AsyncHTTPTransport(
            limits=httpx2.Limits(max_connections=200, max_keepalive_connections=200, keepalive_expiry=_KEPT_IDLE_S)
        )
        self._streams = OpenStreams()

    async def answer(self, body: bytes, exchange: Exchange) -> AsyncGenerator[str, None]:
        """The text of one answer, piece by piece; leaving early closes its connection. Nothing is tried again.

        Args:
            body: The chat completion request, as JSON.
            exchange: Filled with what the answer tells beside its text.

        Raises:
            ProviderError: If the provider answers with an error.
            BadAnswer: If its answer cannot be read.
            httpx2.HTTPError: If the connection fails.
        """
        request = httpx2.Request(
            "POST",
            f"{self._base_url}/chat/completions",
            headers={**self._headers, "Content-Type": "application/json"},
            content=body,
            extensions={"timeout": self._timeout.as_dict()},
        )
        exchange.sent = True
        # The transport itself: a client around it would add what serves browsers, cookies and redirects.
        response = await self._transport.handle_async_request(request)
        async with (
            contextlib.aclosing(response),
            contextlib.aclosing(read_answer(response, exchange, self._streams)) as pieces,
        ):
            async for piece in pieces:
                yield piece

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
        # The transport is shared with requests in flight, so the client around it is not closed here.
        client = httpx2.AsyncClient(transport=self._transport, timeout=10, headers=self._headers)
        response = await client.get(f"{self._base_url}{path}")
        response.raise_for_status()
        body = response.json()
        return body.get("data") if isinstance(body, dict) else None
