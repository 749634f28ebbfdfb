"""What a newcomer does, on real processes: start everything, ask, follow the citation, stop, start again."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

import grpc
import httpx
import pytest
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from mcp import Client
from openai import OpenAI

from tests.fakes.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "How do I index my own site?"


@dataclass
class Newcomer:
    """A working directory, four ports, and what was printed."""

    folder: Path
    ports: dict[str, int]
    process: "subprocess.Popen[str] | None" = None
    printed: str = ""
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.ports['GATEWAY_PORT']}"

    @property
    def environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("OPENROUTER")}
        ports = {name: str(port) for name, port in self.ports.items()}
        return own | ports | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | self.settings

    def make_up(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scripts.up"],
            cwd=self.folder, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        self.printed = "".join(lines)
        assert "docs-chat is running" in self.printed, self.printed + self.logs()

    def interrupt(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=60)
        self.printed += rest
        return self.process.returncode

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in sorted((self.folder / ".data" / "logs").glob("*.log")))


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    names = ("RETRIEVER_PORT", "AGENT_PORT", "INGEST_PORT", "GATEWAY_PORT")
    newcomer = Newcomer(tmp_path_factory.mktemp("newcomer"), dict(zip(names, free_ports(4), strict=True)))
    newcomer.make_up()
    yield newcomer
    if newcomer.process is not None and newcomer.process.poll() is None:
        newcomer.interrupt()


def ask_in_the_panel(newcomer: Newcomer, question: str) -> list[dict[str, Any]]:
    content = [{"type": "input_text", "text": question}]
    inputs = {"content": content, "attachments": [], "quoted_text": "", "inference_options": {}}
    body = {"type": "threads.create", "params": {"input": inputs}}
    with httpx.stream("POST", f"{newcomer.gateway}/chatkit", json=body, timeout=60) as response:
        assert response.status_code == 200, response.read()
        return [json.loads(line[6:]) for line in response.iter_lines() if line.startswith("data: ")]


def the_answer(events: list[dict[str, Any]]) -> dict[str, Any]:
    items = [event["item"] for event in events if event["type"] == "thread.item.done"]
    return next(item for item in items if item["type"] == "assistant_message")["content"][0]


@pytest.mark.timeout(240)
def test_a_question_gets_passages_then_an_answer_with_citations(newcomer: Newcomer) -> None:
    """Takes some 10 s: before it all four processes start and index a site."""
    events = ask_in_the_panel(newcomer, QUESTION)
    kinds = [event["type"] for event in events]
    passages = next(event for event in events if event.get("name") == "docs_chat.passages")
    assert passages["data"]["passages"], events
    assert kinds.index("client_effect") < kinds.index("thread.item.updated")
    answer = the_answer(events)
    assert answer["text"].strip()
    assert answer["annotations"]


def test_without_a_key_the_answer_says_that_no_model_wrote_it(newcomer: Newcomer) -> None:
    events = ask_in_the_panel(newcomer, "Which Python version does it need?")
    assert next(event for event in events if event.get("name") == "docs_chat.answer")["data"]["source"] == "extractive"
    assert any(event["type"] == "notice" for event in events)


def test_what_is_typed_is_found_at_its_heading_before_it_is_typed_out(newcomer: Newcomer) -> None:
    for typed in ("GATEWAY_PO", "quick sta", "quikc start"):
        response = httpx.get(f"{newcomer.gateway}/v1/search/sections", params={"q": typed}, timeout=10)
        found = response.json()
        first = found["pages"][0]
        assert first["uri"].startswith(newcomer.gateway)
        assert httpx.get(first["sections"][0]["uri"], timeout=10).status_code == 200
        marked = [piece for section in first["sections"] for piece in section["snippet"] if piece.get("mark")]
        assert marked or any(piece.get("mark") for piece in first["title"]), found
        assert found["searched_for"] == ("quick start" if typed == "quikc start" else None)


def test_an_openai_client_shows_where_the_answer_comes_from(newcomer: Newcomer) -> None:
    with OpenAI(base_url=f"{newcomer.gateway}/v1", api_key="unused") as client:
        asked: Any = {"model": "docs-chat", "messages": [{"role": "user", "content": QUESTION}]}
        message = client.chat.completions.create(**asked).choices[0].message
        pieces = [
            chunk.choices[0].delta.content or "" for chunk in client.chat.completions.create(**asked, stream=True)
        ]
    assert message.content
    assert "**Sources**\n\n[1] [" in message.content
    assert message.content.rstrip().endswith(")")
    assert "".join(pieces) == message.content
    for annotation in message.annotations or []:
        place = annotation.url_citation
        assert re.fullmatch(r"\[\d+\]", message.content[place.start_index : place.end_index])
        assert place.url.startswith(newcomer.gateway)


def test_an_mcp_client_finds_and_lists_the_pages(newcomer: Newcomer) -> None:
    async def visit() -> tuple[str, list[str], str]:
        async with Client(f"{newcomer.gateway}/mcp") as client:
            found = await client.call_tool("search_docs", {"query": QUESTION})
            listed = (await client.list_resources()).resources
            read = await client.read_resource(str(listed[0].uri))
        return found.content[0].text, [str(each.uri) for each in listed], read.contents[0].text

    found, listed, read = asyncio.run(visit())
    assert found.startswith("## ")
    assert len(listed) > 10
    assert listed[0] in read


def test_every_citation_opens_a_page_that_has_the_heading(newcomer: Newcomer) -> None:
    annotations = the_answer(ask_in_the_panel(newcomer, QUESTION))["annotations"]
    for annotation in annotations:
        address, fragment = urldefrag(annotation["source"]["data"]["href"])
        assert address.startswith(newcomer.gateway)
        page = httpx.get(address, timeout=10)
        assert page.status_code == 200, address
        assert not fragment or f'id="{fragment}"' in page.text


def test_a_question_from_another_world_is_refused_without_a_model(newcomer: Newcomer) -> None:
    events = ask_in_the_panel(newcomer, "What is the best recipe for a sourdough bread with rye?")
    assert next(event for event in events if event.get("name") == "docs_chat.answer")["data"]["source"] == "not_covered"


def test_the_terminal_answers_too(newcomer: Newcomer) -> None:
    outcome = subprocess.run(
        [sys.executable, "-m", "cli", "ask", QUESTION],
        cwd=newcomer.folder, env=newcomer.environment, text=True, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert outcome.returncode == 0, outcome.stderr
    assert newcomer.gateway in outcome.stdout


@pytest.mark.parametrize(
    ("port", "service"),
    [
        ("RETRIEVER_PORT", "docs_chat.retriever.v1.RetrieverService"),
        ("RETRIEVER_PORT", "docs_chat.retriever.v1.IndexService"),
        ("AGENT_PORT", "docs_chat.agent.v1.AgentService"),
        ("INGEST_PORT", "docs_chat.ingest.v1.IngestService"),
    ],
)
def test_every_service_is_found_by_reflection_and_healthy(newcomer: Newcomer, port: str, service: str) -> None:
    target = f"127.0.0.1:{newcomer.ports[port]}"
    with grpc.insecure_channel(target) as channel:
        assert service in ProtoReflectionDescriptorDatabase(channel).get_services()
    outcome = subprocess.run(
        [sys.executable, "-m", "cli", "health", target], cwd=ROOT, text=True, capture_output=True, check=False
    )
    assert (outcome.returncode, outcome.stdout.strip()) == (0, "SERVING")


def test_one_request_id_goes_from_the_browser_to_the_retriever(newcomer: Newcomer) -> None:
    request_id = "whole-path-request-1"
    response = httpx.get(
        f"{newcomer.gateway}/v1/search", params={"q": "roll back"}, headers={"X-Request-Id": request_id}, timeout=10
    )
    assert response.status_code == 200
    assert request_id[:8] in (newcomer.folder / ".data/logs/retriever.log").read_text()


def test_a_second_start_on_the_same_ports_names_the_port(newcomer: Newcomer) -> None:
    outcome = subprocess.run(
        [sys.executable, "-m", "scripts.up"],
        cwd=newcomer.folder, env=newcomer.environment, text=True, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert outcome.returncode == 1
    assert re.search(r"port \d+ of the retriever cannot be used .* RETRIEVER_PORT", outcome.stderr)
    assert "Traceback" not in outcome.stderr


@pytest.mark.timeout(240)
def test_stopping_is_clean_and_the_next_start_has_everything_still(newcomer: Newcomer) -> None:
    thread = next(event for event in ask_in_the_panel(newcomer, QUESTION) if event["type"] == "thread.created")
    assert newcomer.interrupt() == 0
    assert "Traceback" not in newcomer.printed + newcomer.logs()
    newcomer.make_up()
    assert "unchanged" in newcomer.printed.lower()
    assert thread["thread"]["id"]
    with urllib.request.urlopen(f"{newcomer.gateway}/readyz", timeout=10) as response:
        assert response.status == 200


@pytest.mark.timeout(120)
def test_a_closed_terminal_leaves_no_process_behind(newcomer: Newcomer) -> None:
    assert newcomer.process is not None
    assert newcomer.process.stdout is not None
    newcomer.process.stdout.close()
    newcomer.process.send_signal(signal.SIGHUP)
    newcomer.process.wait(60)
    for port in newcomer.ports.values():
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.timeout(240)
def test_it_runs_on_ipv6_with_a_proxy_in_the_environment_that_answers_nobody(tmp_path: Path) -> None:
    """Takes some 15 s: all four processes start and index a site."""
    if not has_ipv6():
        pytest.skip("this machine has no IPv6 on its loopback (::1)")
    names = ("RETRIEVER_PORT", "AGENT_PORT", "INGEST_PORT", "GATEWAY_PORT")
    hosts = {"RETRIEVER_HOST": "[::1]", "AGENT_HOST": "::", "INGEST_HOST": "::1", "GATEWAY_HOST": "::1"}
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    settings = hosts | proxies | {"no_proxy": "", "NO_PROXY": "", "DOCS_CHAT_CALLER_TOKEN": "a token of this test"}
    newcomer = Newcomer(tmp_path, dict(zip(names, free_ports(4), strict=True)), settings=settings)
    newcomer.make_up()
    try:
        address = f"http://[::1]:{newcomer.ports['GATEWAY_PORT']}/"
        assert f"docs-chat is running:  {address}" in newcomer.printed
        assert f"agent     ready on [::]:{newcomer.ports['AGENT_PORT']}" in newcomer.printed
        assert httpx.get(f"{address}readyz", trust_env=False, timeout=10).status_code == 200
        outcome = subprocess.run(
            [sys.executable, "-m", "cli", "ask", QUESTION],
            cwd=tmp_path, env=newcomer.environment, text=True, capture_output=True, check=False, timeout=60,
        )  # fmt: skip
        assert outcome.returncode == 0, outcome.stderr
    finally:
        assert newcomer.interrupt() == 0


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False
