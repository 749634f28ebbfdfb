"""Reads the answer to one request: pieces of its text, while what else it tells is noted in its `ReplyFacts`.

What is not an answer is a failure here even if its status is 200: an error in the body, in a chunk or in a choice, a
stream that ends without saying so, and whatever cannot be read.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from services.agent.models.failures import BadAnswer, ProviderError
from services.agent.models.reply import ReplyFacts, first_choice, message_of, text_of

MAX_PLAIN_BODY_BYTES = 1024 * 1024
MAX_LINE_BYTES = 1024 * 1024
SHORTEST_JOIN_S, JOIN_PER_STREAM_S, LONGEST_JOIN_S = 0.08, 0.002, 0.25
"""Seconds within which pieces of text are joined: more the more streams are open; the first piece never waits."""
LONGEST_PIECE = 300
"""Characters beyond which a piece is passed on at once: its reader may want to stop the model."""
_DRAIN_S = 0.01
"""Seconds in which what came during a pause is read; text that comes later is new, and is passed on at once."""
_END_OF_BODY_S = 0.05
"""Longest wait for the end of the body after `[DONE]`, without which the connection cannot be used again."""


class HttpAnswer(Protocol):
    """An answer of which the headers have come."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    def blocks(self) -> AsyncIterator[bytes]:
        """The body as it comes."""
        ...

    def resting(self) -> AbstractContextManager[None]:
        """While it holds nothing is read: what comes waits outside the process, and wakes nobody."""
        ...


@dataclass(slots=True)
class OpenStreams:
    """How many answers are being read, which decides how long their pieces are joined.

    Every piece costs the same on its way to the reader, whatever its size, and a reader cannot see more than some ten
    changes a second: joining what comes quickly lets one process serve several times the readers.
    """

    count: int = 0

    @property
    def join_s(self) -> float:
        return min(LONGEST_JOIN_S, SHORTEST_JOIN_S + JOIN_PER_STREAM_S * self.count)


async def read_answer(answer: HttpAnswer, reply: ReplyFacts, streams: OpenStreams) -> AsyncGenerator[str, None]:
    """The text of an answer, piece by piece; closing the connection is the caller's.

    Raises:
        ProviderError: If it is an error, whatever its status.
        BadAnswer: If it cannot be read.
        aiohttp.ClientError: If the connection fails, or the stream ends before it is complete.
    """
    reply.generation_id = answer.headers.get("x-generation-id", "")
    if answer.status != 200:
        body = _parsed(await _read_limited(answer)) or {}
        raise ProviderError(answer.status, _error_in(body), answer.headers)
    if not answer.headers.get("content-type", "").startswith("text/event-stream"):
        whole = _parsed(await _read_limited(answer))
        if whole is None:
            raise ProviderError(502, {"message": "the provider answered 200 with something that is not JSON"})
        yield _text_of(whole, reply)
        return
    streams.count += 1
    try:
        async with contextlib.aclosing(_joined(answer, _Lines(reply), streams)) as pieces:
            async for piece in pieces:
                yield piece
    finally:
        streams.count -= 1


async def _joined(answer: HttpAnswer, lines: "_Lines", streams: OpenStreams) -> AsyncGenerator[str, None]:
    """After each piece the connection is left alone until the next one is due.

    Waking up for every token costs more than the token: what has come meanwhile is read at once, and joined.
    """
    loop = asyncio.get_running_loop()
    blocks = answer.blocks()
    held, hold_until = "", 0.0
    async for block in blocks:
        held += lines.feed(block)
        if lines.is_done:
            break
        is_due = loop.time() >= hold_until
        if held and (is_due or len(held) >= LONGEST_PIECE):
            yield held
            held = ""
            if is_due:
                with answer.resting():
                    await asyncio.sleep(streams.join_s)
                hold_until = loop.time() + _DRAIN_S
    if held := held + lines.finish():
        yield held
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_END_OF_BODY_S):
            async for _ in blocks:
                pass


class _Lines:
    """The lines of a stream of server-sent events; each is judged once it is whole.

    Args:
        reply: Where everything but text is noted.
    """

    def __init__(self, reply: ReplyFacts) -> None:
        self._reply = reply
        self._rest = b""
        self.is_done = False
        """Nothing that counts will follow."""

    def feed(self, block: bytes) -> str:
        """The text of the lines that a block completes."""
        *lines, self._rest = (self._rest + block).split(b"\n")
        if len(self._rest) > MAX_LINE_BYTES:
            raise BadAnswer("the provider sent a line without end")
        return "".join([self._read(line) for line in lines if line.startswith(b"data:")])

    def finish(self) -> str:
        """The text of a last line without end.

        Raises:
            aiohttp.ClientPayloadError: If the answer is not complete.
        """
        text = self.feed(b"\n")
        if not self._reply.ended:
            raise aiohttp.ClientPayloadError("the stream ended without finish_reason and [DONE]")
        return text

    def _read(self, line: bytes) -> str:
        data = line[5:].strip()
        if data == b"[DONE]":
            self.is_done = self._reply.ended = True
            return ""
        chunk = _parsed(data)
        if chunk is None:
            raise BadAnswer("the provider sent an event that is not a JSON object")
        return _text_of(chunk, self._reply)


def _text_of(chunk: dict[str, Any], reply: ReplyFacts) -> str:
    """The text of a chunk of a stream, or of a whole answer; what else it tells is noted.

    Raises:
        ProviderError: If it tells of an error: at the top, in its first choice, or only as a `finish_reason`.
        BadAnswer: If its text is not a string.
    """
    reply.read(chunk)
    choice = first_choice(chunk)
    if error := chunk.get("error") or choice.get("error"):
        raise _refusal(error)
    if choice.get("finish_reason") == "error":
        raise _refusal({"message": "the provider failed while it answered"})
    text = text_of(message_of(choice))
    if text is None:
        raise BadAnswer("the provider sent something other than text")
    return text


def _refusal(error: object) -> ProviderError:
    """An error that came with a 200, under the status it should have had."""
    body = error if isinstance(error, dict) else {"message": str(error)}
    code = str(body.get("code", ""))
    return ProviderError(int(code) if code.isdigit() and 400 <= int(code) <= 599 else 502, body)


def _error_in(body: dict[str, Any]) -> dict[str, Any]:
    """The error that a body tells, wherever it stands: `error` or the body itself, in words or as an object."""
    error = body.get("error", body)
    if not isinstance(error, dict):
        return {"message": str(error)}
    if not error.get("message") and (detail := error.get("detail")):  # what FastAPI sends
        return {**error, "message": detail if isinstance(detail, str) else json.dumps(detail, ensure_ascii=False)}
    return error


def _parsed(data: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(data)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


async def _read_limited(answer: HttpAnswer) -> bytes:
    body = b""
    async for block in answer.blocks():
        body += block
        if len(body) > MAX_PLAIN_BODY_BYTES:
            raise BadAnswer("the provider's answer is too large")
    return body
