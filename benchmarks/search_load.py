"""Callers of `SearchPassages` or of `GET /v1/search`, in a process of their own like real ones.

`python -m benchmarks.search_load TARGET SITE IN_FLIGHT CALLS [FIRST]` prints the seconds of each call as JSON. TARGET
is `host:port` of a retriever or `http://…` of a gateway; FIRST the number of the first question, so that runs differ.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence

import httpx2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from benchmarks.large_site import questions
from services.runtime.channels import ChannelSecurity, open_channel


async def timed(texts: Sequence[str], in_flight: int, call: Callable[[str], Awaitable[object]]) -> list[float]:
    """Seconds of each call, `in_flight` at a time."""
    queue = iter(texts)
    seconds: list[float] = []

    async def worker() -> None:
        for text in queue:
            started = time.perf_counter()
            await call(text)
            seconds.append(time.perf_counter() - started)

    await asyncio.gather(*(worker() for _ in range(in_flight)))
    return seconds


async def call_elsewhere(target: str, site: str, in_flight: int, calls: int, first: int) -> list[float]:
    """`timed`, in another process."""
    arguments = (target, site, str(in_flight), str(calls), str(first))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.search_load", *arguments, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    seconds: list[float] = json.loads(output)
    return seconds


async def _main(target: str, site: str, in_flight: int, calls: int, first: int) -> None:
    texts = questions(first + calls)[first:]
    warm_up = [f"{text} again" for text in texts[:4]]
    if target.startswith("http"):
        async with httpx2.AsyncClient(base_url=target, timeout=60) as client:

            async def get(text: str) -> object:
                response = await client.get("/v1/search", params={"q": text, "site": site})
                return response.raise_for_status()

            await timed(warm_up, 4, get)
            seconds = await timed(texts, in_flight, get)
    else:
        async with open_channel(target, ChannelSecurity()) as channel:
            stub = rpc.RetrieverServiceStub(channel)

            async def search(text: str) -> object:
                return await stub.SearchPassages(pb.SearchPassagesRequest(site=site, queries=[pb.Query(text=text)]))

            await timed(warm_up, 4, search)
            seconds = await timed(texts, in_flight, search)
    print(json.dumps(seconds))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2], *map(int, [*sys.argv[3:], "0"][:3])))
