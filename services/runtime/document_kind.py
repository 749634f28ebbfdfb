"""Kinds of documents, and their names in the contract."""

from enum import StrEnum

from docs_chat.retriever.v1 import documents_pb2 as pb


class DocumentKind(StrEnum):
    """Which Docusaurus plugin makes the page."""

    DOC = "doc"
    BLOG = "blog"
    PAGE = "page"


_KINDS = {
    pb.DOCUMENT_KIND_DOC: DocumentKind.DOC,
    pb.DOCUMENT_KIND_BLOG: DocumentKind.BLOG,
    pb.DOCUMENT_KIND_PAGE: DocumentKind.PAGE,
}
_KINDS_BACK = {kind: number for number, kind in _KINDS.items()}


def kind_from_proto(kind: "pb.DocumentKind.ValueType") -> DocumentKind | None:
    """The kind; None when it is unspecified or unknown."""
    return _KINDS.get(kind)


def kind_to_proto(kind: DocumentKind) -> "pb.DocumentKind.ValueType":
    """The contract's name of a kind."""
    return _KINDS_BACK[kind]
