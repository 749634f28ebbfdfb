"""One page read as the product reads it, from source or build, and cut into chunks: what must hold for any bytes."""

from collections.abc import Callable
from pathlib import Path

from services.ingest.chunking.split import split_document
from services.ingest.chunking.tokens import ChunkingProfile
from services.ingest.document import Document, PageUnreadable, Source
from services.ingest.sources.built_site.source import BuiltSite
from services.ingest.sources.source_tree.settings.site_config import read_site_config
from services.ingest.sources.source_tree.source import SourceTree
from services.runtime.errors import InvalidSource

PROFILE = ChunkingProfile("any", 256)
SETTINGS = {
    "url": "https://docs.example.org",
    "docs": [{"path": "docs", "remark_plugins": ["remark-math", "npm2yarn"]}],
    "blog": [],
    "pages": [],
}
HEAD = (
    b'<html class="plugin-docs plugin-id-default docs-doc-page docs-doc-id-a"><head>'
    b'<meta name="generator" content="Docusaurus v3.10.2"><title>A | Docs</title>'
    b'<link rel="canonical" href="https://docs.example.org/a"></head><body><article><div class="theme-doc-markdown">'
)
READERS: dict[str, Callable[[Path, bytes], Document | None]]


def read_mdx(folder: Path, content: bytes) -> Document | None:
    """The document of a page in MDX, None when it is refused with a reason."""
    return _read_source(folder, "page.mdx", content)


def read_markdown(folder: Path, content: bytes) -> Document | None:
    """The document of a page in plain Markdown, None when it is refused with a reason."""
    return _read_source(folder, "plain.md", b"---\nmdx:\n  format: md\n---\n" + content)


def read_html(folder: Path, content: bytes) -> Document | None:
    """The document of a built page, None when it is refused with a reason."""
    build = folder / "build"
    build.mkdir(exist_ok=True)
    (build / "a.html").write_bytes(HEAD + content)
    return _read(BuiltSite(build))


READERS = {"mdx": read_mdx, "md": read_markdown, "html": read_html}


def _read_source(folder: Path, name: str, content: bytes) -> Document | None:
    site = folder / name.partition(".")[0]
    (site / "docs").mkdir(parents=True, exist_ok=True)
    (site / "docs" / name).write_bytes(content)
    return _read(SourceTree(site, read_site_config(site, explicit=SETTINGS)))


def _read(source: Source) -> Document | None:
    try:
        pages = source.scan().pages
    except InvalidSource:
        return None
    if not pages:
        return None
    try:
        document = source.read(pages[0])
        chunks = split_document(document, PROFILE).chunks
    except PageUnreadable:
        return None
    ids = {heading.id for heading in document.headings}
    assert {section.anchor for section in document.sections} <= {"", *ids}
    assert all(chunk.tokens <= PROFILE.max_tokens for chunk in chunks)
    return document
