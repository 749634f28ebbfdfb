"""What a typed search found, as JSON: pages with their sections, every text in pieces, marked or not."""

from collections.abc import Iterator
from typing import Any

from docs_chat.retriever.v1 import passages_pb2

from gateway.retrieval.translate import kind_name


def page_data(page: passages_pb2.FoundPage) -> dict[str, Any]:
    """A page with those of its sections that fit what was typed."""
    return {
        "uri": page.uri,
        "title": pieces(page.title),
        "kind": kind_name(page.kind),
        "version": page.version,
        "locale": page.locale,
        "sections": [_section_data(section) for section in page.sections],
    }


def pieces(marked: passages_pb2.MarkedText) -> list[dict[str, Any]]:
    """A text in pieces to be joined. Browsers count characters differently, so no positions leave this process."""
    return list(_pieces(marked))


def _pieces(marked: passages_pb2.MarkedText) -> Iterator[dict[str, Any]]:
    end = 0
    for mark in marked.marks:
        if mark.start > end:
            yield {"text": marked.text[end : mark.start]}
        yield {"text": marked.text[mark.start : mark.end], "mark": True}
        end = mark.end
    if end < len(marked.text):
        yield {"text": marked.text[end:]}


def _section_data(section: passages_pb2.FoundSection) -> dict[str, Any]:
    return {
        "uri": section.uri,
        "anchor": section.anchor,
        "heading_path": [pieces(heading) for heading in section.heading_path],
        "snippet": pieces(section.snippet),
        "relevance": round(section.relevance_score, 4),
    }
