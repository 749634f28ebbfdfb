"""Addresses that answers may have cited, and that lead nowhere after an ingestion."""

import asyncio

from docs_chat.ingest.v1 import ingest_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2 as retriever
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from services.runtime.calls import answered
from services.runtime.errors import NotFound

_MOST_PAGES = 500
"""Changed pages that are compared; what is moved by the thousand is moved on purpose."""


class BrokenAddresses:
    """Compares the pages of a run with what the index had of them.

    Args:
        stub: The retriever.
        site: Name of the site.
        timeout_s: Longest wait for one page.
    """

    def __init__(self, stub: "rpc.RetrieverServiceAsyncStub", site: str, timeout_s: float) -> None:
        self._stub = stub
        self._site = site
        self._timeout_s = timeout_s
        self._removed: list[str] = []
        self._before: dict[str, tuple[int, set[str]]] = {}

    async def note(self, page: pb.PageIngested) -> None:
        """Look up a page that is about to change: until the run has published, the index shows what was before."""
        if page.outcome == pb.PAGE_OUTCOME_REMOVED:
            self._removed.append(page.uri)
        elif page.outcome == pb.PAGE_OUTCOME_CHANGED and len(self._before) < _MOST_PAGES:
            self._before[page.uri] = await self._anchors(page.uri)

    async def found(self, revision: int) -> list[str]:
        """What leads nowhere now.

        Args:
            revision: The one that the run published; pages that were looked up too late are not compared.
        """
        early = {uri: anchors for uri, (seen, anchors) in self._before.items() if seen < revision}
        after = await asyncio.gather(*(self._anchors(uri) for uri in early))
        gone = [
            f"{uri}#{anchor}"
            for (uri, before), (_, now) in zip(early.items(), after, strict=True)
            for anchor in sorted(before - now)
        ]
        return [*self._removed, *gone]

    async def _anchors(self, uri: str) -> tuple[int, set[str]]:
        """The revision that readers see, and the headings of a page in it."""
        request = retriever.GetDocumentRequest(site=self._site, uri=uri)
        try:
            page = await answered(self._stub.GetDocument(request, timeout=self._timeout_s), "retriever")
        except NotFound:
            return 0, set()
        return page.revision, {anchor for chunk in page.chunks for anchor in (chunk.anchor, *chunk.anchor_path)} - {""}
