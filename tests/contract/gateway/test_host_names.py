"""Under which host names the gateway answers, at every door; names are sent as clients send them."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

OURS = ["127.0.0.1", "127.0.0.1:8000", "localhost", "LocalHost:3000", "localhost.", "[::1]", "[::1]:8000"]
STRANGERS = [
    "evil.example",
    "chat.example.com",
    "192.168.1.20:8000",
    "gateway:8000",
    "localhost.evil.example",
    "127.0.0.1.nip.io",
    "0.0.0.0:8000",
    "2130706433",
    "[2001:db8::1]:8000",
]
NO_HOSTS = [
    "",
    "user@127.0.0.1",
    "127.0.0.1:port",
    "127.0.0.1:8000:1",
    "127.0.0.1/",
    "::1",
    "[::1",
    "a b",
    "localhost,x",
]
DOORS = [
    "/healthz",
    "/readyz",
    "/",
    "/docs-chat.js",
    "/v1/search?q=x",
    "/v1/models",
    "/openapi.json",
    "/metrics",
    "/mcp",
]


async def raw(browser: Any, *lines: str, path: str = "/healthz") -> int:
    """Status of a request with exactly these header lines."""
    address = urlsplit(str(browser.base_url))
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        head = "".join(f"{line}\r\n" for line in (*lines, "Connection: close"))
        writer.write(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()
        await writer.wait_closed()


async def test_a_gateway_of_one_machine_answers_to_that_machine_s_names_only(browser: Any) -> None:
    assert {host: await raw(browser, f"Host: {host}") for host in OURS} == dict.fromkeys(OURS, 200)
    assert {host: await raw(browser, f"Host: {host}") for host in STRANGERS} == dict.fromkeys(STRANGERS, 400)


async def test_a_stranger_s_name_opens_no_door(browser: Any) -> None:
    assert {path: await raw(browser, "Host: evil.example", path=path) for path in DOORS} == dict.fromkeys(DOORS, 400)
    for method, path in (("POST", "/chatkit"), ("POST", "/mcp"), ("OPTIONS", "/chatkit"), ("DELETE", "/v1/readers/me")):
        headers = {"Host": "evil.example", "Origin": "http://evil.example"}  # as a rebound page's browser sends it
        response = await browser.request(method, path, json={}, headers=headers)
        assert (path, response.status_code) == (path, 400)
        assert "GATEWAY_ALLOWED_HOSTS" in response.json()["message"]


@pytest.mark.parametrize("allowed", [(), ("*",)])
async def test_a_request_names_one_host(start_gateway: Any, allowed: Any) -> None:
    browser = await start_gateway(allowed_hosts=allowed)
    assert await raw(browser) == 400
    assert await raw(browser, "Host: localhost", "Host: localhost") == 400
    assert await raw(browser, "Host: localhost", "Host: evil.example") == 400
    assert {host: await raw(browser, f"Host: {host}") for host in NO_HOSTS} == dict.fromkeys(NO_HOSTS, 400)


async def test_listed_names_are_answered_to_with_any_port(start_gateway: Any) -> None:
    browser = await start_gateway(
        allowed_hosts="Chat.Example.com, *.docs.example.com, gateway, 192.168.1.20, [2001:DB8:0::1], bücher.example"
    )
    answered = [
        *OURS,
        "chat.example.com",
        "CHAT.example.com.:8443",
        "de.docs.example.com",
        "gateway:8000",
        "192.168.1.20:8000",
        "[2001:db8::1]:8000",
        "xn--bcher-kva.example",
    ]
    refused = [
        "example.com",
        "docs.example.com",
        "evilchat.example.com",
        "192.168.1.21",
        "[2001:db8::2]",
        "gateway.evil",
    ]
    assert {host: await raw(browser, f"Host: {host}") for host in answered} == dict.fromkeys(answered, 200)
    assert {host: await raw(browser, f"Host: {host}") for host in refused} == dict.fromkeys(refused, 400)


async def test_a_star_answers_to_any_name(start_gateway: Any) -> None:
    browser = await start_gateway(allowed_hosts="gateway,*")
    assert await raw(browser, "Host: anything.example:81") == 200


@pytest.mark.parametrize("host", ["chat.example.com", "192.168.1.20:8000", "gateway:8000", "[2001:db8::1]:8000"])
async def test_mcp_s_own_client_is_answered_under_a_real_host_name(start_gateway: Any, host: str) -> None:
    browser = await start_gateway(allowed_hosts="chat.example.com,192.168.1.20,gateway,2001:db8::1")
    async with (
        httpx2.AsyncClient(headers={"Host": host}) as http,
        Client(streamable_http_client(f"{browser.base_url}/mcp", http_client=http)) as client,
    ):
        assert {tool.name for tool in (await client.list_tools()).tools} >= {"search_docs", "read_page"}
        assert not (await client.call_tool("search_docs", {"query": "retries"})).is_error


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://docs.example.com", 200),
        ("https://chat.example.com", 200),
        ("https://evil.example", 403),
        ("null", 403),
    ],
)
async def test_mcp_follows_the_allowed_origins(start_gateway: Any, origin: str, status: int) -> None:
    browser = await start_gateway(allowed_hosts="chat.example.com", allowed_origins="https://docs.example.com")
    headers = {"Host": "chat.example.com", "Origin": origin, "Accept": "application/json, text/event-stream"}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert (await browser.post("/mcp", json=body, headers=headers)).status_code == status
