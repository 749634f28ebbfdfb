"""The emulator's routes: those of the API under `/api/v1`, and `/_control` for the program that directs it."""

import asyncio
import contextlib
import dataclasses
import hashlib
import random
import ssl
from collections.abc import AsyncIterator
from typing import Any, Protocol

from tools.openrouter_emulator.account import Account
from tools.openrouter_emulator.chat import ChatModels, Counters, Pace
from tools.openrouter_emulator.http import Reply, Request, serve_connection

# docs: api-reference/list-available-models; ids seen Aug–Oct 2026.
DEFAULT_MODELS = (
    ("z-ai/glm-5.2:free", True),
    ("nvidia/nemotron-3-super-120b-a12b:free", True),
    ("google/gemma-4-31b-it:free", True),
    ("poolside/laguna-xs-2.1:free", True),
    ("nvidia/nemotron-3.5-content-safety:free", False),
)


class Emulated(Protocol):
    """A provider that can be served."""

    prefix: str
    """Where its API begins."""

    def connected(self) -> None:
        """Somebody has opened a connection."""

    async def handle(self, request: Request, reply: Reply) -> None:
        """Serve one request."""


class Emulator:
    """One emulated OpenRouter.

    Args:
        models: Names and whether they take tools.
        key: The only key that is known; empty accepts every key.
        seed: Of every random choice.
    """

    prefix = "/api/v1"

    def __init__(self, models: tuple[tuple[str, bool], ...] = DEFAULT_MODELS, *, key: str = "", seed: int = 0) -> None:
        self.models = models
        self.key = key
        self.chat = ChatModels(Account(), randomness=random.Random(seed))
        self.offered = [_model_entry(name, tools=tools) for name, tools in models]
        self.models_status = 200

    def connected(self) -> None:
        """Count a connection."""
        self.chat.counters.connections += 1

    async def handle(self, request: Request, reply: Reply) -> None:
        """Serve one request."""
        path = request.path.partition("?")[0].removeprefix(self.prefix)
        if path.startswith("/_control"):
            await self._control(request, reply, path)
        elif path != "/models" and not self._knows(request):
            await reply.send_json(401, {"error": {"message": "User not found.", "code": 401}})
        elif path == "/chat/completions" and request.method == "POST":
            await self.chat.answer(request, reply)
        elif path == "/models":
            await reply.send_json(self.models_status, {"data": self.offered})
        elif path == "/key":
            await reply.send_json(200, {"data": self.chat.account.key_facts()})
        elif path == "/embeddings" and request.method == "POST":
            await reply.send_json(200, _embeddings(request.json()))
        elif path == "/rerank" and request.method == "POST":
            await reply.send_json(200, _rerank(request.json()))
        else:
            await reply.send_json(404, {"error": {"message": "Not Found", "code": 404}})

    async def _control(self, request: Request, reply: Reply, path: str) -> None:
        if path == "/_control/reset":
            self.chat.queue, self.chat.by_model, self.chat.scripted_text = [], {}, ""
            self.chat.next_texts = []
            self.chat.counters, self.chat.pace, self.chat.account = Counters(), Pace(), Account()
        elif request.method == "POST":
            self.direct(request.json())
        await reply.send_json(200, self.stats())

    def direct(self, orders: dict[str, Any]) -> None:
        """Change what happens: `queue`, `by_model`, `text`, `texts`, `pace`, `per_minute`, `per_day`, `seed`."""
        chat = self.chat
        chat.queue.extend(orders.get("queue", []))
        chat.by_model.update(orders.get("by_model", {}))
        chat.next_texts.extend(orders.get("texts", []))
        chat.scripted_text = orders.get("text", chat.scripted_text)
        chat.pace = dataclasses.replace(chat.pace, **orders.get("pace", {}))
        chat.account.per_minute = orders.get("per_minute", chat.account.per_minute)
        chat.account.per_day = orders.get("per_day", chat.account.per_day)
        if "seed" in orders:
            chat.randomness.seed(orders["seed"])

    def stats(self) -> dict[str, Any]:
        """Counters of requests and of the account."""
        account = self.chat.account
        return {
            **dataclasses.asdict(self.chat.counters),
            "used_today": account.used_today,
            "worst_minute": account.worst_minute,
            "refused_by_limit": account.refused,
        }

    def _knows(self, request: Request) -> bool:
        shown = request.headers.get("authorization", "")
        return shown == f"Bearer {self.key}" if self.key else shown.startswith("Bearer ")


@contextlib.asynccontextmanager
async def emulating(
    emulator: Emulated, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """The emulator while it listens, encrypted or not; gives the base URL of its API."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        emulator.connected()
        task.add_done_callback(tasks.discard)
        with contextlib.suppress(asyncio.CancelledError):
            await serve_connection(reader, writer, emulator.handle)

    server = await asyncio.start_server(connected, host, port, ssl=tls)
    try:
        yield f"http{'s' if tls else ''}://{host}:{server.sockets[0].getsockname()[1]}{emulator.prefix}"
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _model_entry(name: str, *, tools: bool) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "context_length": 131_072,
        "pricing": {"prompt": "0", "completion": "0", "request": "0", "image": "0"},
        "supported_parameters": ["max_tokens", "temperature", *(["tools", "tool_choice"] if tools else [])],
        "expiration_date": None,
    }


def _embeddings(body: dict[str, Any]) -> dict[str, Any]:
    """docs: api-reference/embeddings; vectors that depend on the text alone."""
    texts = body.get("input", [])
    texts = [texts] if isinstance(texts, str) else texts
    data = [{"object": "embedding", "index": at, "embedding": _vector(str(text))} for at, text in enumerate(texts)]
    return {
        "object": "list",
        "data": data,
        "model": body.get("model"),
        "usage": {"prompt_tokens": 0, "total_tokens": 0},
    }


def _rerank(body: dict[str, Any]) -> dict[str, Any]:
    """docs: api-reference/rerank; relevance is the share of the question's words that a document has."""
    wanted = set(str(body.get("query", "")).lower().split())
    documents = [str(document) for document in body.get("documents", [])]
    shares = [len(wanted & set(text.lower().split())) / max(1, len(wanted)) for text in documents]
    order = sorted(range(len(documents)), key=lambda at: -shares[at])[: body.get("top_n", len(documents))]
    results = [{"index": at, "relevance_score": shares[at], "document": {"text": documents[at]}} for at in order]
    usage = {"search_units": 1, "total_tokens": sum(map(len, documents)) // 4, "cost": 0}
    return {"id": "gen-rerank", "model": body.get("model"), "results": results, "usage": usage}


def _vector(text: str, dimension: int = 64) -> list[float]:
    digest = hashlib.sha512(text.encode()).digest()
    return [byte / 127.5 - 1 for byte in digest[:dimension]]
