"""What a keystroke costs over a made-up site of 20,000 chunks; part of `benchmarks.typed_search`.

`python -m benchmarks.typed_latency TARGET SITE BOXES` types questions into so many boxes at once, letter by letter, and
prints the seconds of each answer as JSON. TARGET is `host:port` of a retriever or `http://…` of a gateway.
"""

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence

import httpx2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from benchmarks.gateway_process import gateway_before
from benchmarks.large_site import fill, questions
from benchmarks.processes import cpu_s, resident_mb
from benchmarks.search_latency import FOLDER, opened
from benchmarks.search_load import timed
from cli.eval_metrics import quantile
from services.retriever.server import make_server
from services.retriever.settings import RetrieverSettings
from services.retriever.store.edge import EdgeEngine
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.server import running

CHUNKS = 20_000
BOXES = (1, 8)
_QUESTIONS = 20
_LONGEST = 24
"""Characters typed of each."""


def keystrokes() -> list[str]:
    """What stands in the boxes, of several boxes in turn, as it is typed; with mistakes now and then."""
    typed = []
    for number, question in enumerate(questions(_QUESTIONS)):
        text = question.removeprefix("how do I ")
        if number % 3 == 0:
            text = text[:5] + text[6] + text[5] + text[7:]
        typed.append([text[:length] for length in range(1, _LONGEST + 1)])
    return [text for moment in zip(*typed, strict=True) for text in moment]


async def latency() -> None:
    """Print latencies and memory."""
    settings = RetrieverSettings(_env_file=None, port=0, cached_searches=0, max_concurrent_calls=1000)
    site = f"made-up-{CHUNKS}"  # the one of `benchmarks.search_latency`
    folder = FOLDER / "edge" / site
    async with opened(folder, EdgeEngine(folder)) as sites:
        await fill(sites, site, CHUNKS)
        async with running(make_server(settings, sites, sites.embedder)) as server:
            target = f"127.0.0.1:{server.port}"
            gc.collect()
            before, started, used = resident_mb(os.getpid()), time.perf_counter(), cpu_s(os.getpid())
            async with open_channel(target, ChannelSecurity()) as channel:
                await rpc.RetrieverServiceStub(channel).SearchSections(
                    pb.SearchSectionsRequest(site=site, text="re"), timeout=120
                )
            gc.collect()
            print(
                f"words of {CHUNKS:,} chunks: {resident_mb(os.getpid()) - before:.0f} MB, gathered in "
                f"{time.perf_counter() - started:.1f} s, processor {cpu_s(os.getpid()) - used:.1f} s"
            )
            await _lines("SearchSections", target, site)
            async with gateway_before(server.port) as gateway:
                await _lines("GET /v1/search/sections", gateway.address, site)


async def _lines(name: str, target: str, site: str) -> None:
    for boxes in BOXES:
        used = cpu_s(os.getpid())
        seconds = await _elsewhere(target, site, boxes)
        cost = (cpu_s(os.getpid()) - used) / len(seconds) * 1000
        p50, p95, p99 = (quantile(seconds, share) * 1000 for share in (0.5, 0.95, 0.99))
        print(
            f"{name:<24}{boxes:>3} boxes: p50 {p50:6.1f}  p95 {p95:6.1f}  p99 {p99:6.1f} ms, "
            f"processor of the retriever {cost:.1f} ms, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )


async def _elsewhere(target: str, site: str, boxes: int) -> list[float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.typed_latency", target, site, str(boxes), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    seconds: list[float] = json.loads(output)
    return seconds


async def _main(target: str, site: str, boxes: int) -> None:
    if target.startswith("http"):
        async with httpx2.AsyncClient(base_url=target, timeout=60) as client:

            async def get(text: str) -> object:
                response = await client.get("/v1/search/sections", params={"q": text, "site": site})
                return response.raise_for_status()

            await _type(get, boxes)
    else:
        async with open_channel(target, ChannelSecurity()) as channel:
            stub = rpc.RetrieverServiceStub(channel)

            async def search(text: str) -> object:
                return await stub.SearchSections(pb.SearchSectionsRequest(site=site, text=text))

            await _type(search, boxes)


async def _type(call: Callable[[str], Awaitable[object]], boxes: int) -> None:
    texts: Sequence[str] = keystrokes()
    await timed([f"{text} warm" for text in texts[:8]], boxes, call)
    print(json.dumps(await timed(texts, boxes, call)))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
