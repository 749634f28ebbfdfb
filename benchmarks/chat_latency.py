"""How long readers wait, through the gateway and SSE, while the model is emulated at a known pace.

    python -m benchmarks.chat_latency [--readers 1,8,32,100,200] [--within 0,5,60]

Starts the emulator of OpenRouter and the four processes on free ports of this machine, indexes `docs/`, then lets N
readers ask N different questions, at the same moment or within some seconds. Each size is run three times: the
questions go straight to the emulated model (what readers wait beyond that is ours), through docs-chat, and, where
LangChain is installed (`pip install 'docs-chat[bench]'`), through a minimal chat endpoint on LangChain with the same
embedding model and the same pages. Every processor second is reported, the readers' and the emulator's own too: what
all of them need, divided by the cores, is the least time in which this machine could have served the crowd.
"""

import argparse
import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

from benchmarks.chat_peer import peer_running
from benchmarks.chat_readers import Endpoint, Waits, bare_model, crowd, different_questions, docs_chat, peer
from benchmarks.chat_world import World, started
from benchmarks.processes import cpu_s

_COLUMNS = (
    "readers  within  through      errors  passages p50/p95  first text p50/p95  whole p50/p95  added p95 first/whole"
)


def percentile(values: list[float], share: float) -> float:
    """Value below which a share of the values lies; 0 for none."""
    ordered = sorted(values) or [0.0]
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def measure(endpoint: Endpoint, pids: dict[str, int], questions: list[str], within_s: float) -> dict[str, Any]:
    """One crowd: waits in seconds, processor milliseconds per question of every process and of the readers."""
    before, own_before = {name: cpu_s(pid) for name, pid in pids.items()}, time.process_time()
    waits = asyncio.run(crowd(endpoint, questions, within_s))
    spent = {name: cpu_s(pid) - before[name] for name, pid in pids.items() if name != "ingest"}
    spent["readers"] = time.process_time() - own_before
    for told in {each.error for each in waits if not each.is_whole}:
        print("  a reader got no answer:", told or "the stream ended", flush=True)
    return {
        "readers": len(questions),
        "within_s": within_s,
        "errors": sum(not each.is_whole for each in waits),
        **_quantiles([each for each in waits if each.is_whole]),
        "cpu_ms_per_question": {name: round(1000 * value / len(questions), 1) for name, value in spent.items()},
        "machine_limit_s": round(sum(spent.values()) / (os.cpu_count() or 1), 2),
        "load": os.getloadavg()[0],
    }


def _quantiles(waits: list[Waits]) -> dict[str, float]:
    return {
        f"{name}_p{round(100 * share)}_s": round(percentile([getattr(each, name) for each in waits], share), 3)
        for name in ("passages", "first_text", "completed")
        for share in (0.5, 0.95)
    }


def _print(name: str, row: dict[str, Any], floor: dict[str, Any]) -> None:
    pairs = "".join(
        f"{row[f'{part}_p50_s']:10.2f} /{row[f'{part}_p95_s']:5.2f} s"
        for part in ("passages", "first_text", "completed")
    )
    added = [row[f"{part}_p95_s"] - floor[f"{part}_p95_s"] for part in ("first_text", "completed")]
    print(
        f"{row['readers']:7d} {row['within_s']:5.0f} s  {name:12s} {row['errors']:6d} {pairs}"
        f"{added[0]:10.2f} /{added[1]:5.2f} s\n"
        f"         processor ms a question: {row['cpu_ms_per_question']}; all together on {os.cpu_count()} cores: "
        f"{row['machine_limit_s']} s; load {row['load']:.1f}",
        flush=True,
    )


def compare(world: World, peer_process: tuple[int, int] | None, readers: int, within_s: float) -> list[dict[str, Any]]:
    """One size through everything."""
    emulator = {"emulator": world.pids["emulator"]}
    ways: list[tuple[str, Endpoint, dict[str, int]]] = [
        ("bare model", bare_model(world.emulator_port), emulator),
        ("docs-chat", docs_chat(world.gateway_port), world.pids),
    ]
    if peer_process:
        port, pid = peer_process
        ways.append(("LangChain", peer(port), emulator | {"langchain": pid}))
    rows: list[dict[str, Any]] = []
    for name, endpoint, pids in ways:
        questions = different_questions(readers, f"{readers}-{within_s:.0f}")
        rows.append({"through": name, **measure(endpoint, pids, questions, within_s)})
        _print(name, rows[-1], rows[0])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", default="1,8,32,100,200")
    parser.add_argument(
        "--within", default="0", help="seconds within which they come, separated by commas; 0 is at once"
    )
    parser.add_argument("--first-token-ms", type=float, default=400)
    parser.add_argument("--tokens-per-second", type=float, default=50)
    parser.add_argument("--json", type=Path, help="write the rows here too")
    arguments = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with started(arguments.first_token_ms, arguments.tokens_per_second) as world, peer_running(world) as peer_process:
        print("idle memory, MB:", world.memory_mb(), "sum", sum(world.memory_mb().values()))
        for port_of in (docs_chat(world.gateway_port), *([peer(peer_process[0])] if peer_process else [])):
            asyncio.run(crowd(port_of, different_questions(10, "warm"), 0))  # first use of everything
        print(_COLUMNS)
        for within_s in map(float, arguments.within.split(",")):
            for readers in map(int, arguments.readers.split(",")):
                rows += compare(world, peer_process, readers, within_s)
        print("memory afterwards, MB:", world.memory_mb())
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
