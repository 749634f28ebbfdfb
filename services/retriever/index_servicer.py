"""The writing side of the contract: checks what is sent and hands it on."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from docs_chat.retriever.v1 import index_service_pb2 as pb
from docs_chat.retriever.v1 import index_service_pb2_grpc as rpc

from services.retriever.embedding.embedder import Embedder
from services.retriever.translate.documents import chunk_from_proto, document_from_proto
from services.retriever.translate.sites import profile_from_proto, site_to_proto
from services.retriever.writing.indexing import Indexing
from services.retriever.writing.page_points import PageRemoval, PageWrite
from services.retriever.writing.revisions import Revisions
from services.runtime.embedding_input import INPUT_FORMAT
from services.runtime.errors import InvalidRequest, shown
from services.runtime.page_addresses import anchor_problem, page_address_problem
from services.runtime.times import duration


class IndexServicer(rpc.IndexServiceServicer):
    """Answers IndexService.

    Args:
        revisions: What can happen to a site as a whole.
        indexing: Writes pages.
        embedder: The embedding model.
        published: Called with the name of a site whose readers see another revision now.
    """

    def __init__(
        self, revisions: Revisions, indexing: Indexing, embedder: Embedder, *, published: Callable[[str], None]
    ) -> None:
        self._published = published
        self._revisions = revisions
        self._indexing = indexing
        self._embedder = embedder

    async def GetChunkingProfile(
        self, request: pb.GetChunkingProfileRequest, context: Any
    ) -> pb.GetChunkingProfileResponse:
        return pb.GetChunkingProfileResponse(
            embedding_model=self._embedder.model_id,
            max_tokens=self._embedder.max_tokens,
            tokenizer_json=self._embedder.tokenizer_json,
            input_format=INPUT_FORMAT,
        )

    async def BeginRevision(self, request: pb.BeginRevisionRequest, context: Any) -> pb.BeginRevisionResponse:
        lease_s = request.lease.ToMilliseconds() / 1000 if request.HasField("lease") else 0.0
        manifest, opened = await self._revisions.begin(
            profile_from_proto(request.profile),
            request.owner,
            lease_s=lease_s,
            take_over=request.take_over,
            anew=request.anew,
        )
        return pb.BeginRevisionResponse(
            revision=opened.number,
            published_revision=manifest.published_revision,
            lease=duration(opened.lease_s),
        )

    async def RenewLease(self, request: pb.RenewLeaseRequest, context: Any) -> pb.RenewLeaseResponse:
        return pb.RenewLeaseResponse(lease=duration(await self._revisions.renew(request.site, request.revision)))

    async def WriteDocuments(
        self, request_iterator: AsyncIterator[pb.WriteDocumentsRequest], context: Any
    ) -> pb.WriteDocumentsResponse:
        first = await anext(aiter(request_iterator), None)
        if first is None or first.WhichOneof("write") != "revision":
            raise _invalid("revision", "the first message must name the revision")
        site, revision = first.revision.site, first.revision.revision
        _, opened = await self._revisions.open_revision(site, revision)
        writes = _writes(request_iterator, opened.profile.page_origins)
        counts = await self._indexing.write(site, revision, writes)
        return pb.WriteDocumentsResponse(**{outcome.value: count for outcome, count in counts.items()})

    async def PublishRevision(self, request: pb.PublishRevisionRequest, context: Any) -> pb.PublishRevisionResponse:
        manifest = await self._revisions.publish(request.site, request.revision)
        self._published(request.site)
        return pb.PublishRevisionResponse(site=site_to_proto(manifest))

    async def AbandonRevision(self, request: pb.AbandonRevisionRequest, context: Any) -> pb.AbandonRevisionResponse:
        await self._revisions.abandon(request.site, request.revision)
        return pb.AbandonRevisionResponse()

    async def RollBack(self, request: pb.RollBackRequest, context: Any) -> pb.RollBackResponse:
        manifest = await self._revisions.roll_back(request.site, request.revision)
        self._published(request.site)
        return pb.RollBackResponse(site=site_to_proto(manifest))

    async def DeleteSite(self, request: pb.DeleteSiteRequest, context: Any) -> pb.DeleteSiteResponse:
        return pb.DeleteSiteResponse(deleted=await self._revisions.delete(request.site))


async def _writes(
    messages: AsyncIterator[pb.WriteDocumentsRequest], origins: Sequence[str]
) -> AsyncIterator[PageWrite | PageRemoval]:
    async for message in messages:
        match message.WhichOneof("write"):
            case "document":
                yield _page_write(message.document, origins)
            case "removed_uri":
                yield PageRemoval(message.removed_uri)
            case _:
                raise _invalid("write", "after the first message, each one carries a document or a removed_uri")


def _page_write(message: pb.DocumentWrite, origins: Sequence[str]) -> PageWrite:
    document = document_from_proto(message.document)
    chunks = tuple(chunk_from_proto(chunk) for chunk in message.chunks)
    page = shown(document.uri or document.title or "unnamed")
    if missing := [name for name in ("uri", "title", "locale", "content_hash") if not getattr(document, name)]:
        raise _invalid(f"document.{missing[0]}", f"empty in a page ({page})")
    if problem := page_address_problem(document.uri, origins):
        raise _invalid("document.uri", f"{problem} ({page})")
    if [chunk.ordinal for chunk in chunks] != list(range(len(chunks))) or not chunks:
        raise _invalid("chunks", f"ordinals must run from 0 without gaps, at least one chunk ({page})")
    if not all(chunk.text.strip() for chunk in chunks):
        raise _invalid("chunks", f"a chunk has no text ({page})")
    anchors = {anchor for chunk in chunks for anchor in (chunk.anchor, *chunk.anchor_path)}
    if problem := next(filter(None, map(anchor_problem, anchors)), ""):
        raise _invalid("chunks", f"{problem} ({page})")
    return PageWrite(document, chunks)


def _invalid(field: str, problem: str) -> InvalidRequest:
    return InvalidRequest(f"{field}: {problem}", violations={field: problem})
