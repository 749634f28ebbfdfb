"""HTTP/1.1 as honest clients speak it, below the routes."""

import json
from typing import Any

import pytest

from tests.fakes.sockets import connect, read_answer, request, send_raw

LIST = json.dumps({"type": "threads.list", "params": {}}).encode()


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("Expect", "100-continue"),),
        (("Upgrade", "h2c"), ("Connection", "Upgrade, HTTP2-Settings"), ("HTTP2-Settings", "AAEAAEAAAAIAAAAB")),
        (("Upgrade", "websocket"), ("Connection", "Upgrade")),
    ],
    ids=["plainly", "asking first", "offering HTTP/2, as Java does", "asking for a socket"],
)
async def test_a_request_with_a_body_is_answered(browser: Any, headers: tuple[tuple[str, str], ...]) -> None:
    raw = request("POST", "/chatkit", LIST, headers=headers).replace(b"Connection: close\r\n", b"")
    reader, writer = await connect(str(browser.base_url))
    writer.write(raw)
    answer = await read_answer(reader)
    if "Expect" in dict(headers):
        assert answer.status == 100
        answer = await read_answer(reader)
    assert (answer.status, answer.json()["data"]) == (200, [])
    writer.close()


async def test_requests_sent_ahead_are_answered_in_order_and_the_connection_is_kept(browser: Any) -> None:
    reader, writer = await connect(str(browser.base_url))
    first = request("POST", "/chatkit", LIST).replace(b"Connection: close\r\n", b"")
    second = request("GET", "/healthz").replace(b"Connection: close\r\n", b"")
    writer.write(first + second + second)
    answers = [await read_answer(reader) for _ in range(3)]
    assert [list(answer.json()) for answer in answers] == [["data", "has_more"], ["status"], ["status"]]
    writer.write(second)
    assert (await read_answer(reader)).status == 200
    writer.close()


async def test_a_body_in_chunks_is_read_and_its_trailers_are_not(browser: Any) -> None:
    pieces = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (LIST[:10], LIST[10:])]
    head = b"POST /chatkit HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    reader, writer = await connect(str(browser.base_url))
    writer.write(head + b"".join(pieces) + b"0\r\nX-Docs-Chat-Reader: forged\r\n\r\n")
    answer = await read_answer(reader)
    assert (answer.status, answer.json()["data"]) == (200, [])
    writer.close()


async def test_what_is_no_http_is_told_so_in_json(browser: Any) -> None:
    for raw in (b"hello\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n", b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"):
        answer = await send_raw(str(browser.base_url), raw)
        assert (answer.status, answer.json()) == (400, {"message": "This is not an HTTP request."})
