"""The nginx block of the documentation, word for word, in front of a gateway, on a port of its own."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.fakes.gateway_process import ROOT, gateway_process
from tests.fakes.grpc_services import PausingAgent, served_agent
from tests.fakes.ports import free_port
from tests.fakes.sockets import connect

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
PAGE = (ROOT / "docs/docs/deploy/publish.md").read_text("utf-8")
pytestmark = pytest.mark.skipif(NGINX is None, reason="needs nginx: `make test-tools` installs nginx-light")


def documented(title: str) -> str:
    """The block of this title, word for word."""
    (block,) = re.findall(rf'```nginx title="{re.escape(title)}"\n(.*?)```', PAGE, re.DOTALL)
    return str(block)


@asynccontextmanager
async def nginx(folder: Path, gateway_url: str) -> AsyncIterator[str]:
    """nginx with the documented blocks; of them only the address of the gateway is changed."""
    port = free_port()
    location = documented("nginx.conf").replace("http://127.0.0.1:8000", gateway_url)
    assert gateway_url in location
    everywhere = documented("nginx.conf, inside http { … }")
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log stderr warn;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{everywhere}\n"
        f"server {{\nlisten 127.0.0.1:{port};\n{location}\n}}\n}}\n"
    )
    assert NGINX
    process = await asyncio.create_subprocess_exec(NGINX, "-p", str(folder), "-c", str(configuration))
    try:
        async with asyncio.timeout(20):
            while not await accepts(port):
                assert process.returncode is None, "nginx refused its configuration"
                await asyncio.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def accepts(port: int) -> bool:
    try:
        _, writer = await connect(f"http://127.0.0.1:{port}")
    except OSError:
        return False
    writer.close()
    return True


@pytest.fixture
async def behind_nginx(tmp_path: Path) -> AsyncIterator[tuple[str, PausingAgent]]:
    servicer = PausingAgent()
    async with served_agent(servicer) as target:
        settings = {"agent_target": target, "retriever_target": "127.0.0.1:1"}
        async with (
            gateway_process(tmp_path, **settings, trusted_proxies="127.0.0.1") as gateway,
            nginx(tmp_path, gateway.url) as address,
        ):
            yield address, servicer


async def test_a_question_from_the_same_origin_is_streamed_through(behind_nginx: tuple[str, PausingAgent]) -> None:
    address, agent = behind_nginx
    message = {"content": [{"type": "input_text", "text": "?"}], "attachments": [], "inference_options": {}}
    body = {"type": "threads.create", "params": {"input": message}}
    seen = ""
    async with (
        httpx.AsyncClient(base_url=address, headers={"Origin": address}, timeout=30) as browser,
        browser.stream("POST", "/ask/chatkit", json=body) as response,
    ):
        assert response.status_code == 200, await response.aread()
        async for line in response.aiter_lines():
            seen += line
            if "text_delta" in line:
                agent.go_on.set()  # the first words are here before the last ones exist: nothing was buffered
    assert "Half and half" in seen


async def test_a_foreign_origin_is_still_refused(behind_nginx: tuple[str, PausingAgent]) -> None:
    address, _ = behind_nginx
    async with httpx.AsyncClient(base_url=address) as browser:
        body = {"type": "threads.list", "params": {}}
        response = await browser.post("/ask/chatkit", json=body, headers={"Origin": "http://elsewhere.example"})
        assert response.status_code == 403
        too_large = await browser.post("/ask/chatkit", content=b"x" * 300_000, headers={"Origin": address})
        assert too_large.status_code == 413
