"""A site whose three versions document the same features differently, read, indexed and searched for real."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from docs_chat.retriever.v1 import passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc

from services.ingest.run.pipeline import IngestOptions, ingest_site
from services.ingest.run.retriever_client import RetrieverClient
from services.ingest.sources.source_tree.settings.site_config import read_site_config
from services.ingest.sources.source_tree.source import SourceTree
from services.retriever.embedding.local_embedder import LocalEmbedder
from services.retriever.server import serving
from services.retriever.settings import RetrieverSettings
from services.runtime.channels import ChannelSecurity, open_channel

CONFIG = """export default {
  title: 'Courier', url: 'https://courier.example', baseUrl: '/', i18n: {defaultLocale: 'en', locales: ['en']},
  presets: [['classic', {docs: {routeBasePath: 'docs'}, blog: false}]],
};
"""
FEATURES = {
    "retries": (
        "# Retries\n\n## How often is a failed delivery tried again?\n\n{}",
        {
            "1.0": "A failed delivery is tried again three times. Set `maxRetries` in `courier.ini`.",
            "2.0": "A failed delivery is tried again five times. Set `retry.limit` in `courier.yaml`.",
            "current": "A failed delivery is tried again until its deadline. Set `retry.deadline` in `courier.toml`.",
        },
    ),
    "webhooks": (
        "# Webhooks\n\n## How do I check the signature of a webhook?\n\n{}",
        {
            "1.0": "Compare the header `X-Courier-MD5` with the MD5 digest of the body.",
            "2.0": "Compare the header `X-Courier-Signature` with the HMAC-SHA256 of the body.",
            "current": "Verify the header `Courier-Signature` with the public key of your workspace (Ed25519).",
        },
    ),
    "login": (
        "# Log in\n\n## How do I log in from the terminal?\n\n{}",
        {
            "1.0": "Run `courier login --password` and type the password of your account.",
            "2.0": "Run `courier login --token` with a token from the settings page.",
            "current": "Run `courier login`; a browser window opens and asks for your passkey.",
        },
    ),
}
ONLY_IN_1_0 = "# Fax gateway\n\n## How do I send a fax with the fax gateway?\n\nRun `courier fax --to NUMBER file.pdf`."
ASKED = (
    "How often is a failed delivery tried again?",
    "set the number of retries",
    "check the signature of a webhook",
    "which header has the webhook signature?",
    "How do I log in from the terminal?",
    "courier login",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source tree with the versions current (next), 2.0 (the last) and 1.0."""
    folder = tmp_path_factory.mktemp("courier")
    folders = {"1.0": "versioned_docs/version-1.0", "2.0": "versioned_docs/version-2.0", "current": "docs"}
    (folder / "docusaurus.config.js").write_text(CONFIG, "utf-8")
    (folder / "versions.json").write_text(json.dumps(["2.0", "1.0"]), "utf-8")
    for version, name in folders.items():
        (folder / name).mkdir(parents=True)
        for feature, (page, texts) in FEATURES.items():
            (folder / name / f"{feature}.md").write_text(page.format(texts[version]), "utf-8")
    (folder / folders["1.0"] / "fax.md").write_text(ONLY_IN_1_0, "utf-8")
    return folder


@pytest.fixture
async def retriever(site: Path, tmp_path: Path) -> "AsyncIterator[rpc.RetrieverServiceAsyncStub]":
    """A retriever with the site in its index."""
    settings = RetrieverSettings(_env_file=None, port=0, data_dir=tmp_path)
    embedder = LocalEmbedder()

    async def ignore(event: object) -> None:
        del event

    try:
        async with (
            serving(settings, embedder) as running,
            open_channel(f"127.0.0.1:{running.port}", ChannelSecurity()) as channel,
        ):
            index = RetrieverClient(channel, timeout_s=30, write_timeout_s=60, lease_s=60)
            await ingest_site(SourceTree(site, read_site_config(site)), IngestOptions("courier"), index, ignore)
            yield rpc.RetrieverServiceStub(channel)
    finally:
        await embedder.close()


async def ask(retriever: "rpc.RetrieverServiceAsyncStub", text: str, **options: Any) -> pb.SearchPassagesResponse:
    return await retriever.SearchPassages(pb.SearchPassagesRequest(queries=[pb.Query(text=text)], **options))


async def test_no_passage_of_another_version_is_found_in_scope(retriever: "rpc.RetrieverServiceAsyncStub") -> None:
    for version, unique in (("1.0", "X-Courier-MD5"), ("2.0", "X-Courier-Signature"), ("current", "Ed25519")):
        for text in ASKED:
            response = await ask(retriever, text, scope=passages_pb2.Scope(versions=[version]))
            assert {passage.version for passage in response.passages} == {version}, text
            assert not response.HasField("widening"), text
        first = (await ask(retriever, ASKED[2], scope=passages_pb2.Scope(versions=[version]))).passages[0]
        assert unique in first.text


async def test_without_a_version_the_last_one_answers(retriever: "rpc.RetrieverServiceAsyncStub") -> None:
    for text in ASKED:
        assert {passage.version for passage in (await ask(retriever, text)).passages} == {"2.0"}
    assert (await ask(retriever, ASKED[0])).passages[0].uri == (
        "https://courier.example/docs/retries#how-often-is-a-failed-delivery-tried-again"
    )


async def test_what_only_another_version_has_is_found_there_and_it_is_said(
    retriever: "rpc.RetrieverServiceAsyncStub",
) -> None:
    response = await ask(retriever, "How do I send a fax with the fax gateway?")
    assert set(response.widening.versions) == {"1.0", "current"}
    assert response.passages[0].version == "1.0"
    assert response.passages[0].uri.startswith("https://courier.example/docs/1.0/fax")


async def test_the_page_the_reader_is_on_decides_between_equals_and_no_more(
    retriever: "rpc.RetrieverServiceAsyncStub",
) -> None:
    base = "https://courier.example/docs"
    pages = [f"{base}/{feature}" for feature in FEATURES]
    for page in pages:  # whatever page the reader is on, a clear question finds its own
        first = (await ask(retriever, "How do I check the signature of a webhook?", page_uri=page)).passages[0]
        assert first.uri.startswith(f"{base}/webhooks")
    places = {
        page: [passage.uri.partition("#")[0] for passage in (await ask(retriever, "courier", page_uri=page)).passages]
        for page in pages
    }
    assert all(found.index(page) <= places[other].index(page) for page, found in places.items() for other in pages)
