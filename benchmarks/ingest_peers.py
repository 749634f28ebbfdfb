"""The same site through LangChain's and LlamaIndex's usual pipelines, with the same model used in its fastest way.

`python -m benchmarks.ingest_peers [SITE] [--pages N]`, SITE as for `benchmarks.ingest_throughput`, after
`pip install 'docs-chat[bench]'`; a peer that is not installed is left out with a message. Each reads the Markdown files
of the pages, splits them as its documentation shows first, and writes into Qdrant in memory. A peer keeps no record of
what it has indexed, so its second run costs as much as its first.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.ingest_throughput import copy_site
from services.retriever.embedder import LocalEmbedder


@dataclass
class CountedModel:
    """The embedding model for synchronous callers; counts texts, and those longer than the model reads."""

    embedder: LocalEmbedder
    texts: int = 0
    cut_off: int = 0

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Vectors in order."""
        self.texts += len(texts)
        self.cut_off += sum(self.embedder.count_tokens(text) > self.embedder.max_tokens for text in texts)
        return [[float(value) for value in vector] for vector in asyncio.run(self.embedder.embed_documents(texts))]


def run_langchain(files: Sequence[Path], model: CountedModel) -> None:
    """Load, split at 1,000 characters with an overlap of 200, write."""
    from langchain_core.documents import Document  # noqa: PLC0415  # installed by whoever wants the comparison
    from langchain_core.embeddings import Embeddings  # noqa: PLC0415
    from langchain_qdrant import QdrantVectorStore  # noqa: PLC0415
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: PLC0415

    class Adapter(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return model.embed(texts)

        def embed_query(self, text: str) -> list[float]:
            return model.embed([text])[0]

    pages = [Document(page_content=file.read_text("utf-8"), metadata={"source": str(file)}) for file in files]
    chunks = RecursiveCharacterTextSplitter(chunk_size=1_000, chunk_overlap=200).split_documents(pages)
    QdrantVectorStore.from_documents(chunks, Adapter(), location=":memory:", collection_name="site")


def run_llama_index(files: Sequence[Path], model: CountedModel) -> None:
    """`SimpleDirectoryReader`, the default splitter, `VectorStoreIndex`."""
    from llama_index.core import SimpleDirectoryReader, StorageContext, VectorStoreIndex  # noqa: PLC0415
    from llama_index.core.embeddings import BaseEmbedding  # noqa: PLC0415
    from llama_index.vector_stores.qdrant import QdrantVectorStore  # noqa: PLC0415
    from qdrant_client import QdrantClient  # noqa: PLC0415

    class Adapter(BaseEmbedding):
        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return model.embed(texts)

        def _get_text_embedding(self, text: str) -> list[float]:
            return model.embed([text])[0]

        def _get_query_embedding(self, query: str) -> list[float]:
            return model.embed([query])[0]

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return model.embed([query])[0]

    pages = SimpleDirectoryReader(input_files=[str(file) for file in files]).load_data()
    store = QdrantVectorStore("site", client=QdrantClient(":memory:"))
    storage: Any = StorageContext.from_defaults(vector_store=store)
    VectorStoreIndex.from_documents(pages, storage_context=storage, embed_model=Adapter(embed_batch_size=64))


PEERS: dict[str, Callable[[Sequence[Path], CountedModel], None]] = {
    "LangChain": run_langchain,
    "LlamaIndex": run_llama_index,
}


def main() -> None:
    """Run each peer once and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", nargs="?", default="docs", help="site folder, `generated`, or the name of a corpus")
    parser.add_argument("--pages", type=int, default=0, help="at most so many pages; 0: all")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copied = copy_site(args.site, Path(folder), args.pages)
        files = sorted({copied.folder / page.source_path for page in copied.source().scan().pages})
        for name, run in PEERS.items():
            embedder = LocalEmbedder()
            try:
                run(files[:1], CountedModel(embedder))  # imports take seconds and are not what is measured
            except ImportError as error:
                print(f"{name}: left out, {error.name} is not installed: pip install 'docs-chat[bench]'")
                continue
            model, started = CountedModel(embedder), time.perf_counter()
            run(files, model)
            elapsed = time.perf_counter() - started
            print(
                f"{name}: {len(files)} pages in {elapsed:.1f} s, {model.texts} chunks embedded, "
                f"{model.texts / elapsed:.1f} a second, {model.cut_off} longer than the model reads"
            )


if __name__ == "__main__":
    main()
