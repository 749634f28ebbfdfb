"""What the retriever found in the words of JSON, the same at every door."""

from typing import Any

from docs_chat.retriever.v1 import documents_pb2, passages_pb2

from gateway.retrieval.snippets import snippet_of

KINDS = {
    "doc": documents_pb2.DOCUMENT_KIND_DOC,
    "blog": documents_pb2.DOCUMENT_KIND_BLOG,
    "page": documents_pb2.DOCUMENT_KIND_PAGE,
}
_KIND_NAMES = {kind: name for name, kind in KINDS.items()}
_VERDICTS = {
    passages_pb2.ANSWERABILITY_VERDICT_ANSWERABLE: "answerable",
    passages_pb2.ANSWERABILITY_VERDICT_WEAK: "weak",
    passages_pb2.ANSWERABILITY_VERDICT_NOT_COVERED: "not_covered",
}


def verdict_name(answerability: passages_pb2.Answerability) -> str:
    return _VERDICTS.get(answerability.verdict, "unknown")


def kind_name(kind: documents_pb2.DocumentKind.ValueType) -> str:
    return _KIND_NAMES.get(kind, "doc")


def widening_data(widening: passages_pb2.Widening) -> dict[str, Any]:
    return {"versions": list(widening.versions), "locale": widening.locale}


def passage_summary(passage: passages_pb2.Passage) -> dict[str, Any]:
    """A passage for a list of results."""
    return {
        "uri": passage.uri,
        "title": passage.title,
        "heading_path": list(passage.heading_path),
        "snippet": snippet_of(passage),
        "version": passage.version,
        "locale": passage.locale,
    } | ({"published": published} if (published := published_on(passage)) else {})


def published_on(passage: passages_pb2.Passage) -> str:
    """Day a blog post was published, `2026-01-31`; empty for other pages and where nobody knows."""
    return passage.published_at.ToDatetime().date().isoformat() if passage.HasField("published_at") else ""
