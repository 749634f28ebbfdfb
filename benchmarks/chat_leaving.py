"""Readers who leave: how soon the model's stream is closed, and what is left behind by a thousand of them.

    python -m benchmarks.chat_leaving [--readers 1000]

Through gateway, agent and emulator as processes of their own. First single readers leave in mid-answer, one at a time,
and the emulator is watched until it has noticed; then waves of readers leave at random moments, and open files, threads
and memory of each process are reported after every fifth of them.
"""

import argparse
import asyncio
import contextlib
import os
import random
import time
from pathlib import Path

from benchmarks.chat_latency import percentile
from benchmarks.chat_readers import Endpoint, different_questions, docs_chat
from benchmarks.chat_world import World, started
from benchmarks.processes import resident_mb

_WAVE = 25
_LONGEST_STAY_S = 3.0
_LOOK_EVERY_S = 0.01


async def leave(endpoint: Endpoint, question: str, stay_s: float) -> None:
    """Ask, read for a while, and cut the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
    writer.write(endpoint.request(question))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(stay_s):
            while await reader.read(65_536):
                pass
    writer.transport.abort()


async def seconds_until_closed(world: World, question: str) -> float:
    """From a reader's leaving in mid-answer until the model's server knows."""
    endpoint = docs_chat(world.gateway_port)
    reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
    writer.write(endpoint.request(question))
    while endpoint.text not in await reader.readline():
        pass
    writer.transport.abort()
    left_at = time.perf_counter()
    while (await asyncio.to_thread(world.model_counts))["open_streams"]:
        await asyncio.sleep(_LOOK_EVERY_S)
    return time.perf_counter() - left_at


async def thousand(world: World, readers: int) -> None:
    """Waves of readers who leave, and what every process holds after each fifth of them."""
    moments, endpoint = random.Random(0), docs_chat(world.gateway_port)
    questions = different_questions(readers, "leaving")
    for first in range(0, readers, _WAVE):
        if first % max(_WAVE, readers // 5 // _WAVE * _WAVE) == 0:
            await _told(world, first)
        wave = questions[first : first + _WAVE]
        await asyncio.gather(*(leave(endpoint, text, moments.uniform(0, _LONGEST_STAY_S)) for text in wave))
    await _told(world, readers)


async def _told(world: World, after: int) -> None:
    while (await asyncio.to_thread(world.model_counts))["open_streams"]:
        await asyncio.sleep(_LOOK_EVERY_S)
    counts = await asyncio.to_thread(world.model_counts)
    held = {
        name: f"{len(os.listdir(f'/proc/{pid}/fd'))} files, {len(list(Path(f'/proc/{pid}/task').iterdir()))} threads, "
        f"{resident_mb(pid):.0f} MB"
        for name, pid in world.pids.items()
        if name in ("gateway", "agent", "retriever")
    }
    print(f"after {after:5d}: {held}; model streams abandoned {counts['abandoned']}, open {counts['open_streams']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--single", type=int, default=20)
    arguments = parser.parse_args()
    with started(first_token_ms=400, tokens_per_second=50) as world:
        questions = different_questions(arguments.single, "single")
        waits = [asyncio.run(seconds_until_closed(world, question)) for question in questions]
        print(
            f"model's stream closed after the reader left: median {percentile(waits, 0.5):.3f} s, "
            f"p95 {percentile(waits, 0.95):.3f} s, longest {max(waits):.3f} s; load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        asyncio.run(thousand(world, arguments.readers))
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
