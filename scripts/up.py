"""Run docs-chat on this machine: four processes, the project's own docs indexed, one address to open.

Settings come from `.env` and the environment; `.data/` in the working directory holds the index, conversations and one
log per process. Ctrl-C or closing the terminal stops all four, newest first, and lets calls in flight end.
"""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from gateway.settings import GatewaySettings
from services.agent.settings import AgentSettings
from services.ingest.settings import IngestSettings
from services.retriever.settings import RetrieverSettings
from services.runtime.addresses import joined, reachable_host
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.settings import ProcessSettings
from services.runtime.starting import CannotStart, read_settings

OWN_DOCS = Path(__file__).resolve().parent.parent / "docs"
LOGS = Path(".data") / "logs"
START_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 15.0
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a supervisor, a closed terminal."""


@dataclass
class Process:
    """One of the four, started as a newcomer would start it by hand."""

    name: str
    module: str
    host: str
    port: int
    setting: str
    wiring: dict[str, str] = field(default_factory=dict)
    child: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def log(self) -> Path:
        return LOGS / f"{self.name}.log"

    def check_port(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise CannotStart(
                    f"port {self.port} of the {self.name} cannot be used ({error.strerror}). "
                    f"Is docs-chat running already? Otherwise set {self.setting} in .env to a free port."
                ) from error

    def start(self) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self.child = subprocess.Popen(
                [sys.executable, "-m", self.module],
                env=os.environ | self.wiring,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone; we pass it on in order
            )

    def is_ready(self) -> bool:
        self.check_alive()
        return _gateway_answers(self) if self.name == "gateway" else _serves(self.host, self.port)

    def check_alive(self) -> None:
        if self.child is not None and self.child.poll() is not None:
            tail = "\n    ".join(self.log.read_text(errors="replace").splitlines()[-12:])
            raise CannotStart(
                f"the {self.name} ended with code {self.child.returncode}. Its log ({self.log}) ends:\n    {tail}"
            )

    def stop(self) -> None:
        if self.child is None or self.child.poll() is not None:
            return
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            _say_if_heard(f"  the {self.name} did not end in {STOP_TIMEOUT_S:.0f} s and is killed")
            self.child.kill()
            self.child.wait()


def _serves(host: str, port: int) -> bool:
    return asyncio.run(_serves_now(joined(reachable_host(host), port)))


async def _serves_now(target: str) -> bool:
    """Asks as the processes ask each other: encrypted and with the callers' token where that is set."""
    async with open_channel(target, ChannelSecurity.from_settings(ProcessSettings())) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)  # its stubs name no methods
        try:
            response = await stub.Check(health_pb2.HealthCheckRequest(), timeout=1)
        except grpc.aio.AioRpcError:
            return False
    return bool(response.status == health_pb2.HealthCheckResponse.SERVING)


def _gateway_answers(gateway: Process) -> bool:
    try:
        straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy need not reach this machine
        with straight.open(f"http://{_shown(gateway)}/healthz", timeout=1) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def processes() -> list[Process]:
    """The four, in the order they depend on each other."""
    retriever, agent = read_settings(RetrieverSettings), read_settings(AgentSettings)
    ingest, gateway = read_settings(IngestSettings), read_settings(GatewaySettings)
    at = joined(reachable_host(retriever.host), retriever.port)  # a port that was moved need not be repeated elsewhere
    wiring = {
        "AGENT_RETRIEVER_TARGET": at,
        "INGEST_RETRIEVER_TARGET": at,
        "GATEWAY_RETRIEVER_TARGET": at,
        "GATEWAY_AGENT_TARGET": joined(reachable_host(agent.host), agent.port),
    }
    return [
        Process("retriever", "services.retriever", retriever.host, retriever.port, "RETRIEVER_PORT"),
        Process("agent", "services.agent", agent.host, agent.port, "AGENT_PORT", wiring),
        Process("ingest", "services.ingest", ingest.host, ingest.port, "INGEST_PORT", wiring),
        Process("gateway", "gateway", gateway.host, gateway.port, "GATEWAY_PORT", wiring),
    ]


@contextlib.contextmanager
def running(all_processes: list[Process]) -> Iterator[None]:
    """All processes, ready; stopped in reverse order on the way out, whatever happened."""
    for process in all_processes:
        process.check_port()
    try:
        for process in all_processes:
            process.start()
        wait_until_ready(all_processes)
        yield
    finally:
        for number in _STOPPING:
            signal.signal(number, signal.SIG_IGN)  # asking twice must not leave half of them running
        _say_if_heard("Stopping …")
        for process in reversed(all_processes):
            process.stop()
        _say_if_heard("Stopped. The index and the conversations are kept in .data/.")


def _say_if_heard(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be closed already
        print(text)


def wait_until_ready(all_processes: list[Process]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    for process in all_processes:
        while not process.is_ready():
            if time.monotonic() > deadline:
                raise CannotStart(f"the {process.name} is not ready after {START_TIMEOUT_S:.0f} s; see {process.log}")
            time.sleep(0.1)
        print(f"  {process.name:<9} ready on {joined(process.host, process.port)}")


def ingest_own_docs(gateway: Process) -> None:
    """Index `docs/` under the gateway's own address, where its pages can be read without building the site."""
    print("Indexing the documentation of docs-chat (docs/) …", flush=True)
    command = [sys.executable, "-m", "cli", "ingest", str(OWN_DOCS), "--site", "docs-chat"]
    # Forced: the address is this machine's, which a build in docs/build was not made for.
    outcome = subprocess.run([*command, "--base-url", f"http://{_shown(gateway)}/", "--force"], check=False)
    if outcome.returncode:
        print("  The documentation could not be indexed (see above); everything else runs.")


def _shown(gateway: Process) -> str:
    return joined(reachable_host(gateway.host), gateway.port)


def who_answers(settings: AgentSettings) -> str:
    """A line about who writes the answers."""
    if not settings.has_provider:
        return (
            "Neither OPENROUTER_API_KEY nor AGENT_BASE_URL is set: answers are quotations from the docs, and say so.\n"
            "  Put one of them into .env for answers that a model writes."
        )
    if settings.base_url:
        return f"Answers are written by models of {urlsplit(settings.base_url).hostname}; docs-chat models shows them."
    return "Answers are written by free models of OpenRouter; docs-chat models shows them."


def say_what_next(gateway: Process, model: str) -> None:
    print(
        f"""
docs-chat is running:  http://{_shown(gateway)}/

  {model}

  Ask in the terminal        make ask Q="how do I index my own site?"
  Index your own site        make ingest SITE=path/to/your/site BASE_URL=https://docs.example.com/
  Logs                       {LOGS}/
  Stop                       Ctrl-C
""",
        flush=True,
    )


def main() -> int:
    """Run until asked to stop.

    Returns:
        0 after Ctrl-C, SIGTERM or a closed terminal, 1 when something could not run.
    """
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # so that a log file can be followed
    for number in _STOPPING:  # a shell's background job is started with SIGINT ignored
        signal.signal(number, signal.default_int_handler)
    try:
        all_processes = processes()
        print("Starting docs-chat …")
        with running(all_processes):
            gateway = all_processes[-1]
            ingest_own_docs(gateway)
            say_what_next(gateway, who_answers(AgentSettings()))
            while True:
                for process in all_processes:
                    process.check_alive()
                time.sleep(0.5)
    except KeyboardInterrupt:
        return 0
    except CannotStart as problem:
        print(f"\ndocs-chat cannot run: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
