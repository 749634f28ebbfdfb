"""One hostile request, whatever part of it is blown up, keeps nobody else waiting."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.fakes.gateway_process import GatewayProcess, gateway_process
from tests.fakes.sockets import Answer, request, send_raw

JSON = "application/json"
MCP = (("Accept", "application/json, text/event-stream"),)
REFUSED = (400, 401, 403, 404, 405, 413, 414, 421, 431)
UNREACHABLE = (503, 504)  # read in full, and then nobody is behind the gateway in these tests
BODY = 256 * 1024 - 200


def many(name: str, count: int) -> tuple[tuple[str, str], ...]:
    return tuple((f"{name}{number}", "v") for number in range(count))


def completion(content: str) -> bytes:
    return b'{"model":"docs-chat","messages":[{"role":"user","content":%s}]}' % content.encode()


def jwt_with_header(header: bytes) -> str:
    return base64.urlsafe_b64encode(header).decode().rstrip("=") + ".e30.c2ln"


def place(raw: bytes) -> tuple[tuple[str, str], ...]:
    return (("X-Docs-Chat-Context", base64.urlsafe_b64encode(raw).decode()),)


CHUNKED = b"POST /chatkit HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
ELEMENTS = "1," * (BODY // 2 - 200) + "1"
BOMBS = {
    "60,000 headers": request("GET", "/healthz", headers=many("h", 60_000)),
    "60,000 times the same header": request("POST", "/chatkit", b"{}", headers=(("accept", "x"),) * 60_000),
    "one header of 8 MB": request("GET", "/healthz", headers=(("x-long", "a" * 8_000_000),)),
    "a header that never ends": b"GET /healthz HTTP/1.1\r\nx-long: " + b"a" * 8_000_000,
    "a name that never ends": b"GET /healthz HTTP/1.1\r\n" + b"a" * 8_000_000,
    "an address that never ends": b"GET /" + b"a" * 8_000_000,
    "a query of 1,000,000 parameters": request("GET", "/v1/search?q=x&" + "&".join(["a=1"] * 1_000_000)),
    "as many parameters as fit": request("GET", "/v1/search?q=x&" + "&".join(["version=1"] * 3_000)),
    "a number of 20,000 digits": request("GET", "/v1/search?q=x&limit=" + "9" * 20_000),
    "a path of 30,000 characters": request("GET", "/docs/" + "a" * 30_000),
    "a path of 5,500 characters": request("GET", "/docs/" + "a" * 5_500),
    "a path of percent signs": request("GET", "/docs/" + "%41" * 9_000),
    "a path of dots": request("GET", "/" + "../" * 1_300),
    "a null in the path": request("GET", "/%00"),
    "cookies as many as fit": request("GET", "/v1/search?q=x", headers=(("cookie", "a=1;" * 7_900),)),
    "a cookie of backslashes": request(
        "POST", "/v1/readers", headers=(("cookie", 'docs_chat_reader="' + "\\" * 31_000 + '"'),)
    ),
    "languages as many as fit": request("POST", "/chatkit", b"{}", headers=(("accept-language", "a," * 15_000),)),
    "a bearer token of 30 kB": request("GET", "/v1/sites", headers=(("authorization", "Bearer " + "a" * 30_000),)),
    "a bearer token with a deep header": request(
        "GET", "/v1/sites", headers=(("authorization", "Bearer " + jwt_with_header(b"[" * 20_000)),)
    ),
    "a bearer token with a long number": request(
        "GET", "/v1/sites", headers=(("authorization", "Bearer " + jwt_with_header(b"1" * 20_000)),)
    ),
    "an origin that is none": request("POST", "/chatkit", b"{}", headers=(("origin", "http://[::1"),)),
    "a long origin": request("POST", "/chatkit", b"{}", headers=(("origin", "http://" + "a" * 20_000),)),
    "a deep place": request("POST", "/chatkit", b'{"type":"threads.list","params":{}}', headers=place(b"[" * 12_000)),
    "a long baggage": request("GET", "/v1/sites", headers=(("baggage", "a=b," * 7_000), ("tracestate", "a=b," * 900))),
    "a length of 5,000 digits": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\n",
    "chatkit: deep lists": request("POST", "/chatkit", b"[" * BODY, kind=JSON),
    "chatkit: deep objects": request("POST", "/chatkit", b'{"a":' * (BODY // 5), kind=JSON),
    "chatkit: a long number": request("POST", "/chatkit", b'{"type":' + b"9" * (BODY - 9) + b"}", kind=JSON),
    "chatkit: a long type": request("POST", "/chatkit", b'{"type":"' + b"t" * (BODY - 11) + b'"}', kind=JSON),
    "chatkit: many wrong parts": request(
        "POST",
        "/chatkit",
        b'{"type":"threads.create","params":{"input":{"content":[%s]}}}' % ELEMENTS.encode(),
        kind=JSON,
    ),
    "chatkit: many keys": request(
        "POST", "/chatkit", json.dumps({f"k{number}": 1 for number in range(19_000)}).encode(), kind=JSON
    ),
    "chatkit: many backslashes": request("POST", "/chatkit", b'{"type":"' + b"\\\\" * (BODY // 2 - 10), kind=JSON),
    "completions: deep lists": request("POST", "/v1/chat/completions", completion("[" * (BODY - 200)), kind=JSON),
    "completions: a long number": request("POST", "/v1/chat/completions", completion("9" * (BODY - 200)), kind=JSON),
    "completions: many wrong parts": request("POST", "/v1/chat/completions", completion(f"[{ELEMENTS}]"), kind=JSON),
    "completions: many wrong messages": request(
        "POST", "/v1/chat/completions", b'{"messages":[%s]}' % ELEMENTS.encode(), kind=JSON
    ),
    "completions: a form": request(
        "POST", "/v1/chat/completions", b"a=1&" * (BODY // 4), kind="application/x-www-form-urlencoded"
    ),
    "completions: a multipart form": request(
        "POST",
        "/v1/chat/completions",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 4_000 + b"--b--",
        kind="multipart/form-data; boundary=b",
    ),
    "mcp: a batch": request(
        "POST", "/mcp", b"[" + b'{"jsonrpc":"2.0","id":1,"method":"ping"},' * 6_000 + b"1]", headers=MCP, kind=JSON
    ),
    "mcp: deep lists": request("POST", "/mcp", b"[" * BODY, headers=MCP, kind=JSON),
    "mcp: a long number": request("POST", "/mcp", b'{"id":' + b"9" * (BODY - 9) + b"}", headers=MCP, kind=JSON),
    "mcp: a long method": request(
        "POST", "/mcp", b'{"jsonrpc":"2.0","id":1,"method":"%s"}' % (b"m" * (BODY - 60)), headers=MCP, kind=JSON
    ),
    "mcp: a long tool name": request(
        "POST",
        "/mcp",
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"%s","arguments":{}}}' % (b"m" * 250_000),
        headers=MCP,
        kind=JSON,
    ),
    "a body that is too large": request("POST", "/chatkit", b"a" * 3_000_000, kind=JSON),
    "chunks of one byte": CHUNKED + b"1\r\na\r\n" * 300_000,
    "a chunk extension that never ends": CHUNKED + b"1;" + b"a" * 8_000_000,
    "trailers without end": CHUNKED + b"0\r\n" + b"a: b\r\n" * 200_000,
    "1,000 requests at once": b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 1_000,
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,
}
ANSWERED = {"a cookie of backslashes", "chatkit: many wrong parts", "mcp: a long tool name"}
"""What ends in an answer of status 200: the refusal is told inside a stream, or nothing was wrong."""
CUT_OFF = {"1,000 requests at once"}


class Poller:
    """Asks `/healthz` again and again, as a load balancer does; an answer that fails to come fails the test."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.answers = 0

    async def poll(self, done: asyncio.Event) -> None:
        async with httpx.AsyncClient(base_url=self._url, timeout=5) as client:
            while not done.is_set():
                assert (await client.get("/healthz")).status_code == 200
                self.answers += 1


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[GatewayProcess]:
    """A gateway with nobody behind it: what is asked here ends in front."""
    settings = {
        "agent_target": "127.0.0.1:1",
        "retriever_target": "127.0.0.1:1",
        "body_timeout_s": 5,
        "login_secret": "s" * 40,
    }
    async with gateway_process(tmp_path, **settings) as process:
        yield process


async def test_others_are_answered_while_bombs_of_every_kind_arrive(gateway: GatewayProcess) -> None:
    poller, done = Poller(gateway.url), asyncio.Event()
    polling = asyncio.create_task(poller.poll(done))
    answers: dict[str, Answer] = {}
    for name, raw in BOMBS.items():
        polls_before = poller.answers
        async with asyncio.timeout(30):  # hangs, not speeds
            answers[name] = await send_raw(gateway.url, raw)
            while poller.answers == polls_before and not polling.done():
                await asyncio.sleep(0)
    done.set()
    await polling
    odd = {
        name: (answer.status, answer.body[:200])
        for name, answer in answers.items()
        if answer.status
        not in REFUSED + UNREACHABLE + ((200,) if name in ANSWERED else ()) + ((0,) if name in CUT_OFF else ())
    }
    assert odd == {}
    long = {name: len(answer.body) for name, answer in answers.items() if len(answer.body) > 4_000}
    assert long == {}, "an error repeats what was sent"
    assert [line for line in gateway.log if "Traceback" in line or '"ERROR"' in line] == []
