"""What people use today for questions about a docs site, on the same pages: two usual pipelines and the site's search.

LangChain and LlamaIndex as their documentation shows first (the Markdown files, the default splitter, the nearest
chunks), with the embedding model of docs-chat; and `@easyops-cn/docusaurus-search-local`, whose own code indexes and
searches. A peer that is not installed is left out with a message.

A hit of a peer counts generously: for every section its text overlaps, and as one hit with others of the same section.
"""

import html
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from benchmarks.markdown_places import MarkdownPage
from benchmarks.peer_models import PeerModel, for_langchain, for_llama_index
from cli.eval_metrics import Outcome, Question, normal
from services.ingest.document import Document
from services.retriever.embedding.local_embedder import LocalEmbedder

_ASKED = 40
"""Hits taken of each peer; several may belong to one section."""
_LIMIT = 10
_SITE_SEARCH = "@easyops-cn/docusaurus-search-local"

Hits = list[list[tuple[str, ...]]]
"""For each question the hits in order, each with the places it stands for."""


@dataclass(frozen=True, slots=True)
class PeerSite:
    """The pages of one site in one language, as files and as parsed."""

    name: str
    pages: dict[Path, MarkdownPage]
    documents: Sequence[Document]


class PeerMissing(Exception):
    """The peer is not installed; the message says how to get it."""


def langchain(site: PeerSite, questions: Sequence[str]) -> Hits:
    """Chunks of 1,000 characters with an overlap of 200 in Qdrant, by similarity."""
    from langchain_core.documents import Document as Text  # noqa: PLC0415  # installed only for the comparison
    from langchain_qdrant import QdrantVectorStore  # noqa: PLC0415
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: PLC0415

    splitter = RecursiveCharacterTextSplitter(chunk_size=1_000, chunk_overlap=200, add_start_index=True)
    texts = [Text(page_content=page.markdown, metadata={"source": str(file)}) for file, page in site.pages.items()]
    store = QdrantVectorStore.from_documents(
        splitter.split_documents(texts), for_langchain(_model()), location=":memory:", collection_name="site"
    )

    def places(found: Any) -> tuple[str, ...]:
        start = found.metadata["start_index"]
        return site.pages[Path(found.metadata["source"])].places(start, start + len(found.page_content))

    return [[places(found) for found in store.similarity_search(question, k=_ASKED)] for question in questions]


def llama_index(site: PeerSite, questions: Sequence[str]) -> Hits:
    """`SimpleDirectoryReader`, the default splitter, `VectorStoreIndex`, its retriever."""
    from llama_index.core import SimpleDirectoryReader, VectorStoreIndex  # noqa: PLC0415

    texts = SimpleDirectoryReader(input_files=[str(file) for file in site.pages]).load_data()
    index = VectorStoreIndex.from_documents(texts, embed_model=for_llama_index(_model()))
    retriever = index.as_retriever(similarity_top_k=_ASKED)

    def places(node: Any) -> tuple[str, ...]:
        page = site.pages[Path(node.metadata["file_path"])]
        start = node.start_char_idx or 0
        return page.places(start, node.end_char_idx or start + len(node.text))

    return [[places(found.node) for found in retriever.retrieve(question)] for question in questions]


def site_search(site: PeerSite, questions: Sequence[str]) -> Hits:
    """The local search plugin: its own index, its own query code, as typed into the search bar."""
    modules = Path(os.environ.get("DOCS_CHAT_SITE_SEARCH", "benchmarks/results/site_search"))
    if not shutil.which("node") or not (modules / "node_modules" / _SITE_SEARCH).is_dir():
        raise PeerMissing(f"npm install --legacy-peer-deps --prefix {modules} {_SITE_SEARCH}")
    with tempfile.TemporaryDirectory() as folder:
        pages = []
        for number, document in enumerate(site.documents):
            file = Path(folder) / f"{number}.html"
            file.write_text(as_html(document), "utf-8")
            pages.append({"url": normal(document.page.uri), "file": str(file)})
        asked = {"pages": pages, "queries": list(questions), "limit": _LIMIT}
        script = Path(__file__).with_name("site_search.mjs")
        command = ["node", str(script), str(modules)]
        answered = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True)
    return [[(normal(place),) for place in found] for found in json.loads(answered.stdout)]


PEERS: dict[str, Callable[[PeerSite, Sequence[str]], Hits]] = {
    "LangChain": langchain,
    "LlamaIndex": llama_index,
    "search of the site": site_search,
}


def ask_peer(name: str, sites: Sequence[PeerSite], questions: Sequence[Question]) -> list[Outcome]:
    """What a peer finds for each question of the sites.

    Raises:
        PeerMissing: If it is not installed.
    """
    outcomes = []
    for site in sites:
        own = [question for question in questions if question.site == site.name]
        try:
            hits = PEERS[name](site, [question.text for question in own])
        except ImportError as error:
            raise PeerMissing(f"{error.name} is not installed: pip install 'docs-chat[bench]'") from error
        pairs = zip(own, hits, strict=True)
        outcomes += [Outcome(question, best_places(question, found), "", 0.0) for question, found in pairs]
    return outcomes


def best_places(question: Question, hits: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """One place for each hit, the wanted one where the hit overlaps it; a place that was there before adds nothing."""
    gold = {normal(place) for place in question.gold}
    chosen = (next((place for place in places if place in gold), places[0]) for places in hits)
    return tuple(dict.fromkeys(chosen))[:_LIMIT]


def _model() -> PeerModel:
    return PeerModel(LocalEmbedder(cached_queries=0))


def as_html(document: Document) -> str:
    """A page as the theme of Docusaurus renders it, as far as a search plugin looks: headings with ids, and text."""
    parts = [f"<header><h1>{html.escape(document.title)}</h1></header>"]
    before: tuple[str, ...] = ()
    for section in document.sections:
        path = section.heading_path
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(path, before, strict=False)))
        for depth in range(shared, len(path)):
            level = min(depth + 2, 6)
            link = f'<a class="hash-link" href="#{html.escape(section.anchor_path[depth])}">#</a>'
            parts.append(f"<h{level}>{html.escape(path[depth])}{link}</h{level}>")
        parts += [f"<p>{html.escape(block.markdown)}</p>" for block in section.blocks]
        before = path
    return f"<html><body><article>{''.join(parts)}</article></body></html>"
