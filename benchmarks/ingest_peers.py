"""The same site through LangChain's and LlamaIndex's usual pipelines, with the same model used in its fastest way.

`python -m benchmarks.ingest_throughput` runs them beside our own pipeline wherever they are installed
(`pip install 'docs-chat[bench]'`). Each reads the Markdown files of the pages, splits them as its documentation shows
first, and writes into Qdrant in memory. The way shown first keeps no record of what was indexed, so a second run
repeats the first. Each peer is a process of its own (`python -m benchmarks.ingest_peers NAME FILES`, where FILES
lists one path per line), so that its memory is its own.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.peer_models import CountingModel, for_langchain, for_llama_index
from benchmarks.processes import resident_mb
from services.retriever.embedding.local_embedder import LocalEmbedder


def run_langchain(files: Sequence[Path], model: CountingModel) -> None:
    """Load, split at 1,000 characters with an overlap of 200, write."""
    from langchain_core.documents import Document  # noqa: PLC0415  # installed only for the comparison
    from langchain_qdrant import QdrantVectorStore  # noqa: PLC0415
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: PLC0415

    pages = [Document(page_content=file.read_text("utf-8"), metadata={"source": str(file)}) for file in files]
    chunks = RecursiveCharacterTextSplitter(chunk_size=1_000, chunk_overlap=200).split_documents(pages)
    QdrantVectorStore.from_documents(chunks, for_langchain(model), location=":memory:", collection_name="site")


def run_llama_index(files: Sequence[Path], model: CountingModel) -> None:
    """`SimpleDirectoryReader`, the default splitter, `VectorStoreIndex`."""
    from llama_index.core import SimpleDirectoryReader, StorageContext, VectorStoreIndex  # noqa: PLC0415
    from llama_index.vector_stores.qdrant import QdrantVectorStore  # noqa: PLC0415
    from qdrant_client import QdrantClient  # noqa: PLC0415

    pages = SimpleDirectoryReader(input_files=[str(file) for file in files]).load_data()
    store = QdrantVectorStore("site", client=QdrantClient(":memory:"))
    storage: Any = StorageContext.from_defaults(vector_store=store)
    VectorStoreIndex.from_documents(pages, storage_context=storage, embed_model=for_llama_index(model))


PEERS: dict[str, Callable[[Sequence[Path], CountingModel], None]] = {
    "LangChain": run_langchain,
    "LlamaIndex": run_llama_index,
}


def peer_figures(files: Sequence[Path], folder: Path) -> dict[str, float]:
    """What each installed peer does with the files, in the units of the names; the others are named on stderr."""
    listing = folder / "files-of-peers.txt"
    listing.write_text("\n".join(map(str, files)), "utf-8")
    figures: dict[str, float] = {}
    for name in PEERS:
        command = [sys.executable, "-m", "benchmarks.ingest_peers", name, str(listing)]
        answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        figures |= {f"{name.lower()}_{figure}": value for figure, value in json.loads(answer.stdout).items()}
    return figures


def measure(run: Callable[[Sequence[Path], CountingModel], None], files: Sequence[Path]) -> dict[str, float]:
    """Two runs of a peer."""
    embedder = LocalEmbedder()
    run(files[:1], CountingModel(embedder))  # imports take seconds and are not what is measured
    first, again = CountingModel(embedder), CountingModel(embedder)
    started, cpu_before = time.perf_counter(), time.process_time()
    run(files, first)
    elapsed, cpu_s = time.perf_counter() - started, time.process_time() - cpu_before
    run(files, again)
    return {
        "chunks": first.texts,
        "chunks_per_s": first.texts / elapsed,
        "pages_per_s": len(files) / elapsed,
        "cpu_s": cpu_s,
        "chunks_cut_off_in_silence": first.cut_off,
        "second_run_chunks_embedded": again.texts,
        "rss_highest_mb": resident_mb(os.getpid(), highest=True),
    }


def main() -> None:
    """Run one peer and print its figures as JSON; nothing when it is not installed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("files", type=Path, help="file with one path per line")
    args = parser.parse_args()
    files = [Path(line) for line in args.files.read_text("utf-8").splitlines()]
    try:
        figures = measure(PEERS[args.peer], files)
    except ImportError as error:
        print(f"{args.peer}: left out, {error.name} is missing: pip install 'docs-chat[bench]'", file=sys.stderr)
        figures = {}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
