"""Pages and passages as Markdown and JSON for other people's assistants."""

from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from docs_chat.retriever.v1 import documents_pb2, passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb

from gateway.retrieval.translate import kind_name, published_on, verdict_name

PAGE_CHARS = 30_000
"""Longest piece of a page given at once, in characters: about 8,000 tokens."""
_VERDICTS = {
    passages_pb2.ANSWERABILITY_VERDICT_NOT_COVERED: (
        "The documentation does not seem to cover this question. These are only the nearest passages; say so rather "
        "than answer from them."
    ),
    passages_pb2.ANSWERABILITY_VERDICT_WEAK: (
        "The documentation may not answer this question: these passages are the nearest it says. If they do not answer "
        "it, say so first."
    ),
}


@dataclass(frozen=True, slots=True)
class PieceOfPage:
    """What one call reads of a page."""

    text: str
    offset: int
    """Where it begins, in characters of the page or section."""
    next_offset: int | None
    """Where the rest begins; None at the end."""
    total: int
    """Length of the page or section, in characters."""


def page_text(page: pb.GetDocumentResponse, section: str = "") -> str:
    """A page as Markdown with a heading wherever the section changes, or one section with its subsections.

    Args:
        page: The page.
        section: Id of a heading as it stands behind `#` in addresses; empty for the whole page.

    Raises:
        KeyError: If there is no such section.
    """
    lines, path = [], None
    for chunk in _chunks_of(page, section):
        if list(chunk.heading_path) != path and chunk.heading_path:
            lines.append(f"{'#' * min(6, len(chunk.heading_path) + 1)} {chunk.heading_path[-1]}")
        path = list(chunk.heading_path)
        lines.append(chunk.text)
    return "\n\n".join([_head(page.document), *lines])


def sections_of(page: pb.GetDocumentResponse) -> dict[str, str]:
    """Sections in reading order: id → heading."""
    found: dict[str, str] = {}
    for chunk in page.chunks:
        for anchor, heading in [
            *zip(chunk.anchor_path, chunk.heading_path, strict=False),
            *zip([chunk.anchor], chunk.heading_path[-1:], strict=False),
        ]:
            if anchor:
                found.setdefault(anchor, heading)
    return found


def piece_of(text: str, offset: int, limit: int = PAGE_CHARS) -> PieceOfPage:
    """At most `limit` characters from `offset` on, cut between paragraphs when one ends in the second half."""
    end = min(len(text), offset + limit)
    if end < len(text):
        paragraph = text.rfind("\n\n", offset + limit // 2, end)
        end = paragraph + 2 if paragraph >= 0 else end
    return PieceOfPage(text[offset:end], offset, end if end < len(text) else None, len(text))


def passage_text(passage: passages_pb2.Passage) -> str:
    """A passage with its heading and address."""
    heading = " › ".join([passage.title, *passage.heading_path])
    day = published_on(passage)
    kind = "blog post" if passage.kind == documents_pb2.DOCUMENT_KIND_BLOG else ""
    kind += f" of {day}" if kind and day else ""
    version = f"version {passage.version}" if passage.version else ""
    remark = ", ".join(filter(None, [kind, version]))
    return f"## {heading}{f' ({remark})' if remark else ''}\n{passage.uri}\n\n{passage.text}"


def remarks_on(found: pb.SearchPassagesResponse) -> list[str]:
    """What an assistant has to know before it uses the passages: no search is silently replaced by another."""
    remarks = [_VERDICTS[found.answerability.verdict]] if found.answerability.verdict in _VERDICTS else []
    if found.searched_for:
        remarks.append(f"Searched for: {found.searched_for[0]}")
    if found.HasField("widening"):
        where = [f"from version {name}" for name in found.widening.versions]
        where += [f"from the docs in locale {found.widening.locale}"] if found.widening.locale else []
        there = " and ".join(where) or "from another part of the docs"
        remarks.append(f"Nothing good was found where you asked: these passages come {there}.")
    if found.degraded:
        remarks.append("A part of the search did not work; there may be better passages.")
    return remarks


def passage_data(passage: passages_pb2.Passage) -> dict[str, Any]:
    """A passage for programs, as `SEARCH_RESULT` describes it."""
    return {
        "uri": passage.uri,
        "title": passage.title,
        "heading_path": list(passage.heading_path),
        "text": passage.text,
        "version": passage.version,
        "locale": passage.locale,
        "kind": kind_name(passage.kind),
        "published": published_on(passage),
    }


def search_data(found: pb.SearchPassagesResponse) -> dict[str, Any]:
    """A search for programs, as `SEARCH_RESULT` describes it."""
    return {
        "site": found.site,
        "answerability": verdict_name(found.answerability),
        "remarks": remarks_on(found),
        "passages": [passage_data(passage) for passage in found.passages],
    }


def updated_on(document: documents_pb2.Document) -> str:
    """Date of the last change, `2026-01-31`; empty when the page has none."""
    return document.last_updated_at.ToDatetime().date().isoformat() if document.HasField("last_updated_at") else ""


def _head(document: documents_pb2.Document) -> str:
    facts = [
        "Blog post" if document.kind == documents_pb2.DOCUMENT_KIND_BLOG else "",
        f"Version {document.version}" if document.version else "",
        f"Last updated {updated_on(document)}" if updated_on(document) else "",
    ]
    return "\n\n".join(filter(None, [f"# {document.title}", document.uri, ". ".join(filter(None, facts))]))


def _chunks_of(page: pb.GetDocumentResponse, section: str) -> list[documents_pb2.Chunk]:
    if not section:
        return list(page.chunks)
    chunks = list(page.chunks)
    begin = next((at for at, chunk in enumerate(chunks) if section in _anchors(chunk)), None)
    if begin is None:
        raise KeyError(section)
    path = list(chunks[begin].heading_path)
    if section in chunks[begin].anchor_path:
        path = path[: list(chunks[begin].anchor_path).index(section) + 1]
    return list(takewhile(lambda chunk: list(chunk.heading_path)[: len(path)] == path, chunks[begin:]))


def _anchors(chunk: documents_pb2.Chunk) -> list[str]:
    return [*chunk.anchor_path, chunk.anchor]
