"""Clients in other languages: generated from the protoset as the docs say, compiled, and run against real ports."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from docs_chat.agent.v1 import agent_service_pb2 as agent_pb
from docs_chat.agent.v1 import agent_service_pb2_grpc as agent_rpc
from docs_chat.agent.v1 import turn_events_pb2 as events
from docs_chat.retriever.v1 import passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as retriever_pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as retriever_rpc

from services.runtime.errors import SiteNotFound
from services.runtime.server import GrpcServer, running
from services.runtime.settings import ServiceSettings

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TOOLS = Path(sys.executable).parent
QUESTION = "How do I roll back?"
PAGE = "https://docs.example.com/docs/roll-back"
SAID = f"found {PAGE}\ntext You asked: {QUESTION}\nanswer You asked: {QUESTION}\nrefused SITE_NOT_FOUND\n"


@dataclass
class Services(agent_rpc.AgentServiceServicer, retriever_rpc.RetrieverServiceServicer):
    """Finds one page, repeats the question, knows no site by name, and remembers the tokens it was shown."""

    tokens: set[str] = field(default_factory=set)

    async def SearchPassages(self, request: retriever_pb.SearchPassagesRequest, context: Any) -> Any:
        self._remember(context)
        return retriever_pb.SearchPassagesResponse(passages=[passages_pb2.Passage(uri=PAGE)], revision=2**40)

    async def GetSite(self, request: retriever_pb.GetSiteRequest, context: Any) -> Any:
        self._remember(context)
        raise SiteNotFound(f"no site {request.site!r} is published", site=request.site)

    async def RunTurn(self, request: agent_pb.RunTurnRequest, context: Any) -> AsyncIterator[agent_pb.RunTurnResponse]:
        self._remember(context)
        text = f"You asked: {request.messages[-1].text}"
        yield agent_pb.RunTurnResponse(text_delta=events.TextDelta(text=text))
        yield agent_pb.RunTurnResponse(turn_completed=events.TurnCompleted(text=text))

    def _remember(self, context: Any) -> None:
        self.tokens.add(dict(context.invocation_metadata()).get("authorization", ""))


def run(*command: str, cwd: Path) -> str:
    """Run one command to its end and return what it printed; a failure shows all of it."""
    environment = os.environ | {"PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def go_client(folder: Path) -> list[str]:
    """Generate and compile the client in Go; gives the command that runs it."""
    if shutil.which("go") is None:
        pytest.skip("Go 1.25 or newer is not installed")
    listing = ["go", "mod", "download"]
    offline = os.environ | {"GOPROXY": "off", "GOFLAGS": "-mod=mod"}
    if outcome := subprocess.run(listing, cwd=folder, env=offline, capture_output=True, text=True, check=False).stderr:
        pytest.skip(f"the modules of the client in Go are missing (`make test-tools` downloads them): {outcome[:200]}")
    run("buf", "generate", cwd=folder)
    run("go", "build", "-o", "client", ".", cwd=folder)
    return [str(folder / "client")]


def typescript_client(folder: Path) -> list[str]:
    """Generate, check and compile the client in TypeScript; gives the command that runs it."""
    if shutil.which("node") is None:
        pytest.skip("Node 20 or newer is not installed")
    packages = HERE / "ts" / "node_modules"
    if not (packages / ".package-lock.json").exists():
        pytest.skip("the packages of the client in TypeScript are missing: `make test-tools` installs them")
    (folder / "node_modules").symlink_to(packages)
    run("buf", "generate", cwd=folder)
    run("node_modules/.bin/tsc", "-p", ".", cwd=folder)
    return ["node", str(folder / "build" / "client.js")]


@pytest.mark.timeout(600)  # the first compilation on a machine fills Go's cache, minutes when the machine is busy
@pytest.mark.parametrize(("language", "make"), [("go", go_client), ("ts", typescript_client)], ids=["go", "ts"])
async def test_a_generated_client_searches_asks_and_reads_reasons(language: str, make: Any, tmp_path: Path) -> None:
    """Takes some 10 s: a compiler and its generators run."""
    folder = tmp_path / language
    shutil.copytree(HERE / language, folder, ignore=shutil.ignore_patterns("node_modules", "gen", "build"))
    shutil.copy(ROOT / "protos" / "docs-chat.protoset", folder)
    command = await asyncio.to_thread(make, folder)
    services = Services()
    async with AsyncExitStack() as stack:
        targets = []
        for add in (retriever_rpc.add_RetrieverServiceServicer_to_server, agent_rpc.add_AgentServiceServicer_to_server):
            server = _server(lambda server, add=add: add(services, server))
            targets.append(f"127.0.0.1:{(await stack.enter_async_context(running(server))).port}")
        client = await asyncio.create_subprocess_exec(
            *command, *targets, QUESTION,
            env=os.environ | {"DOCS_CHAT_TOKEN": "correct horse"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await client.communicate()
    assert said.decode() == SAID
    assert services.tokens == {"Bearer correct horse"}


def _server(register: Any) -> GrpcServer:
    return GrpcServer("fakes", ServiceSettings(_env_file=None, port=0), [], register)


@pytest.mark.parametrize("language", ["go", "ts"])
def test_the_docs_show_how_the_clients_are_generated(language: str) -> None:
    page = (ROOT / "docs" / "docs" / "ask" / "grpc.md").read_text("utf-8")
    assert (HERE / language / "buf.gen.yaml").read_text("utf-8") in page


def test_a_lock_file_names_no_registry() -> None:
    lock = (HERE / "ts" / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') > 10
