"""What fails on the way to the retriever is told, never waited for."""

import pytest

from services.ingest.chunking.split import SplitDocument
from services.ingest.document import Document, Page
from services.ingest.run import retriever_client
from services.ingest.run.retriever_client import RetrieverClient
from services.ingest.run.site_index import OpenRevision, PageWrite
from services.runtime.channels import ChannelSecurity, open_channel
from services.runtime.document_kind import DocumentKind


async def test_a_page_that_cannot_be_put_on_the_wire_fails_its_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("no such field")

    monkeypatch.setattr(retriever_client, "document_to_proto", refuse)
    page = Page("https://docs.example/a", "docs/a.md", DocumentKind.DOC, "en")
    document = Document(page, "A", headings=(), sections=(), source_paths=("docs/a.md",))
    write = PageWrite(SplitDocument(document, (), "hash"), "source hash")
    async with open_channel("127.0.0.1:1", ChannelSecurity()) as channel:
        client = RetrieverClient(channel, timeout_s=1, write_timeout_s=1)
        with pytest.raises(ValueError, match="no such field"):
            await client.write(OpenRevision("docs", 1, 0, 60.0), [write])
