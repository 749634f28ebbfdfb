"""OpenRouter as an endpoint: answers that are streamed over shared connections, and the two lists it offers."""

import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import httpx2
from pydantic import SecretStr

from services.agent.models.chat_stream import OpenStreams, read_answer
from services.agent.models.exchange import Exchange

APP_TITLE = "docs-chat"
_KEPT_IDLE_S = 60.0
"""Longest rest of a connection: opening one costs the reader three round trips before the first word."""


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
            limits=httpx2.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=_KEPT_IDLE_S)
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
