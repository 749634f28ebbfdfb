"""A proxy and a private authority in the environment, as companies have them: what goes where, with real ones."""

import asyncio
import contextlib
import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme
from grpc_health.v1 import health_pb2, health_pb2_grpc
from pydantic import SecretStr

from gateway.readers.key_set import KeySet
from services.agent.models.openrouter import OpenRouter
from services.agent.models.proxies import proxy_for
from services.agent.models.reply import ReplyFacts
from services.retriever.server import make_embedder, make_reranker
from services.retriever.settings import RetrieverSettings
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.server import GrpcServer, running
from services.runtime.settings import ServiceSettings
from tools.openrouter_emulator.http import Reply, Request
from tools.openrouter_emulator.server import Emulator, emulating

KEY = "sk-or-v1-behind-a-proxy"
PROXY_VARIABLES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
JWKS = {"keys": [{"kty": "RSA", "kid": "one", "n": "sXchTTU" + "A" * 335, "e": "AQAB"}]}


@dataclass
class Company:
    """A proxy that asks for a password, and what it was asked for."""

    address: str
    log: Path

    def asked_for(self) -> str:
        return self.log.read_text() if self.log.exists() else ""


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    port_file, log = tmp_path / "port", tmp_path / "proxy.log"
    options = ["--hostname", "127.0.0.1", "--port", "0", "--port-file", port_file, "--log-file", log]
    options += ["--basic-auth", "worker:pass word", "--num-workers", "1", "--num-acceptors", "1"]
    process = subprocess.Popen([sys.executable, "-m", "proxy", *map(str, options)], stderr=subprocess.DEVNULL)
    try:
        give_up_at = time.monotonic() + 60
        while not (port_file.exists() and port_file.read_text().strip()):
            assert process.poll() is None, "the proxy ended"
            assert time.monotonic() < give_up_at, "the proxy did not start"
            time.sleep(0.05)
        port = port_file.read_text().strip()
        yield Company(f"http://worker:pass%20word@127.0.0.1:{port}", log)
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate of an authority that only `SSL_CERT_FILE` knows."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "company-ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "company-ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


class Upstream(Emulator):
    """The provider, which publishes keys of a login, too."""

    async def handle(self, request: Request, reply: Reply) -> None:
        if request.path.endswith("/jwks.json"):
            await reply.send_json(200, JWKS)
        else:
            await super().handle(request, reply)


@contextlib.asynccontextmanager
async def upstream(tls: ssl.SSLContext | None) -> AsyncIterator[str]:
    async with emulating(Upstream(key=KEY), tls=tls) as base_url:
        yield base_url


async def models_seen_by_the_agent(base_url: str) -> int:
    provider = OpenRouter(base_url, SecretStr(KEY))
    try:
        return len(await provider.list_models())
    finally:
        await provider.close()


async def answer_of_the_agent(base_url: str) -> str:
    provider = OpenRouter(base_url, SecretStr(KEY))
    body = {"model": "z-ai/glm-5.2:free", "stream": True, "messages": [{"role": "user", "content": "Hello?"}]}
    try:
        return "".join([piece async for piece in provider.answer(json.dumps(body).encode(), ReplyFacts())])
    finally:
        await provider.close()


def retriever_settings(base_url: str) -> RetrieverSettings:
    return RetrieverSettings(
        _env_file=None,
        embedding="openrouter:vendor/model",
        embedding_dimension=64,
        rerank="openrouter:vendor/rerank",
        openrouter_api_key=SecretStr(KEY),
        openrouter_base_url=base_url,
        embedding_timeout_s=30,
        rerank_timeout_s=30,
    )


async def embedding_of_the_retriever(base_url: str) -> int:
    embedder = make_embedder(retriever_settings(base_url))
    try:
        return len(await embedder.embed_query("text"))
    finally:
        await embedder.close()


async def ranks_of_the_retriever(base_url: str) -> int:
    reranker = make_reranker(retriever_settings(base_url))
    assert reranker is not None
    try:
        return len(await reranker.relevances("question", ["one", "two"]))
    finally:
        await reranker.close()


async def key_of_the_gateway(base_url: str) -> Any:
    return (await KeySet(f"{base_url}/jwks.json").key("one")).key_id


CALLS = [
    models_seen_by_the_agent,
    answer_of_the_agent,
    embedding_of_the_retriever,
    ranks_of_the_retriever,
    key_of_the_gateway,
]


@pytest.mark.parametrize("call", CALLS)
async def test_what_leaves_the_machine_goes_through_the_proxy_and_trusts_the_companys_authority(
    company: Company, authority: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, call: Any
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", company.address)
    async with upstream(authority) as base_url:
        assert await call(base_url)
        await logged(company, base_url.split("/")[2])


@pytest.mark.parametrize("call", CALLS)
async def test_an_address_of_no_proxy_is_reached_straight(
    company: Company, authority: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, call: Any
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with upstream(authority) as base_url:
        assert await call(base_url)
    assert company.asked_for().count("CONNECT") == 0


async def test_requests_without_encryption_go_through_it_too(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", company.address)
    async with upstream(None) as base_url:
        assert await models_seen_by_the_agent(base_url)
        await logged(company, base_url.split("/")[2].split(":")[1])


async def test_a_proxy_is_shown_its_own_password_and_not_our_key(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        monkeypatch.setenv("HTTPS_PROXY", f"http://worker:pass@127.0.0.1:{port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        for call in (models_seen_by_the_agent, answer_of_the_agent):
            with pytest.raises(aiohttp.ClientHttpProxyError):
                await call("https://openrouter.invalid/api/v1")
    assert all(head.startswith(b"CONNECT openrouter.invalid:443") for head in seen)
    assert all(b"Basic d29ya2VyOnBhc3M=" in head for head in seen)
    assert KEY.encode() not in b"".join(seen)


async def test_a_netrc_does_not_get_in_the_way_of_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    async with upstream(None) as base_url:
        assert await answer_of_the_agent(base_url)


async def test_calls_between_our_processes_never_go_to_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXY_VARIABLES[:2]:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    server = GrpcServer("agent", ServiceSettings(_env_file=None, port=0), [], lambda server: None)
    async with running(server), open_channel(f"127.0.0.1:{server.port}", ChannelSecurity()) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)  # its stubs name no methods
        answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=30)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        asked = [sys.executable, "-m", "cli", "health", f"127.0.0.1:{server.port}"]
        environment = {name: value for name, value in os.environ.items() if name.lower() != "no_proxy"}
        outcome = await asyncio.to_thread(subprocess.run, asked, env=environment, capture_output=True, text=True)
        assert outcome.stdout.strip() == "SERVING", outcome.stderr


def test_a_proxy_that_is_not_spoken_to_over_http_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://user:secret@127.0.0.1:1080")
    with pytest.raises(ValueError, match=r"HTTPS_PROXY names a socks5 proxy") as caught:
        proxy_for("https://openrouter.ai/api/v1")
    assert "secret" not in str(caught.value)


async def logged(company: Company, what: str) -> None:
    """Wait until the proxy has written down that it was asked for something."""
    async with asyncio.timeout(30):
        while what not in company.asked_for():
            await asyncio.sleep(0.05)
