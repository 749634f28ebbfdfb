"""How fast a site gets into the index, beside the embedding model's own best throughput on the same texts.

`python -m benchmarks.ingest_throughput [SITE] [--pages N] [--json]`: SITE is a site folder, `generated` for a made-up
site of a thousand short pages, or with DOCS_CHAT_CORPORA set the name of a corpus (`redux`). Retriever and ingestion
run as processes of their own. The model's best is measured right before and right after the first run, and searches on
the quiet index before and after those that meet an ingestion, because a shared machine changes under one's hands.
LangChain's and LlamaIndex's pipelines follow on the same pages where they are installed. `--sizes 250,1000,4000`
measures only how memory grows with the number of (generated) pages.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from docs_chat.ingest.v1 import ingest_service_pb2 as ingest
from docs_chat.ingest.v1 import ingest_service_pb2_grpc as ingest_rpc
from docs_chat.retriever.v1 import retriever_service_pb2 as retriever
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as retriever_rpc

from benchmarks.ingest_peers import peer_figures
from benchmarks.ingest_sites import GENERATED, CopiedSite, copy_site, prepare
from benchmarks.processes import Service, retriever_and_ingest
from services.ingest.chunking.tokens import ChunkingProfile
from services.ingest.document import Document
from services.retriever.embedding.local_embedder import LocalEmbedder

SITE, BUSY_SITE = "quiet", "busy"
SEARCHES = 200
UNCHANGED_RUNS = 5
_NEW_WORD = "quokkasaurus"


async def model_alone(texts: Sequence[str]) -> tuple[float, float]:
    """Seconds and processor seconds of the model alone: one text at a time on a thread per core, its measured best."""
    embedder = LocalEmbedder()
    await embedder.embed_documents(texts[:8])
    started, cpu_before = time.perf_counter(), time.process_time()
    await embedder.embed_documents(texts)
    elapsed, cpu_s = time.perf_counter() - started, time.process_time() - cpu_before
    await embedder.close()
    return elapsed, cpu_s


async def run(service: Service, request: ingest.IngestSiteRequest) -> tuple[ingest.IngestSummary, float]:
    """Ingest; the summary, and the seconds as the caller sees them."""
    started, summary = time.perf_counter(), ingest.IngestSummary()
    async for event in ingest_rpc.IngestServiceStub(service.channel).IngestSite(request, timeout=3600):
        summary = event.summary if event.HasField("summary") else summary
    return summary, time.perf_counter() - started


def questions(documents: Sequence[Document]) -> Iterator[str]:
    """Endless distinct questions in the words of the site, so that no query's embedding is cached."""
    headings = [heading.text for document in documents for heading in document.headings if heading.text]
    number = 0
    while True:
        number += 1
        yield f"{headings[number % len(headings)]} case {number}"


async def search(service: Service, text: str) -> tuple[retriever.SearchPassagesResponse, float]:
    """One search and its seconds."""
    request = retriever.SearchPassagesRequest(site=SITE, queries=[retriever.Query(text=text)])
    started = time.perf_counter()
    answer = await retriever_rpc.RetrieverServiceStub(service.channel).SearchPassages(request, timeout=30)
    return answer, time.perf_counter() - started


async def searches_beside(
    copied: CopiedSite, behind: Service, front: Service, asked: Iterator[str]
) -> dict[str, float]:
    """Searches while another site is ingested, between two rounds of the same with nothing else going on."""
    quiet = [(await search(behind, next(asked)))[1] for _ in range(SEARCHES // 2)]
    ingestion = asyncio.create_task(run(front, copied.request(BUSY_SITE)))
    busy = await searches_while(behind, asked, ingestion)
    quiet += [(await search(behind, next(asked)))[1] for _ in range(SEARCHES // 2)]
    return {
        "search_quiet_p95_ms": p95(quiet),
        "search_while_ingesting_p95_ms": p95(busy),
        "search_slowdown": p95(busy) / p95(quiet),
    }


async def searches_while(service: Service, asked: Iterator[str], ingestion: "asyncio.Task[Any]") -> list[float]:
    """Seconds of searches one after the other, until the ingestion is done."""
    seconds: list[float] = []
    while not ingestion.done():
        seconds.append((await search(service, next(asked)))[1])
    return seconds


def p95(seconds: Sequence[float]) -> float:
    """95th percentile in milliseconds."""
    return statistics.quantiles(seconds, n=20)[-1] * 1000


def change_one_page(copied: CopiedSite, documents: Sequence[Document]) -> str:
    """Write a new sentence into the longest page."""
    longest = max(documents, key=lambda document: sum(len(section.blocks) for section in document.sections))
    path = copied.folder / longest.page.source_path
    path.write_text(path.read_text("utf-8") + f"\n\nThe {_NEW_WORD} eats ferns.\n", "utf-8")
    return longest.page.uri


async def first_run(copied: CopiedSite, texts: Sequence[str], behind: Service, front: Service) -> dict[str, float]:
    """The first run between two measurements of the model alone.

    On a machine that is busy with other work the share in processor time says more than the one in seconds.
    """
    before = await model_alone(texts)
    cpu_before = behind.cpu_s() + front.cpu_s()
    summary, elapsed = await run(front, copied.request(SITE))
    cpu_s = behind.cpu_s() + front.cpu_s() - cpu_before
    after = await model_alone(texts)
    alone_s, alone_cpu_s = ((first + second) / 2 for first, second in zip(before, after, strict=True))
    return {
        "model_alone_chunks_per_s": len(texts) / alone_s,
        "first_run_s": elapsed,
        "first_run_pages_per_s": summary.pages_added / elapsed,
        "first_run_cpu_s": cpu_s,
        "first_run_chunks_per_s": summary.chunks_embedded / elapsed,
        "first_run_share_of_model": alone_s / elapsed,
        "first_run_share_of_model_cpu": alone_cpu_s / cpu_s,
    }


async def measure(copied: CopiedSite) -> dict[str, float]:
    """Everything, in the units of the names."""
    embedder = LocalEmbedder()
    profile = ChunkingProfile(embedder.model_id, embedder.max_tokens, embedder.tokenizer_json)
    await embedder.close()
    prepared = await asyncio.to_thread(prepare, copied, profile)
    pages, chunks = len(prepared.site.pages), len(prepared.chunks)
    figures: dict[str, float] = {"pages": pages, "chunks": chunks, "texts_embedded": len(prepared.texts)}
    for stage, count in (("scan", pages), ("hash", pages), ("parse", pages), ("split", chunks)):
        unit = "chunks" if stage == "split" else "pages"
        figures[f"{stage}_{unit}_per_s"] = count / prepared.seconds[stage]
    asked = questions(prepared.documents)
    async with retriever_and_ingest(copied.root) as (behind, front):
        figures |= await first_run(copied, prepared.texts, behind, front)
        unchanged = [await run(front, copied.request(SITE)) for _ in range(UNCHANGED_RUNS)]
        figures["unchanged_pages_per_s"] = pages / statistics.median(elapsed for _, elapsed in unchanged)
        figures["unchanged_chunks_embedded"] = sum(summary.chunks_embedded for summary, _ in unchanged)
        figures |= await searches_beside(copied, behind, front, asked)
        uri = change_one_page(copied, prepared.documents)
        started = time.perf_counter()
        changed, _ = await run(front, copied.request(SITE))
        answer, _ = await search(behind, f"what does the {_NEW_WORD} eat")
        visible_s = time.perf_counter() - started
        if not any(passage.uri.startswith(uri) and _NEW_WORD in passage.text for passage in answer.passages):
            raise RuntimeError("the changed page is not found by its new word")
        figures["changed_page_visible_s"] = visible_s
        figures["changed_page_chunks_embedded"] = changed.chunks_embedded
        figures["ingest_rss_mb"], figures["ingest_rss_highest_mb"] = front.resident_mb()
        figures["retriever_rss_mb"], figures["retriever_rss_highest_mb"] = behind.resident_mb()
    files = sorted({copied.folder / page.source_path for page in prepared.site.pages})
    return figures | peer_figures(files, copied.root)


async def memory_of(pages: int) -> dict[str, float]:
    """Highest memory of both services in MB after a first run over so many short pages."""
    with tempfile.TemporaryDirectory() as folder:
        copied = copy_site(GENERATED, Path(folder), pages)
        async with retriever_and_ingest(copied.root) as (behind, front):
            await run(front, copied.request(SITE))
            return {
                f"ingest_rss_highest_mb_at_{pages}_pages": front.resident_mb()[1],
                f"retriever_rss_highest_mb_at_{pages}_pages": behind.resident_mb()[1],
            }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", nargs="?", default="docs", help="site folder, or the name of a corpus")
    parser.add_argument("--pages", type=int, default=0, help="at most so many pages; 0: all")
    parser.add_argument("--sizes", default="", help="page counts, separated by commas: only memory is measured")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    args = parser.parse_args()
    figures: dict[str, float] = {}
    for size in filter(None, args.sizes.split(",")):
        figures |= asyncio.run(memory_of(int(size)))
    if not args.sizes:
        with tempfile.TemporaryDirectory() as folder:
            figures = asyncio.run(measure(copy_site(args.site, Path(folder), args.pages)))
    if args.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<42}{value:>12,.2f}")


if __name__ == "__main__":
    main()
