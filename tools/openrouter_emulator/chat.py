"""`POST /chat/completions`, streamed and not, in order and out of it."""

import asyncio
import json
import random
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tools.openrouter_emulator import failures
from tools.openrouter_emulator.account import Account
from tools.openrouter_emulator.answers import write_answer
from tools.openrouter_emulator.http import Disconnected, Reply, Request


@dataclass(slots=True)
class Pace:
    """How fast the emulated models are.

    Args:
        first_token_s: Median time to the first token.
        tokens_per_s: Rate after it; 0 is as fast as the wire.
        spread: Sigma of a log-normal factor on the time to the first token; 0 is none.
    """

    first_token_s: float = 0.0
    tokens_per_s: float = 0.0
    spread: float = 0.0


@dataclass(slots=True)
class Counters:
    """What happened, for tests and curious people."""

    connections: int = 0
    requests: int = 0
    completed: int = 0
    abandoned: int = 0
    open_streams: int = 0
    by_model: dict[str, int] = field(default_factory=dict)
    by_scenario: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class ChatModels:
    """The chat endpoint.

    Args:
        account: Whose limits apply.
        pace: How fast answers come.
        randomness: Source of every random choice.
        clock: Seconds, for the pace.
    """

    account: Account
    pace: Pace = field(default_factory=Pace)
    randomness: random.Random = field(default_factory=lambda: random.Random(0))
    clock: Callable[[], float] = time.monotonic
    queue: list[str] = field(default_factory=list)
    """Scenarios of the next requests, first one first; then `ok`."""
    by_model: dict[str, str] = field(default_factory=dict)
    """Scenario of every request to a model, before the queue."""
    scripted_text: str = ""
    """What the models say instead of quoting; empty lets them quote."""
    next_texts: list[str] = field(default_factory=list)
    """What the next requests are answered with, first one first; then `scripted_text`."""
    counters: Counters = field(default_factory=Counters)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    abandoned: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def answer(self, request: Request, reply: Reply) -> None:
        """Serve one request as its scenario says."""
        body = request.json()
        model = str(body.get("model") or "")
        scenario = self.by_model.get(model) or (self.queue.pop(0) if self.queue else "ok")
        self._count(model, scenario, body, request)
        if model.endswith(":free") and (refusal := self.account.admit()):
            await _refuse(reply, refusal)
            return
        self.counters.open_streams += 1
        try:
            text = self.next_texts.pop(0) if self.next_texts else self.scripted_text
            await _Exchange(self, reply, body, model, scenario, text).run()
            self.counters.completed += 1
        except Disconnected:
            self.counters.abandoned += 1
            raise
        finally:
            self.counters.open_streams -= 1
            async with self.abandoned:
                self.abandoned.notify_all()

    def _count(self, model: str, scenario: str, body: dict[str, Any], request: Request) -> None:
        self.counters.requests += 1
        self.counters.by_model[model] = self.counters.by_model.get(model, 0) + 1
        self.counters.by_scenario[scenario] = self.counters.by_scenario.get(scenario, 0) + 1
        self.bodies = [*self.bodies[-49:], body]
        self.headers = [*self.headers[-49:], request.headers]


@dataclass(slots=True)
class _Exchange:
    """One request being answered."""

    models: ChatModels
    reply: Reply
    body: dict[str, Any]
    model: str
    scenario: str
    scripted_text: str
    id: str = field(default_factory=lambda: f"gen-{int(time.time())}-{uuid.uuid4().hex[:12]}")
    due: float = 0.0
    """When the next token is due. A model far away keeps its pace however busy we are; late ones catch up."""

    async def run(self) -> None:
        self.due = self.models.clock()
        if refusal := failures.HTTP_FAILURES.get(self.scenario):
            await _refuse(self.reply, refusal)
        elif self.scenario == "cut-before-headers":
            self.reply.cut()
        elif self.scenario == "html-200":
            await self.reply.send_bytes(200, failures.HTML_BODY, "text/html")
        elif self.scenario == "json-error-200":
            await self.reply.send_json(200, {"id": self.id, "error": failures.BODY_ERROR})
        elif self.scenario == "hang-before-headers":
            await self.reply.pause(3600)
        elif self.body.get("stream"):
            await self._stream()
        else:
            await self._whole()

    async def _whole(self) -> None:
        """docs: api-reference/overview; the body may be padded with blanks meanwhile (seen: 22 Aug 2026)."""
        choice: dict[str, Any] = {
            "index": 0,
            "finish_reason": "stop",
            "native_finish_reason": "stop",
            "message": {"role": "assistant", "content": self._text()},
        }
        if self.scenario == "sync-error-choice":
            choice |= {"finish_reason": "error", "error": failures.STREAM_ERROR}
        answer = {**self._frame("chat.completion"), "choices": [choice], "usage": self._usage(self._text())}
        payload = b"\n         \n" + json.dumps(answer).encode()
        await self.reply.send_bytes(200, payload, "application/json", {"X-Generation-Id": self.id})

    async def _stream(self) -> None:
        """docs: api-reference/streaming; comments while the model works, usage once before `[DONE]`."""
        self.reply.start_stream({"X-Generation-Id": self.id})
        await self.reply.send_chunk(b": OPENROUTER PROCESSING\n\n")
        await self._first_token()
        if await self._ends_before_text():
            return
        await self._chunk({"role": "assistant", "content": ""})
        if self.scenario == "reasoning-only":
            await self._chunk({"reasoning": "Let me think. "})
            await self._finish("stop", "")
            return
        await self._chunk({"reasoning": "The passages say it."})
        if self.scenario.startswith("tool"):
            await self._tool_calls()
            return
        text = self._text()
        pieces = re.findall(r"\S+\s*|\s+", text)
        halfway = max(1, len(pieces) // 2)
        for at, piece in enumerate(pieces):
            if at == halfway and await self._breaks_halfway():
                return
            await self._chunk({"content": piece})
            await self._next_token()
        finish = {"length": "length", "content-filter-text": "content_filter"}.get(self.scenario, "stop")
        await self._finish(finish, text)

    async def _first_token(self) -> None:
        if self.scenario == "hang-with-comments":
            while True:  # keep-alive comments forever: the read timeout never fires
                await self.reply.send_chunk(b": OPENROUTER PROCESSING\n\n")
                await self.reply.pause(0.05)
        if self.scenario == "hang":
            await self.reply.pause(3600)
        pace = self.models.pace
        factor = self.models.randomness.lognormvariate(0, pace.spread) if pace.spread else 1.0
        await self._wait_for_token(pace.first_token_s * factor)

    async def _next_token(self) -> None:
        if self.models.pace.tokens_per_s:
            await self._wait_for_token(1 / self.models.pace.tokens_per_s)

    async def _wait_for_token(self, seconds: float) -> None:
        self.due += seconds
        await self.reply.pause(self.due - self.models.clock())

    async def _ends_before_text(self) -> bool:  # noqa: C901 - flat: one case a scenario
        match self.scenario:
            case "error-first":
                await self._event({"error": failures.STREAM_ERROR, "choices": [_error_choice()]})
            case "error-first-quota-day":
                refusal = failures.day_limit(50, int(time.time() * 1000) + 3_600_000)
                await self._event({"error": refusal.error, "choices": [_error_choice()]})
            case "error-first-word-code":
                await self._event({"error": {**failures.STREAM_ERROR, "code": "server_error"}, "choices": []})
            case "choice-error-first":
                await self._event({"choices": [{**_error_choice(), "error": failures.STREAM_ERROR}]})
            case "eof-first":
                await self._chunk({"role": "assistant", "content": ""})
                await self.reply.end_stream()
                return True
            case "cut-first":
                self.reply.cut()
                return True
            case "bad-json-first":
                await self.reply.send_chunk(b"data: {not json\n\n")
            case "list-content":
                await self._chunk({"content": [{"type": "text", "text": "parts"}]})
            case "empty":
                await self._finish("stop", "")
                return True
            case "length-empty":
                await self._finish("length", "")
                return True
            case "content-filter":
                await self._finish("content_filter", "")
                return True
            case _:
                return False
        await self.reply.end_stream()
        return True

    async def _breaks_halfway(self) -> bool:
        match self.scenario:
            case "error-after-text":
                await self._event({"error": failures.STREAM_ERROR, "choices": [_error_choice()]})
                await self.reply.send_chunk(b"data: [DONE]\n\n")
            case "choice-error-after-text":
                await self._event({"choices": [{**_error_choice(), "error": failures.STREAM_ERROR}]})
            case "eof-after-text":
                pass
            case "bad-json-after-text":
                await self.reply.send_chunk(b"data: {not json\n\n")
            case "leak-after-text":
                await self._chunk({"content": failures.LEAKED_TOOL_CALLS[0]})
                await self._finish("stop", "")
                return True
            case "cut-after-text":
                self.reply.cut()
                return True
            case "hang-after-text":
                await self.reply.pause(3600)
            case _:
                return False
        await self.reply.end_stream()
        return True

    async def _tool_calls(self) -> None:
        """Tool calls with the quirks of free models; after a tool's answer the model writes text like any other."""
        if any(message.get("role") == "tool" for message in self.body.get("messages", [])):
            text = self._text()
            await self._chunk({"content": text})
            await self._finish("stop", text)
            return
        arguments = {"tool-bad-arguments": '{"query": inst', "tool-wrong-arguments": '{"q": 1}'}.get(
            self.scenario, '{"query": "install"}'
        )
        name = "delete_everything" if self.scenario == "tool-unknown" else "search_docs"
        call: dict[str, Any] = {"index": 0, "id": "call_0", "type": "function"}
        if self.scenario == "tool-without-id":
            del call["id"]
        await self._chunk({"tool_calls": [{**call, "function": {"name": name, "arguments": arguments[:8]}}]})
        await self._chunk({"tool_calls": [{"index": 0, "function": {"arguments": arguments[8:]}}]})
        if self.scenario == "tool-twice-same-id":
            second = {"name": "search_docs", "arguments": '{"query": "configure"}'}
            await self._chunk({"tool_calls": [{"index": 1, "id": "call_0", "type": "function", "function": second}]})
        await self._finish("tool_calls", "")

    async def _finish(self, reason: str, text: str) -> None:
        choice = {"index": 0, "delta": {"content": ""}, "finish_reason": reason, "native_finish_reason": reason}
        await self._event({"choices": [choice]})
        await self._event({"choices": [], "usage": self._usage(text)})
        await self.reply.send_chunk(b"data: [DONE]\n\n")
        await self.reply.end_stream()

    async def _chunk(self, delta: dict[str, Any]) -> None:
        await self._event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})

    async def _event(self, content: dict[str, Any]) -> None:
        data = json.dumps({**self._frame("chat.completion.chunk"), **content}, ensure_ascii=False)
        await self.reply.send_chunk(f"data: {data}\n\n".encode())

    def _frame(self, kind: str) -> dict[str, Any]:
        served = "nvidia/nemotron-3-super-120b-a12b:free" if self.model == "openrouter/free" else self.model
        return {"id": self.id, "object": kind, "created": int(time.time()), "model": served, "provider": "Emulated"}

    def _text(self) -> str:
        if self.scenario.startswith("leak-") and self.scenario[5:].isdigit():
            return failures.LEAKED_TOOL_CALLS[int(self.scenario[5:])]
        if self.scenario == "classifier":
            return failures.CLASSIFIER_ANSWER
        return self.scripted_text or write_answer(self.body.get("messages", []))

    def _usage(self, text: str) -> dict[str, Any]:
        """docs: use-cases/usage-accounting."""
        read = sum(len(str(message.get("content") or "")) for message in self.body.get("messages", [])) // 4
        written = len(text) // 4
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written, "cost": 0}


def _error_choice() -> dict[str, Any]:
    return {"index": 0, "delta": {"content": ""}, "finish_reason": "error", "native_finish_reason": "error"}


async def _refuse(reply: Reply, refusal: failures.HttpFailure) -> None:
    await reply.send_json(refusal.status, {"error": refusal.error, "user_id": "user_emulated"}, refusal.headers)
