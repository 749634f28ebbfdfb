"""What documents and chunks look like as payloads of points, and back."""

import hashlib
import json
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Any

from services.retriever.documents import Chunk, ChunkPage, Document, SectionRef, StoredChunk, text_hash
from services.runtime.document_kind import DocumentKind
from services.runtime.embedding_input import embedding_input

FOREVER = 2**53
"""`until` of a live point; the largest number that is exact in a float."""

Payload = dict[str, Any]


class PointKind(StrEnum):
    """What a point of the store stands for."""

    CHUNK = "chunk"
    DOCUMENT = "document"


_PAGE_FIELDS = tuple(field.name for field in fields(ChunkPage))
_CHUNK_FIELDS = tuple(field.name for field in fields(Chunk))


def edition(plugin_id: str, version: str) -> str:
    """Docs instance and version together, as filters compare them; empty for pages outside versioned docs."""
    return f"{plugin_id}@{version}" if version else ""


def place(uri: str, ordinal: int) -> str:
    """Where a chunk stands, as filters compare it."""
    return text_hash(f"{uri}#{ordinal}")[:16]


def chunk_payload(
    document: Document, chunk: Chunk, section: SectionRef, *, tokens: int, reach: tuple[int, int]
) -> Payload:
    """Payload of a chunk's point, without the revisions it is visible in."""
    embedded = text_hash(embedding_input(document.title, chunk.heading_path, chunk.text))
    payload = {
        "point": PointKind.CHUNK,
        **{name: getattr(document, name) for name in _PAGE_FIELDS},
        "path": document.path,
        "edition": edition(document.plugin_id, document.version),
        **asdict(chunk),
        "section": asdict(section),
        "tokens": tokens,
        "reach": reach,
        "place": place(document.uri, chunk.ordinal),
        "embedding_hash": embedded,
    }
    return _with_fingerprint(payload)


def document_payload(document: Document, chunk_count: int) -> Payload:
    """Payload of the point that stands for the page itself."""
    payload = {
        "point": PointKind.DOCUMENT,
        **asdict(document),
        "path": document.path,
        "edition": edition(document.plugin_id, document.version),
        "chunk_count": chunk_count,
    }
    return _with_fingerprint(payload)


def stored_chunk(payload: Payload) -> StoredChunk:
    """The chunk a payload was made from."""
    page = {name: payload[name] for name in _PAGE_FIELDS if name in payload}  # stored before a field was added
    page["untranslated_in"] = tuple(payload.get("untranslated_in", ()))
    chunk = {name: payload[name] for name in _CHUNK_FIELDS}
    for name in ("heading_path", "anchor_path", "code_languages", "tabs"):
        chunk[name] = tuple(chunk[name])
    return StoredChunk(
        document=ChunkPage(**{**page, "kind": DocumentKind(page["kind"])}),
        chunk=Chunk(**chunk),
        section=SectionRef(payload["section"]["anchor"], tuple(payload["section"]["heading_path"])),
        tokens=payload["tokens"],
        reach=(payload["reach"][0], payload["reach"][1]),
    )


def stored_document(payload: Payload) -> Document:
    """The document a payload was made from."""
    values: Payload = {field.name: payload.get(field.name) for field in fields(Document)}
    values |= {"kind": DocumentKind(payload["kind"])}
    values |= {name: tuple(payload.get(name, ())) for name in ("tags", "source_paths", "untranslated_in")}
    return Document(**values)


def _with_fingerprint(payload: Payload) -> Payload:
    """The payload in JSON's own types, with a hash of all of it: equal fingerprint, nothing to write."""
    plain = json.dumps(payload, sort_keys=True, ensure_ascii=True)
    fingerprint = hashlib.sha256(plain.encode()).hexdigest()[:32]
    return {**json.loads(plain), "fingerprint": fingerprint}
