"""Limits for connections: how large a head may be, how long each part may take, how many clients may keep us waiting.

uvicorn closes a connection that stays idle after an answer, but not one that never asks, whose request never ends, or
that never reads its answer, and its parser keeps a head of any size. What is added here:

    head    from the first byte (or the connection) until the headers end     `head_timeout_s`, sizes: 431, 414
    body    from there until the request has come whole                       `body_timeout_s`
    answer  while the client takes nothing of what was written                `write_timeout_s`
    idle    from the answer until the next request                            `idle_timeout_s`
    all     that wait for their client at the same time                       `max_waiting`; the oldest one is closed

Memory of one connection is bounded by the same numbers, whatever it sends.
"""

import asyncio
import logging
from enum import Enum, auto
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.http.body_parser import BodyParser, framing_of
from gateway.http.connection_policy import ConnectionPolicy, Waiting
from gateway.http.refusals import Refusal, response_to
from gateway.http.timer import Timer
from gateway.metrics import REFUSED

logger = logging.getLogger(__name__)

_PIECE = 16_384
"""Bytes parsed before the counts are looked at again."""
_MAX_PIPELINED = 8
"""Requests a client may send before their answers. Browsers send none ahead."""
_WIRE_OVERHEAD = 16
"""Most bytes on the wire for one byte of a body: a chunk of one byte takes six."""
_LINGER_S = 2.0
_LINGER_BYTES = 4 * 1024 * 1024


class _Part(Enum):
    """What of a request comes next."""

    NOTHING = auto()
    HEAD = auto()
    BODY = auto()


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 with the limits of `ConnectionPolicy`."""

    def __init__(self, *, policy: ConnectionPolicy, waiting: Waiting, **uvicorns: Any) -> None:
        super().__init__(**uvicorns)
        self.timeout_keep_alive = policy.idle_timeout_s  # type: ignore[assignment]  # handed to `call_later` only
        self._policy = policy
        self._waiting = waiting
        self._part = _Part.NOTHING
        self._seen_bytes = 0  # of the part
        self._head_bytes = 0
        self._discard_bytes: int | None = None
        self._client_timer = Timer(self.loop)
        self._write_timer = Timer(self.loop)

    # ---- the connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect(self._policy.head_timeout_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._client_timer.stop()
        self._write_timer.stop()
        self._unset_keepalive_if_required()
        self._waiting.leave(self)
        super().connection_lost(exc)

    def cut(self) -> None:
        """Close at once, even if something is left to send."""
        self.transport.abort()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._cut_unless_read()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._write_timer.stop()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._cut_unless_read()
        elif not self._is_answering:
            self._waiting.enter(self)

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._cut_unless_read()  # closing waits until the client has read the last answer

    # ---- what the client sends

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self._part is _Part.NOTHING and not self._client_timer.is_running and not self._is_answering:
            self._expect(self._policy.head_timeout_s)
        view = memoryview(data)
        for start in range(0, len(data), _PIECE):
            if self.transport.is_closing():
                return
            piece = view[start : start + _PIECE]
            if self._discard_bytes is None:
                self._parse(piece)
            else:
                self._discard(len(piece))

    def _parse(self, piece: memoryview) -> None:
        try:
            self.parser.feed_data(piece)
            self._count(len(piece))
        except httptools.HttpParserUpgrade as offer:
            self._decline(piece[offer.args[0] :])
        except Refusal as refusal:
            self._refuse(refusal)
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause if isinstance(cause, Refusal) else Refusal(400, "This is not an HTTP request."))

    def _decline(self, rest: memoryview) -> None:
        """Read on as if no other protocol had been offered. This request is the last one of its connection."""
        self.cycle.keep_alive = False
        if framing := framing_of(self.headers):
            self.cycle.more_body = True  # the application has not run yet
            self.cycle.message_event.clear()
            self._part, self._seen_bytes = _Part.BODY, 0
            self._expect(self._policy.body_timeout_s)
        self.parser = BodyParser(self, framing)  # type: ignore[assignment]  # it has all that is used here
        if framing:
            self._parse(rest)

    def _count(self, size: int) -> None:
        """Also count what the parser has not shown yet: it holds a header back until the whole of it is there."""
        self._seen_bytes += size
        if self._part is _Part.HEAD and self._seen_bytes > self._policy.max_head_bytes + _PIECE:
            raise self._head_too_large()
        if self._part is _Part.BODY and self._seen_bytes > _WIRE_OVERHEAD * self._policy.max_body_bytes:
            raise Refusal(413, f"The request is larger than {self._policy.max_body_bytes} bytes.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._part, self._seen_bytes, self._head_bytes = _Part.HEAD, 0, 0
        if not self._client_timer.is_running:
            self._expect(self._policy.head_timeout_s)

    def on_url(self, url: bytes) -> None:
        self._head_bytes += len(url)
        if self._head_bytes > self._policy.max_head_bytes:
            raise Refusal(414, "The address is too long.")
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > self._policy.max_head_bytes:
            raise self._head_too_large()
        if self._part is _Part.BODY:
            return  # a trailer: it would join headers that have been checked already
        if len(self.headers) >= self._policy.max_headers:
            raise Refusal(431, f"The request has more than {self._policy.max_headers} headers.")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= _MAX_PIPELINED:
            raise Refusal(400, "Too many requests were sent ahead of their answers.")
        super().on_headers_complete()
        self._part, self._seen_bytes = _Part.BODY, 0
        self._expect(self._policy.body_timeout_s)

    def on_message_complete(self) -> None:
        self._part = _Part.NOTHING
        self._client_timer.stop()
        self._waiting.leave(self)
        super().on_message_complete()

    # ---- time

    @property
    def _is_answering(self) -> bool:
        """Whether the client is waiting for us."""
        cycle = self.cycle
        return bool(self.pipeline) or (cycle is not None and not cycle.response_complete and not cycle.more_body)

    def _expect(self, seconds: float) -> None:
        """Give the client this long to send what comes next."""
        self._client_timer.start(seconds, self._client_is_late)
        if not self._is_answering:
            self._waiting.enter(self)

    def _client_is_late(self) -> None:
        if self.transport.is_closing():
            return
        if self._is_answering or self.flow.read_paused:  # we are the ones who have not read on
            self._expect(self._policy.head_timeout_s)
        elif self._part is _Part.NOTHING:
            self._close()
        else:
            self._refuse(Refusal(408, "The request did not arrive in time."))

    def _cut_unless_read(self) -> None:
        if not self._write_timer.is_running and self.transport.get_write_buffer_size() > 0:
            self._write_timer.start(self._policy.write_timeout_s, self.cut)

    # ---- refusing

    def _head_too_large(self) -> Refusal:
        return Refusal(431, f"The headers are larger than {self._policy.max_head_bytes} bytes.")

    def _refuse(self, refusal: Refusal) -> None:
        """Answer in place of the application, unless its answer has begun, and read no more requests."""
        logger.info("request refused", extra={"status": refusal.status, "detail": refusal.text})
        REFUSED.labels("http").inc()
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            is_begun = cycle.response_started or self._is_answering
            cycle.disconnected = True
            cycle.message_event.set()
            if is_begun:
                self.cut()
                return
        is_answered = self._part is _Part.BODY and cycle is not None and cycle.response_complete
        if not is_answered:
            self.transport.write(response_to(refusal))
        self._linger()

    def _linger(self) -> None:
        """Read on for a moment: closing with bytes unread resets the connection, and the answer would be lost."""
        self._discard_bytes = _LINGER_BYTES
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._client_timer.start(_LINGER_S, self.cut)

    def _discard(self, size: int) -> None:
        self._discard_bytes = (self._discard_bytes or 0) - size
        if self._discard_bytes <= 0:
            self.cut()

    def _close(self) -> None:
        self.transport.close()
        self._cut_unless_read()
