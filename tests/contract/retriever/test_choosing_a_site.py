"""A page's address tells which site is meant; where it does not, the default or the only site is."""

from pathlib import Path
from typing import Any

import pytest
from docs_chat.retriever.v1 import documents_pb2 as docs
from docs_chat.retriever.v1 import index_service_pb2 as index_pb
from docs_chat.retriever.v1 import retriever_service_pb2 as pb

from services.retriever.embedding.local_embedder import LocalEmbedder
from services.runtime.errors import InvalidRequest, SiteNotFound
from tests.fakes.garden import Callers, failing_with, page, serving, write

BASES = {
    "product": "https://docs.example.org/",
    "handbook": "https://docs.example.org/handbook/",
    "mine": "https://my.example.com/docs/",
    "local": "http://127.0.0.1:8000/docs/",
}


async def published(callers: Callers, sites: dict[str, str]) -> None:
    for name, base_url in sites.items():
        written = page("water", "Watering", ("When", f"Water the {name} early."))
        written.document.uri = f"{base_url}water"
        profile = docs.SiteProfile(site=name, base_url=base_url, locales=["en"])
        begun = await callers.index.BeginRevision(index_pb.BeginRevisionRequest(profile=profile, owner="test"))
        await write(callers, begun.revision, written, site=name)
        await callers.index.PublishRevision(index_pb.PublishRevisionRequest(site=name, revision=begun.revision))


def asked(**where: Any) -> pb.SearchPassagesRequest:
    return pb.SearchPassagesRequest(queries=[pb.Query(text="When to water?")], **where)


@pytest.mark.parametrize(
    ("where", "site"),
    [
        ({"page_uri": "https://my.example.com/docs/a/b?x=1#y"}, "mine"),
        ({"page_uri": "https://my.example.com/docs"}, "mine"),
        ({"page_uri": "https://docs.example.org/handbook/a"}, "handbook"),
        ({"page_uri": "https://docs.example.org/handbooks"}, "product"),
        ({"page_uri": "http://localhost:8000/docs/intro"}, "local"),
        ({"page_uri": "https://my.example.com/docs/a", "default_site": "product"}, "mine"),
        ({"page_uri": "https://elsewhere.example/", "default_site": "product"}, "product"),
        ({"page_uri": "https://my.example.com/docs/a", "site": "product"}, "product"),
        ({"default_site": "handbook"}, "handbook"),
    ],
)
async def test_the_page_a_reader_is_on_tells_the_site(
    tmp_path: Path, embedder: LocalEmbedder, where: dict[str, str], site: str
) -> None:
    async with serving(tmp_path, embedder) as callers:
        await published(callers, BASES)
        found = await callers.retriever.SearchPassages(asked(**where))
        assert found.site == site
        assert found.passages[0].uri.startswith(BASES[site])


async def test_a_page_of_a_language_with_an_address_of_its_own_tells_its_site(
    tmp_path: Path, embedder: LocalEmbedder
) -> None:
    roots = {"en": BASES["mine"], "fr": "https://my.example.com/aide/", "de": "https://hilfe.example/"}
    async with serving(tmp_path, embedder) as callers:
        await published(callers, {"product": BASES["product"]})
        profile = docs.SiteProfile(
            site="mine",
            base_url=BASES["mine"],
            locales=list(roots),
            origins=["https://hilfe.example"],
            locale_roots=[docs.LocaleRoot(locale=name, base_url=root) for name, root in roots.items()],
        )
        begun = await callers.index.BeginRevision(index_pb.BeginRevisionRequest(profile=profile, owner="test"))
        await callers.index.PublishRevision(index_pb.PublishRevisionRequest(site="mine", revision=begun.revision))
        for root in roots.values():
            assert (await callers.retriever.SearchPassages(asked(page_uri=f"{root}water"))).site == "mine"


@pytest.mark.parametrize("where", [{}, {"page_uri": "https://elsewhere.example/"}, {"page_uri": "javascript:x"}])
async def test_where_nothing_tells_the_site_no_other_is_named(
    tmp_path: Path, embedder: LocalEmbedder, where: dict[str, str]
) -> None:
    async with serving(tmp_path, embedder) as callers:
        await published(callers, {name: BASES[name] for name in ("product", "mine")})
        async with failing_with(InvalidRequest) as errors:
            await callers.retriever.SearchPassages(asked(**where))
        assert not any(name in errors[0].message for name in BASES)
        async with failing_with(SiteNotFound) as errors:
            await callers.retriever.SearchPassages(asked(site="nowhere"))
        assert not any(name in errors[0].message for name in BASES)
