"""Pages and their chunks."""

from docs_chat.retriever.v1 import documents_pb2 as pb

from services.retriever.documents import Chunk, Document
from services.runtime.document_kind import DocumentKind, kind_from_proto, kind_to_proto
from services.runtime.times import timestamp


def document_from_proto(message: pb.Document) -> Document:
    """A page; an unspecified kind counts as a doc."""
    return Document(
        uri=message.uri,
        title=message.title,
        kind=kind_from_proto(message.kind) or DocumentKind.DOC,
        version=message.version,
        locale=message.locale,
        content_hash=message.content_hash,
        source_hash=message.source_hash,
        plugin_id=message.plugin_id,
        untranslated_in=tuple(message.untranslated_in),
        tags=tuple(message.tags),
        description=message.description,
        source_paths=tuple(message.source_paths),
        last_updated_s=message.last_updated_at.ToMilliseconds() / 1000 if message.HasField("last_updated_at") else None,
        published_s=message.published_at.ToMilliseconds() / 1000 if message.HasField("published_at") else None,
    )


def document_to_proto(document: Document) -> pb.Document:
    """A page as the contract says."""
    return pb.Document(
        uri=document.uri,
        title=document.title,
        kind=kind_to_proto(document.kind),
        version=document.version,
        locale=document.locale,
        tags=document.tags,
        description=document.description,
        content_hash=document.content_hash,
        source_hash=document.source_hash,
        source_paths=document.source_paths,
        last_updated_at=timestamp(document.last_updated_s) if document.last_updated_s is not None else None,
        published_at=timestamp(document.published_s) if document.published_s is not None else None,
        plugin_id=document.plugin_id,
        untranslated_in=document.untranslated_in,
    )


def summary_to_proto(document: Document, chunk_count: int) -> pb.DocumentSummary:
    """A page without its text."""
    return pb.DocumentSummary(
        uri=document.uri,
        title=document.title,
        kind=kind_to_proto(document.kind),
        version=document.version,
        locale=document.locale,
        content_hash=document.content_hash,
        source_hash=document.source_hash,
        source_paths=document.source_paths,
        chunk_count=chunk_count,
    )


def chunk_from_proto(message: pb.Chunk) -> Chunk:
    """A slice of a page."""
    return Chunk(
        ordinal=message.ordinal,
        anchor=message.anchor,
        heading_path=tuple(message.heading_path),
        text=message.text,
        content_hash=message.content_hash,
        code_languages=tuple(message.code_languages),
        tabs=tuple(message.tabs),
        part=message.part,
        anchor_path=tuple(message.anchor_path),
    )


def chunk_to_proto(chunk: Chunk) -> pb.Chunk:
    """A slice of a page as the contract says."""
    return pb.Chunk(
        ordinal=chunk.ordinal,
        anchor=chunk.anchor,
        heading_path=chunk.heading_path,
        text=chunk.text,
        content_hash=chunk.content_hash,
        code_languages=chunk.code_languages,
        tabs=chunk.tabs,
        part=chunk.part,
        anchor_path=chunk.anchor_path,
    )
