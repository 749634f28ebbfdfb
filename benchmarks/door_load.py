"""What each door bears: requests a second and the 95th percentile of every way in, and the memory of an idle stream.

    python -m benchmarks.door_load [--seconds 3] [--in-flight 16] [--streams 1000]

Starts the emulator of OpenRouter and the four processes on free ports of this machine with `docs/` indexed, no limits
and no kept answers; the emulated model answers at once. HTTP is loaded with wrk (Debian package `wrk`), gRPC with ghz
(`go install github.com/bojand/ghz/cmd/ghz@latest`); where a tool is missing, its part is skipped with a message. Then
that many readers ask at once while the model keeps silent, and what each of their streams holds in the gateway (SSE)
and in the agent (RunTurn) is reported. Load generator, model and services share the processor: compare rows, not
machines.
"""

import argparse
import asyncio
import json
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docs_chat.agent.v1 import agent_service_pb2
from docs_chat.ingest.v1 import ingest_service_pb2
from docs_chat.retriever.v1 import retriever_service_pb2
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health_pb2

from benchmarks.chat_readers import docs_chat
from benchmarks.chat_world import ROOT, World, started
from benchmarks.processes import resident_mb
from services.agent.settings import DEFAULT_MODELS

_LONGEST_LINE = 4 * 1024 * 1024
_QUESTION = "How do I index my own site?"
_DONE = """
done = function(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("\\nDONE %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(95), failed))
end
"""
_SETTINGS = {
    "AGENT_ANSWER_CACHE_ENTRIES": "0",
    "AGENT_MAX_CONCURRENT_CALLS": "2000",
    "INGEST_MAX_CONCURRENT_CALLS": "64",
    "AGENT_FIRST_TEXT_TIMEOUT_S": "300",
    "AGENT_ANSWER_TIMEOUT_S": "300",
    "GATEWAY_TURN_DEADLINE_S": "300",
    "GATEWAY_STREAMS": "2000",
    "GATEWAY_STREAMS_PER_READER": "2000",
}


@dataclass(frozen=True)
class Door:
    """One way in over HTTP."""

    name: str
    path: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def script(self) -> str:
        """What wrk is told beside the address."""
        lines = []
        if self.body is not None:
            lines += ['wrk.method = "POST"', f"wrk.body = [==[{json.dumps(self.body)}]==]"]
            lines.append('wrk.headers["Content-Type"] = "application/json"')
        lines += [f'wrk.headers["{name}"] = "{value}"' for name, value in self.headers.items()]
        return "\n".join(lines) + _DONE


@dataclass(frozen=True)
class Call:
    """One method over gRPC."""

    name: str
    method: str
    port: int
    data: dict[str, Any]


@dataclass(frozen=True)
class Row:
    """What a door bore."""

    name: str
    per_second: float
    p95_ms: float
    failed: int

    def __str__(self) -> str:
        return f"{self.name:34s} {self.per_second:9.0f} /s  {self.p95_ms:8.1f} ms  {self.failed:6d} failed"


def http_doors(preview: str) -> list[Door]:
    """Every way in over HTTP; `preview` is the path of an indexed page."""
    message = {"content": [{"type": "input_text", "text": _QUESTION}], "attachments": [], "inference_options": {}}
    completion = {"model": "docs-chat", "messages": [{"role": "user", "content": _QUESTION}]}
    search = {"name": "search_docs", "arguments": {"query": _QUESTION}}
    tool_call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": search}
    accept = {"Accept": "application/json, text/event-stream"}
    return [
        Door("GET /healthz", "/healthz"),
        Door("GET /readyz", "/readyz"),
        Door("GET /docs-chat.js (static)", "/docs-chat.js"),
        Door("GET /docs/… (preview)", preview),
        Door("GET /v1/models", "/v1/models"),
        Door("GET /v1/search", "/v1/search?q=index+my+own+site"),
        Door("POST /chatkit (list of threads)", "/chatkit", {"type": "threads.list", "params": {}}),
        Door("POST /chatkit (answer, streamed)", "/chatkit", {"type": "threads.create", "params": {"input": message}}),
        Door("POST /v1/chat/completions", "/v1/chat/completions", completion),
        Door("POST /v1/chat/completions (stream)", "/v1/chat/completions", {**completion, "stream": True}),
        Door("POST /mcp (tools/call)", "/mcp", tool_call, accept),
    ]


def grpc_calls(world: World, folder: Path) -> list[Call]:
    """The methods that other programs call most; `folder` is a small site."""
    turn = {"messages": [{"role": "MESSAGE_ROLE_USER", "text": _QUESTION}]}
    source = {"source": {"path": str(folder), "site": "small", "base_url": "https://small.example.com/"}}
    retriever = "docs_chat.retriever.v1.RetrieverService"
    return [
        Call("grpc.health.v1.Health/Check", "grpc.health.v1.Health/Check", world.retriever_port, {}),
        Call("ListSites", f"{retriever}/ListSites", world.retriever_port, {}),
        Call("SearchPassages", f"{retriever}/SearchPassages", world.retriever_port, {"queries": [{"text": _QUESTION}]}),
        Call("RunTurn", "docs_chat.agent.v1.AgentService/RunTurn", world.agent_port, turn),
        Call("InspectSource (one page)", "docs_chat.ingest.v1.IngestService/InspectSource", world.ingest_port, source),
    ]


def wrk_row(program: str, door: Door, port: int, seconds: int, in_flight: int) -> Row:
    """One door under load of wrk."""
    address = f"http://127.0.0.1:{port}{door.path}"
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(door.script())
        script.flush()
        how = ["-t", "1", "-c", str(in_flight), "-d", f"{seconds}s", "--timeout", "30s", "-s", script.name]
        told = subprocess.run([program, *how, address], capture_output=True, check=False, text=True)
    done = next((line.split()[1:] for line in told.stdout.splitlines() if line.startswith("DONE ")), None)
    if done is None:
        raise RuntimeError(f"wrk did not end well at {door.name}: {told.stdout}{told.stderr}")
    requests, duration_us, p95_us, failed = map(int, done)
    return Row(door.name, requests / (duration_us / 1e6), p95_us / 1000, failed)


def write_protoset(path: Path) -> Path:
    """The contracts as ghz reads them: it asks reflection for methods, and the Python servers know services only."""
    known = descriptor_pb2.FileDescriptorSet()

    def add(file: Any) -> None:
        for each in file.dependencies:
            add(each)
        if file.name not in {each.name for each in known.file}:
            file.CopyToProto(known.file.add())

    for module in (agent_service_pb2, retriever_service_pb2, ingest_service_pb2, health_pb2):
        add(module.DESCRIPTOR)
    path.write_bytes(known.SerializeToString())
    return path


def ghz_row(program: str, call: Call, protoset: Path, seconds: int, in_flight: int) -> Row:
    """One method under load of ghz."""
    how = ["--insecure", "-c", str(in_flight), "--connections", "4", "-z", f"{seconds}s", "--duration-stop", "wait"]
    how += ["--protoset", str(protoset)]
    what = ["--call", call.method, "-d", json.dumps(call.data), "-O", "json", f"127.0.0.1:{call.port}"]
    told = subprocess.run([program, *how, *what], capture_output=True, check=False, text=True)
    if told.returncode:
        raise RuntimeError(f"ghz did not end well at {call.name}: {told.stderr}")
    report = json.loads(told.stdout)
    failed = sum(count for code, count in (report["statusCodeDistribution"] or {}).items() if code != "OK")
    p95 = next((each["latency"] for each in report["latencyDistribution"] or [] if each["percentage"] == 95), 0)
    return Row(call.name, report["rps"], p95 / 1e6, failed)


def small_site(folder: Path) -> Path:
    """A Docusaurus site of one page."""
    (folder / "docs").mkdir(parents=True)
    (folder / "docs" / "intro.md").write_text("# Intro\n\nOne page with one sentence.\n")
    config = {"title": "Small", "url": "https://small.example.com", "baseUrl": "/", "presets": ["classic"]}
    (folder / "docusaurus.config.js").write_text(f"module.exports = {json.dumps(config)};\n")
    return folder


def rows(world: World, site: Path, seconds: int, in_flight: int) -> Iterator[Row]:
    """Every door in turn, as far as the tools are there."""
    if wrk := shutil.which("wrk"):
        for door in http_doors("/docs/quick-start"):
            yield wrk_row(wrk, door, world.gateway_port, seconds, in_flight)
    else:
        print("HTTP is skipped: wrk is not installed (apt-get install wrk)")
    if ghz := shutil.which("ghz"):
        protoset = write_protoset(site.parent / "contracts.protoset")
        for call in grpc_calls(world, site):
            yield ghz_row(ghz, call, protoset, seconds, in_flight)
    else:
        print("gRPC is skipped: ghz is not installed (go install github.com/bojand/ghz/cmd/ghz@latest)")


async def idle_streams(world: World, count: int) -> dict[str, float]:
    """Kilobytes that one open stream holds in the gateway and in the agent while the model keeps silent."""
    world.direct_model(by_model=dict.fromkeys(DEFAULT_MODELS, "hang"))
    before = {name: resident_mb(world.pids[name]) for name in ("gateway", "agent")}
    writers: list[asyncio.StreamWriter] = []
    places = asyncio.Semaphore(32)

    async def open_one(number: int) -> None:
        async with places:
            reader, writer = await asyncio.open_connection("127.0.0.1", world.gateway_port, limit=_LONGEST_LINE)
            writers.append(writer)
            writer.write(docs_chat(world.gateway_port).request(f"{_QUESTION} It is site number {number}."))
            while b"Waiting for the model" not in (line := await reader.readline()):
                if not line:
                    raise RuntimeError(f"stream {number} ended early")

    await asyncio.gather(*(open_one(number) for number in range(count)))
    held = {name: (resident_mb(world.pids[name]) - mb) * 1024 / count for name, mb in before.items()}
    for writer in writers:
        writer.close()
    return held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=3, help="seconds of load at each door")
    parser.add_argument("--in-flight", type=int, default=16, help="requests at the same time")
    parser.add_argument("--streams", type=int, default=1000, help="idle streams; 0 measures none")
    arguments = parser.parse_args()
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most_files, 65_536), most_files))
    with tempfile.TemporaryDirectory() as folder:
        site = small_site(Path(folder) / "site")
        roots = {"INGEST_ALLOWED_ROOTS": f"{site}:{ROOT / 'docs'}"}
        with started(0, 0, **_SETTINGS, **roots) as world:
            print(f"{arguments.in_flight} in flight, {arguments.seconds} s each; {os.cpu_count()} cores")
            for row in rows(world, site, arguments.seconds, arguments.in_flight):
                print(row, f"  load {os.getloadavg()[0]:.1f}", flush=True)
            if arguments.streams:
                held = asyncio.run(idle_streams(world, arguments.streams))
                told = ", ".join(f"{name} {kilobytes:.0f} kB" for name, kilobytes in held.items())
                print(f"an idle stream, of {arguments.streams}: {told}; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
