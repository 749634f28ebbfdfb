"""Sites that benchmarks may change: a copy of a folder or of a real site, or a made-up one; read stage by stage."""

import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docs_chat.ingest.v1 import ingest_service_pb2 as ingest

from benchmarks.corpora import SITES, site_settings
from services.ingest.chunking.split import Chunk, split_document
from services.ingest.chunking.tokens import ChunkingProfile
from services.ingest.document import Document, SitePages
from services.ingest.sources.source_tree.settings.site_config import read_site_config
from services.ingest.sources.source_tree.source import SourceTree
from services.runtime.embedding_input import embedding_input

GENERATED = "generated"


@dataclass(frozen=True)
class CopiedSite:
    """A copy of a site that may be changed."""

    root: Path
    folder: Path
    settings: dict[str, Any]

    def source(self) -> SourceTree:
        config = read_site_config(self.folder, explicit=self.settings or None, readable_root=self.root)
        return SourceTree(self.folder, config)

    def request(self, name: str) -> ingest.IngestSiteRequest:
        site = ingest.SiteSource(path=str(self.folder), site=name, kind=ingest.SOURCE_KIND_SOURCE_TREE)
        site.settings.update(self.settings)
        return ingest.IngestSiteRequest(source=site)


@dataclass(frozen=True)
class Prepared:
    """What reading a site in this process gave, and the seconds of each stage."""

    site: SitePages
    documents: tuple[Document, ...]
    chunks: tuple[Chunk, ...]
    texts: tuple[str, ...]
    """Distinct embedding inputs."""
    seconds: dict[str, float]


def copy_site(wanted: str, target: Path, pages: int) -> CopiedSite:
    """Copy a site folder or a corpus, with at most so many pages (0: all), evenly over the site."""
    corpora = os.environ.get("DOCS_CHAT_CORPORA", "")
    skip = shutil.ignore_patterns("node_modules", "build", ".docusaurus", ".git")
    if wanted in SITES and corpora:
        shutil.copytree(Path(corpora) / wanted, target / wanted, ignore=skip)
        meta = json.loads((Path(corpora) / "truth" / f"{wanted}.meta.json").read_text("utf-8"))
        copied = CopiedSite(target, target / SITES[wanted], site_settings(meta))
    elif wanted == GENERATED:
        generate_site(target / "site", pages or 1_000)
        return CopiedSite(target, target / "site", {"url": "https://docs.example.org", "blog": [], "pages": []})
    else:
        shutil.copytree(wanted, target / "site", ignore=skip)
        copied = CopiedSite(target, target / "site", {})
    found = copied.source().scan().pages
    kept = {page.source_path for page in found[:: max(1, len(found) // pages)][:pages]} if pages else set()
    for page in found:
        if pages and page.source_path not in kept:
            (copied.folder / page.source_path).unlink(missing_ok=True)
    return copied


def generate_site(folder: Path, pages: int) -> None:
    """Short pages, each of a text of its own."""
    (folder / "docs").mkdir(parents=True)
    for number in range(pages):
        text = f"# Page {number}\n\nHow to turn on feature {number}: set `feature_{number}` to true.\n"
        (folder / "docs" / f"page-{number}.md").write_text(text, "utf-8")


def prepare(copied: CopiedSite, profile: ChunkingProfile) -> Prepared:
    """Read and split a site, each stage on its own."""
    source, clock = copied.source(), Stopwatch()
    site = source.scan()
    clock.lap("scan")
    for page in site.pages:
        source.source_hash(page, (page.source_path,))
    clock.lap("hash")
    documents = tuple(source.read(page) for page in site.pages)
    clock.lap("parse")
    splits = [split_document(document, profile) for document in documents]
    clock.lap("split")
    inputs = (
        embedding_input(split.document.title, chunk.heading_path, chunk.text)
        for split in splits
        for chunk in split.chunks
    )
    chunks = tuple(chunk for split in splits for chunk in split.chunks)
    return Prepared(site, documents, chunks, tuple(dict.fromkeys(inputs)), clock.seconds)


class Stopwatch:
    """Seconds between laps."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """Write down the time since the lap before."""
        now = time.perf_counter()
        self.seconds[name], self._last = now - self._last, now
