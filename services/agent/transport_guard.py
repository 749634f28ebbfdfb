"""Between the OpenAI client and the wire: what the SDK would take for an answer although it is a failure becomes one.

The SDK accepts a stream that ends without `finish_reason` and `[DONE]`, a 200 whose body is an error, and an error
that stands in `choices[0].error` only; each would reach the reader as a complete or an empty answer. The guard also
reads what the SDK drops: the model that served, the id of the generation, why it finished, and the cost.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, ClassVar

import httpx2

MAX_PLAIN_BODY_BYTES = 1024 * 1024
MAX_LINE_BYTES = 1024 * 1024
SHORTEST_JOIN_S, JOIN_PER_STREAM_S, LONGEST_JOIN_S = 0.08, 0.002, 0.25
"""Seconds within which pieces of text are joined: more the more streams are open; the first piece never waits."""
LONGEST_PIECE = 300
"""Characters beyond which a piece is passed on at once: whoever reads it may want to stop the model."""
_DRAIN_S = 0.01
"""Seconds in which what came during a pause is read; text that comes later is new, and is passed on at once."""
_HOP_HEADERS = ("content-length", "content-encoding", "transfer-encoding")


@dataclass(slots=True)
class Exchange:
    """What one request told beside its text."""

    served_model: str = ""
    provider: str = ""
    generation_id: str = ""
    finish_reason: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    sent: bool = False
    """Whether the request left, which is what the quota counts."""
    ended: bool = False
    """Whether the stream said that it is complete."""

    def read(self, chunk: dict[str, Any]) -> None:
        """Note what one chunk of a stream, or a whole answer, tells."""
        self.served_model = _text(chunk.get("model")) or self.served_model
        self.provider = _text(chunk.get("provider")) or self.provider
        self.generation_id = self.generation_id or _text(chunk.get("id"))
        choice = first_choice(chunk)
        self.finish_reason = _text(choice.get("finish_reason")) or self.finish_reason
        self.ended = self.ended or bool(self.finish_reason)
        usage = chunk.get("usage")
        if isinstance(usage, dict):
            self.input_tokens = _number(usage.get("prompt_tokens"))
            self.output_tokens = _number(usage.get("completion_tokens"))
            cost = usage.get("cost")
            self.cost_usd = float(cost) if isinstance(cost, int | float) else 0.0


class TransportGuard(httpx2.AsyncBaseTransport):
    """Guards one exchange over a transport that is shared and stays open.

    Args:
        transport: Where requests really go.
        exchange: Filled while the answer passes.
    """

    def __init__(self, transport: httpx2.AsyncBaseTransport, exchange: Exchange) -> None:
        self._transport = transport
        self._exchange = exchange

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._exchange.sent = True
        response = await self._transport.handle_async_request(request)
        self._exchange.generation_id = response.headers.get("x-generation-id", "")
        if response.status_code != 200:
            return response
        headers = [(name, value) for name, value in response.headers.items() if name.lower() not in _HOP_HEADERS]
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            return httpx2.Response(200, headers=headers, stream=_GuardedStream(response, self._exchange))
        return await self._judge_plain_body(response, headers)

    async def _judge_plain_body(self, response: httpx2.Response, headers: list[tuple[str, str]]) -> httpx2.Response:
        """A 200 without a stream: the answer of a call that asked for none, or an error in disguise."""
        try:
            body = await _read_limited(response)
        finally:
            await response.aclose()
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            return _error_response(
                {"code": 502, "message": "the provider answered 200 with something that is not JSON"}
            )
        self._exchange.read(answer)
        if error := embedded_error(answer):
            return _error_response(error)
        return httpx2.Response(200, headers=headers, content=body)

    async def aclose(self) -> None:
        """The transport below belongs to others."""


class _GuardedStream(httpx2.AsyncByteStream):
    """The lines of one stream, judged; pieces of text that come quickly are joined.

    The SDK spends about a millisecond on every chunk, whatever its size, and a reader cannot see more than some ten
    changes a second: joining what comes quickly lets one process serve several times the readers.
    """

    open_streams: ClassVar[int] = 0

    def __init__(self, response: httpx2.Response, exchange: Exchange) -> None:
        self._response = response
        # One iterator for all who read: the client reads on after [DONE], so that the connection can be used again.
        self._blocks = response.aiter_bytes()
        self._exchange = exchange
        self._held: dict[str, Any] | None = None
        self._passed_at = float("-inf")
        self._pause_s = 0.0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        _GuardedStream.open_streams += 1
        try:
            async for ready in self._judged():
                yield ready
        finally:
            _GuardedStream.open_streams -= 1

    async def _judged(self) -> AsyncIterator[bytes]:
        rest = b""
        async for block in self._blocks:
            *lines, rest = (rest + block).split(b"\n")
            if len(rest) > MAX_LINE_BYTES:
                raise httpx2.RemoteProtocolError("the provider sent a line without end")
            if ready := b"".join(self._judge(line) for line in lines):
                yield ready
            await self._let_more_come()
        if ready := self._judge(rest) + self._release():
            yield ready
        if not self._exchange.ended:
            raise httpx2.RemoteProtocolError("the stream ended without finish_reason and [DONE]")

    async def aclose(self) -> None:
        await self._response.aclose()

    def _judge(self, line: bytes) -> bytes:
        """What is passed on now that a line has come: nothing, or the lines held with it."""
        if not line.strip():
            return b""  # every line that is passed on brings its own end of event
        if not line.startswith(b"data:"):
            return line + b"\n"
        data = line[5:].strip()
        chunk = _parsed(data)
        if chunk is None:
            self._exchange.ended = self._exchange.ended or data == b"[DONE]"
            return self._release() + line + b"\n\n"  # what is no JSON the SDK fails on, loudly
        self._exchange.read(chunk)
        if "error" not in chunk and (error := embedded_error(chunk)):
            chunk = {**chunk, "error": error}
        if not _is_plain_text(chunk):
            return self._release() + _event(chunk)
        self._held = _joined(self._held, chunk)
        join_s = min(LONGEST_JOIN_S, SHORTEST_JOIN_S + JOIN_PER_STREAM_S * self.open_streams)
        if time.monotonic() - self._passed_at >= join_s:
            self._pause_s = join_s
            return self._release()
        return self._release() if len(_content(self._held)) >= LONGEST_PIECE else b""

    async def _let_more_come(self) -> None:
        """After a piece of text was passed on: leave the connection alone until the next one may be due.

        Waking up for every token costs more than the token: what has come meanwhile is read at once, and joined.
        """
        if self._pause_s:
            await asyncio.sleep(self._pause_s)
            self._passed_at = time.monotonic() - self._pause_s + _DRAIN_S
            self._pause_s = 0.0

    def _release(self) -> bytes:
        if self._held is None:
            return b""
        event, self._held, self._passed_at = _event(self._held), None, time.monotonic()
        return event


def _parsed(data: bytes) -> dict[str, Any] | None:
    try:
        chunk = json.loads(data)
    except ValueError:
        return None
    return chunk if isinstance(chunk, dict) else None


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def _is_plain_text(chunk: dict[str, Any]) -> bool:
    """Whether a chunk carries a piece of text and nothing else."""
    choices = chunk.get("choices")
    if not isinstance(choices, list) or len(choices) != 1 or chunk.keys() & {"error", "usage"}:
        return False
    choice = first_choice(chunk)
    delta = choice.get("delta")
    if choice.get("finish_reason") or choice.get("logprobs") or not isinstance(delta, dict):
        return False
    return bool(delta.get("content")) and isinstance(delta["content"], str) and delta.keys() <= {"content", "role"}


def _joined(held: dict[str, Any] | None, chunk: dict[str, Any]) -> dict[str, Any]:
    if held is None:
        return chunk
    held["choices"][0]["delta"]["content"] += _content(chunk)
    return held


def _content(chunk: dict[str, Any]) -> str:
    """The text of a chunk that is plain text."""
    return str(chunk["choices"][0]["delta"]["content"])


def embedded_error(answer: dict[str, Any]) -> dict[str, Any] | None:
    """The error a 200 carries: at the top, in its first choice, or only as a `finish_reason`."""
    if isinstance(answer.get("error"), dict):
        return dict(answer["error"])
    choice = first_choice(answer)
    if isinstance(choice.get("error"), dict):
        return dict(choice["error"])
    if choice.get("finish_reason") == "error":
        return {"code": 502, "message": "the provider failed while it answered"}
    return None


def first_choice(answer: dict[str, Any]) -> dict[str, Any]:
    """The first choice of an answer or chunk; empty when there is none."""
    choices = answer.get("choices")
    return choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}


def _error_response(error: dict[str, Any]) -> httpx2.Response:
    code = str(error.get("code", ""))
    status = int(code) if code.isdigit() and 400 <= int(code) <= 599 else 502
    return httpx2.Response(status, json={"error": error})


async def _read_limited(response: httpx2.Response) -> bytes:
    body = b""
    async for block in response.aiter_bytes():
        body += block
        if len(body) > MAX_PLAIN_BODY_BYTES:
            raise httpx2.RemoteProtocolError("the provider's answer is too large")
    return body


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
