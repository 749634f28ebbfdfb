"""Readers in two docs instances and three languages of one site, through every process: what is cited, and where.

The site is the fixture `ferry`; `expected-ferry.json` is what the real Docusaurus built of it, so a citation counts
only when its page is an address of that build in the reader's own language.
"""

import base64
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from docs_chat.retriever.v1 import retriever_service_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2_grpc as rpc
from docs_chat.retriever.v1.passages_pb2 import Scope

from services.ingest.run.pipeline import IngestOptions, ingest_site
from services.ingest.run.retriever_client import RetrieverClient
from services.ingest.sources.source_tree.settings.site_config import read_site_config
from services.ingest.sources.source_tree.source import SourceTree
from services.retriever.embedding.local_embedder import LocalEmbedder
from services.retriever.server import serving
from services.retriever.settings import RetrieverSettings
from services.runtime.channels import ChannelSecurity, open_channel
from tests.fakes.agent_world import running_agent
from tests.fakes.gateway_world import gateway_before

SITES = Path(__file__).parents[1] / "fixtures" / "docusaurus_sites"
ROOTS = {
    "en": "https://ferry.example/guide",
    "fr": "https://ferry.example/guide/fr",
    "de": "https://faehre.example/hilfe",
}
TICKET, TIMETABLE = "How do I buy a ticket?", "How do I read the timetable?"


async def ignore(event: object) -> None:
    del event


@contextlib.asynccontextmanager
async def serving_site(folder: Path, site: Path) -> "AsyncIterator[tuple[str, rpc.RetrieverServiceAsyncStub]]":
    """A gateway before an agent and a retriever that has the site, and a stub of the retriever."""
    settings = RetrieverSettings(_env_file=None, port=0, data_dir=folder / "retriever")
    embedder = LocalEmbedder()
    try:
        async with serving(settings, embedder) as running:
            target = f"127.0.0.1:{running.port}"
            async with (
                open_channel(target, ChannelSecurity()) as channel,
                running_agent(target, folder / "agent") as (agent, _),
                gateway_before(f"127.0.0.1:{agent.port}", target, folder / "gateway") as (url, _gateway),
            ):
                index = RetrieverClient(channel, timeout_s=30, write_timeout_s=60, lease_s=60)
                await ingest_site(SourceTree(site, read_site_config(site)), IngestOptions("site"), index, ignore)
                yield url, rpc.RetrieverServiceStub(channel)
    finally:
        await embedder.close()


async def cited(url: str, question: str, *, locale: str = "en", path: str = "", **place: str) -> tuple[list[str], str]:
    """Addresses of the answer's sources, the first one first, and the whole stream."""
    context = {"page_uri": f"{ROOTS[locale]}{path}", "locale": locale, **place}
    header = base64.urlsafe_b64encode(json.dumps(context).encode()).decode()
    content = [{"type": "input_text", "text": question}]
    inputs: dict[str, Any] = {"content": content, "attachments": [], "quoted_text": "", "inference_options": {}}
    body = {"type": "threads.create", "params": {"input": inputs}}
    async with httpx.AsyncClient(timeout=60, trust_env=False) as reader:
        stream = (await reader.post(f"{url}/chatkit", json=body, headers={"X-Docs-Chat-Context": header})).text
    events = [json.loads(line[6:]) for line in stream.splitlines() if line.startswith("data: ")]
    items = [event["item"] for event in events if event["type"] == "thread.item.done"]
    answer = next(item for item in items if item["type"] == "assistant_message")["content"][0]
    return [annotation["source"]["data"]["href"] for annotation in answer["annotations"]], stream


@pytest.mark.timeout(240)
async def test_readers_are_led_to_their_own_version_and_language(tmp_path: Path) -> None:
    """One stack for all of them: starting it and indexing the site takes most of the time."""
    async with serving_site(tmp_path, SITES / "ferry") as (url, retriever):
        await _versions_belong_to_their_instance(url)
        await _sources_are_addresses_of_the_readers_language(url)
        await _every_passage_is_served_where_it_is_said_to_be(retriever)


async def _versions_belong_to_their_instance(url: str) -> None:
    here = {"version": "current", "docs_instance": "api", "path": "/api/next/timetable"}
    assert (await cited(url, TIMETABLE, **here))[0][0].startswith(f"{ROOTS['en']}/api/next/timetable#")
    assert (await cited(url, TICKET, **here))[0][0].startswith(f"{ROOTS['en']}/docs/tickets#")

    here = {"version": "current", "docs_instance": "default", "path": "/docs/next/tickets"}
    assert (await cited(url, TICKET, **here))[0][0].startswith(f"{ROOTS['en']}/docs/next/tickets#")
    assert (await cited(url, TIMETABLE, **here))[0][0].startswith(f"{ROOTS['en']}/api/timetable#")

    here = {"version": "1.0", "docs_instance": "default", "path": "/docs/1.0/tickets"}
    assert (await cited(url, TICKET, **here))[0][0].startswith(f"{ROOTS['en']}/docs/1.0/tickets#")

    released = {"docs_instance": "api", "path": "/api/timetable"}
    assert (await cited(url, TIMETABLE, **released))[0][0].startswith(f"{ROOTS['en']}/api/timetable#")
    assert (await cited(url, TICKET, **released))[0][0].startswith(f"{ROOTS['en']}/docs/tickets#")

    old_panel = {"version": "current", "path": "/docs/next/tickets"}
    assert (await cited(url, TICKET, **old_panel))[0][0].startswith(f"{ROOTS['en']}/docs/next/tickets#")


async def _sources_are_addresses_of_the_readers_language(url: str) -> None:
    untranslated, stream = await cited(url, TIMETABLE, locale="fr", docs_instance="api", path="/api/timetable")
    assert untranslated[0].startswith(f"{ROOTS['fr']}/api/timetable#")
    assert "Nothing was found where you are" not in stream, "the site shows this text here"

    translated, _ = await cited(url, "Quand l'embarquement se termine-t-il ?", locale="fr", path="/docs/embarquement")
    assert translated[0] == f"{ROOTS['fr']}/docs/embarquement#fin"

    # This version has no French page at all, another one has: the version is kept, and it is not left for the language.
    kept, _ = await cited(url, TICKET, locale="fr", version="1.0", docs_instance="default", path="/docs/1.0/boarding")
    assert kept[0].startswith(f"{ROOTS['fr']}/docs/1.0/tickets#")

    own_domain, _ = await cited(url, TICKET, locale="de", path="/docs/")
    assert own_domain[0].startswith(f"{ROOTS['de']}/docs/tickets#")
    about_page, _ = await cited(url, "What does this page say?", locale="de", path="/docs/boarding")
    assert about_page[0].startswith(f"{ROOTS['de']}/docs/boarding")


async def _every_passage_is_served_where_it_is_said_to_be(retriever: "rpc.RetrieverServiceAsyncStub") -> None:
    built = json.loads((SITES / "expected-ferry.json").read_text("utf-8"))
    for locale, root in ROOTS.items():
        origin = "/".join(root.split("/")[:3])
        served = {origin + quote(page["url"], safe="/&") for page in built if page["locale"] == locale}
        for question in (TICKET, TIMETABLE, "Which islands does it reach?", "May I take a bicycle?", "the office"):
            found = await retriever.SearchPassages(
                pb.SearchPassagesRequest(queries=[pb.Query(text=question)], scope=Scope(locale=locale), limit=20)
            )
            addresses = {passage.document_uri for passage in found.passages}
            assert addresses
            assert addresses <= served, (locale, question)
            for uri in addresses:
                page = await retriever.GetDocument(pb.GetDocumentRequest(uri=uri))
                assert page.document.uri == uri


LAMP = {
    "docusaurus.config.js": """export default {
  title: 'Lamp', url: 'https://lamp.example', baseUrl: '/', i18n: {defaultLocale: 'en', locales: ['en', 'zh']},
  presets: [['classic', {docs: {routeBasePath: '/'}, blog: false}]],
};""",
    "versions.json": '["2.0", "1.0"]',
    "docs/wick.md": "# Wick\n\n## How do I trim the wick?\n\nThe lamp of the next version has no wick.",
    "versioned_docs/version-2.0/wick.md": "# Wick\n\n## How do I trim the wick?\n\nRun `lamp trim --edge 2`.",
    "versioned_docs/version-1.0/wick.md": "# Wick\n\n## How do I trim the wick?\n\nUse the scissors in the box.",
    "i18n/zh/docusaurus-plugin-content-docs/version-1.0/wick.md": (
        "# 灯芯\n\n## 如何修剪灯芯？ {#trim}\n\n请使用盒子里的剪刀修剪灯芯，然后重新点亮灯。"
    ),
}


@pytest.mark.timeout(240)
async def test_a_version_is_left_only_when_the_site_shows_nothing_of_it_in_any_language(tmp_path: Path) -> None:
    for name, text in LAMP.items():
        (tmp_path / "lamp" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "lamp" / name).write_text(text, "utf-8")

    async def search(retriever: "rpc.RetrieverServiceAsyncStub", text: str, **scope: Any) -> pb.SearchPassagesResponse:
        request = pb.SearchPassagesRequest(queries=[pb.Query(text=text)], scope=Scope(**scope))
        return await retriever.SearchPassages(request)

    async with serving_site(tmp_path, tmp_path / "lamp") as (_, retriever):
        shown = await search(retriever, "How do I trim the wick?", locale="zh")
        assert shown.passages[0].uri == "https://lamp.example/zh/wick#how-do-i-trim-the-wick"
        assert "lamp trim" in shown.passages[0].text
        assert not shown.HasField("widening")

        older = await search(retriever, "如何修剪灯芯？", locale="zh")
        assert older.passages[0].uri == "https://lamp.example/zh/1.0/wick#trim"
        assert (older.widening.versions[0], older.widening.locale) == ("1.0", "")

        elsewhere = await search(retriever, "如何修剪灯芯？", versions=["1.0"], docs_instance="default")
        assert elsewhere.passages[0].uri == "https://lamp.example/zh/1.0/wick#trim"
        assert (list(elsewhere.widening.versions), elsewhere.widening.locale) == ([], "zh")
