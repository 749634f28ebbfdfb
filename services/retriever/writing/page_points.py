"""What a page becomes in the index: payloads that are compared with what is there, then points to store."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from services.retriever.documents import Chunk, Document
from services.retriever.embedding.embedder import Embedder
from services.retriever.embedding.sparse import AVERAGE_HEADING_LENGTH, encoder_for
from services.retriever.embedding.vectors import DenseVector
from services.retriever.payloads import FOREVER, Payload, PointKind, chunk_payload, document_payload
from services.retriever.sites.manifest import Manifest
from services.retriever.store.port import HEADINGS, SPARSE, Point
from services.retriever.writing.sections import cited_sections, reaches
from services.runtime.embedding_input import embedding_input
from services.runtime.errors import ChunkTooLong, shown

_REACH = 3
"""Chunks on each side that a passage may grow by."""


@dataclass(frozen=True, slots=True)
class PageWrite:
    """One page as it should be."""

    document: Document
    chunks: tuple[Chunk, ...]

    @property
    def uri(self) -> str:
        """Address of the page."""
        return self.document.uri


@dataclass(frozen=True, slots=True)
class PageRemoval:
    """A page that is gone."""

    uri: str


@dataclass(frozen=True, slots=True)
class PageLayout:
    """A page as payloads, its own record first, and the embedding input of each chunk by its hash."""

    uri: str
    payloads: tuple[Payload, ...]
    texts: Mapping[str, str]


def lay_out(write: PageWrite, embedder: Embedder) -> PageLayout:
    """Everything about a page except its vectors.

    Raises:
        ChunkTooLong: If the model would not read all of a chunk.
    """
    payloads = [document_payload(write.document, len(write.chunks))]
    texts: dict[str, str] = {}
    sections = cited_sections(write.chunks)
    reach = reaches(write.chunks, sections, most=_REACH)
    for chunk, section, near in zip(write.chunks, sections, reach, strict=True):
        text = embedding_input(write.document.title, chunk.heading_path, chunk.text)
        tokens = _tokens(write.document, chunk, text, embedder)
        payloads.append(chunk_payload(write.document, chunk, section, tokens=tokens, reach=near))
        texts[payloads[-1]["embedding_hash"]] = text
    return PageLayout(write.uri, tuple(payloads), texts)


def make_point(payload: Payload, vectors: Mapping[str, DenseVector], manifest: Manifest, revision: int) -> Point:
    """The point of a payload, visible from a revision on."""
    key = (manifest.site, payload["version"], payload["locale"], payload["uri"], payload.get("ordinal", -1))
    name = "\n".join((*map(str, key), payload["fingerprint"], str(revision)))
    point_id = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
    stored = {**payload, "since": revision, "until": FOREVER}
    if payload["point"] == PointKind.DOCUMENT:
        return Point(point_id, stored)
    headings = "\n".join((payload["title"], *payload["heading_path"]))
    text_encoder = encoder_for(payload["locale"], manifest.average_length)
    heading_encoder = encoder_for(payload["locale"], AVERAGE_HEADING_LENGTH)
    sparse = {
        SPARSE: text_encoder.document(f"{headings}\n{payload['text']}"),
        HEADINGS: heading_encoder.document(headings),
    }
    return Point(point_id, stored, vectors[payload["embedding_hash"]], sparse)


def _tokens(document: Document, chunk: Chunk, text: str, embedder: Embedder) -> int:
    """Tokens of the embedding input; raises if the model would not read all of them."""
    limit, tokens = embedder.max_tokens, embedder.count_tokens(text)
    if tokens <= limit:
        return tokens
    raise ChunkTooLong(
        f"chunk {chunk.ordinal} of {shown(document.uri)} has {tokens} tokens with its title and headings; "
        f"{embedder.model_id} reads {limit}: cut it shorter",
        uri=document.uri,
        ordinal=str(chunk.ordinal),
        tokens=str(tokens),
        max_tokens=str(limit),
    )
