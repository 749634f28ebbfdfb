"""A provider with OpenAI's API as an endpoint: answers streamed over shared connections, and its list of models."""

import contextlib
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from typing import Any

import aiohttp
import certifi
from pydantic import SecretStr

from services.agent.models.chat_stream import OpenStreams, read_answer
from services.agent.models.proxies import proxy_for
from services.agent.models.reply import ReplyFacts

_CONNECTIONS = 200
_KEPT_IDLE_S = 60.0
"""Longest rest of a connection: opening one costs the reader three round trips before the first word."""
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5)
"""How long to wait for text is the caller's to say: a model on a processor may read for minutes before it writes."""
_LIST_TIMEOUT = aiohttp.ClientTimeout(total=10)


class Provider:
    """Any server that answers chat completions as OpenAI does.

    Args:
        base_url: Address of the API, without a slash at the end.
        api_key: Key of the account; empty where none is asked for.
        headers: What every request says beside the key.

    Raises:
        ValueError: If the environment names a proxy that is not spoken to over HTTP.
    """

    def __init__(self, base_url: str, api_key: SecretStr, *, headers: Mapping[str, str] | None = None) -> None:
        self._base_url = base_url
        # Compressed streams would come in blocks instead of piece by piece.
        self._headers = {"Accept-Encoding": "identity", **(headers or {})}
        if key := api_key.get_secret_value():
            self._headers["Authorization"] = f"Bearer {key}"
        self._proxy = proxy_for(base_url)
        if self._proxy.url and not base_url.startswith("https:"):
            self._headers |= self._proxy.headers  # without a tunnel the proxy reads the request itself
        self._opened: aiohttp.ClientSession | None = None
        self._streams = OpenStreams()

    async def answer(self, body: bytes, reply: ReplyFacts) -> AsyncGenerator[str, None]:
        """The text of one answer, piece by piece; leaving early closes its connection. Nothing is tried again.

        Args:
            body: The chat completion request, as JSON.
            reply: Filled with what the answer tells beside its text.

        Raises:
            ProviderError: If the provider answers with an error.
            BadAnswer: If its answer cannot be read.
            aiohttp.ClientError, TimeoutError: If the connection fails.
        """
        reply.sent = True
        headers = self._headers | {"Content-Type": "application/json"}
        url = f"{self._base_url}/chat/completions"
        post = self._session().post(url, data=body, headers=headers, allow_redirects=False, **self._way())
        async with (
            post as response,
            contextlib.aclosing(read_answer(_Received(response), reply, self._streams)) as pieces,
        ):
            async for piece in pieces:
                yield piece

    async def list_models(self) -> list[dict[str, Any]]:
        """All models the provider offers, as it describes them.

        Raises:
            aiohttp.ClientError, TimeoutError, ValueError: If the provider cannot be reached or refuses.
        """
        data = await self._get("/models")
        return [entry for entry in data if isinstance(entry, dict)] if isinstance(data, list) else []

    async def key_facts(self) -> dict[str, Any]:
        """What the provider says about our key; nothing where there is no such question to ask."""
        return {}

    async def close(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            await self._opened.close()

    async def _get(self, path: str) -> object:
        url = f"{self._base_url}{path}"
        get = self._session().get(
            url, headers=self._headers, timeout=_LIST_TIMEOUT, allow_redirects=False, **self._way()
        )
        async with get as response:
            response.raise_for_status()
            body = await response.json(content_type=None)
            # Together sends the bare list.
            return body.get("data") if isinstance(body, dict) else body

    def _way(self) -> dict[str, Any]:
        return {"proxy": self._proxy.url, "proxy_headers": self._proxy.headers} if self._proxy.url else {}

    def _session(self) -> aiohttp.ClientSession:
        """Opened at its first use, because it belongs to the event loop that runs then."""
        if self._opened is None:
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=_KEPT_IDLE_S, ssl=_trusted())
            # Without headers of its own: those would be shown to a proxy, too, the key among them.
            self._opened = aiohttp.ClientSession(
                connector=connector, timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._opened


class _Received:
    """An answer as `aiohttp` receives it."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    @property
    def status(self) -> int:
        return self._response.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._response.headers

    async def blocks(self) -> AsyncIterator[bytes]:
        while block := await self._response.content.readany():
            yield block

    @contextlib.contextmanager
    def resting(self) -> Iterator[None]:
        connection = self._response.connection  # none any more when the body has come to its end
        protocol = connection.protocol if connection is not None else None
        if protocol is not None:
            protocol.pause_reading()
        try:
            yield
        finally:
            if protocol is not None:
                protocol.resume_reading()


def _trusted() -> ssl.SSLContext:
    """Whom the system trusts, and for systems that tell nobody, whom browsers trust."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
