"""A published site is searched while somebody types."""

import asyncio
from typing import Any

import pytest
from docs_chat.retriever.v1 import documents_pb2 as docs
from docs_chat.retriever.v1 import index_service_pb2 as index_pb
from docs_chat.retriever.v1 import passages_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as pb

from services.runtime.errors import InvalidRequest, SiteNotFound
from tests.fakes.garden import BASE, SOIL, WATER, Callers, failing_with, page, publish


async def type_(callers: Callers, text: str, site: str = "garden", **options: Any) -> pb.SearchSectionsResponse:
    return await callers.retriever.SearchSections(pb.SearchSectionsRequest(site=site, text=text, **options))


def marks_of(marked: passages_pb2.MarkedText) -> list[str]:
    return [marked.text[mark.start : mark.end] for mark in marked.marks]


async def test_a_beginning_finds_the_section_on_its_page(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    found = await type_(callers, "compo")
    first = found.pages[0]
    assert (first.uri, first.title.text, first.kind, first.locale) == (
        BASE + "soil",
        "Soil",
        docs.DOCUMENT_KIND_DOC,
        "en",
    )
    section = first.sections[0]
    assert (section.uri, section.anchor) == (BASE + "soil#compost", "compost")
    assert marks_of(section.heading_path[0]) == ["Compo"]
    assert section.snippet.text.startswith("Compost needs air")
    assert 0 < section.relevance_score <= 1
    assert (found.site, found.revision, found.complete_count, found.corrected_text) == ("garden", 1, 1, "")


async def test_a_flag_is_found_before_it_is_typed_out(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    section = (await type_(callers, "--no-ti")).pages[0].sections[0]
    assert section.anchor == "drip-hoses"
    assert "no-ti" in marks_of(section.snippet)


async def test_what_was_meant_is_told(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    found = await type_(callers, "tomatose")
    assert (found.corrected_text, found.pages[0].sections[0].anchor) == ("tomatoes", "when-to-water")


async def test_the_next_revision_is_found_as_soon_as_it_is_published(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    await type_(callers, "comp")
    await publish(callers, page("soil", "Soil", ("Mulch", "Straw keeps the soil wet.")))
    assert not (await type_(callers, "comp")).pages
    found = await type_(callers, "mulc")
    assert (found.revision, found.pages[0].sections[0].anchor) == (2, "mulch")
    await callers.index.RollBack(index_pb.RollBackRequest(site="garden"))
    assert (await type_(callers, "comp")).revision == 1


async def test_the_page_tells_the_site(callers: Callers) -> None:
    await publish(callers, WATER)
    assert (await type_(callers, "wat", site="", page_uri=BASE + "water")).site == "garden"
    async with failing_with(SiteNotFound):
        await type_(callers, "wat", site="nowhere")


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("text", {"text": ""}),
        ("text", {"text": "x" * 501}),
        ("limit", {"limit": 51}),
        ("limit", {"limit": -1}),
        ("sections_per_page", {"sections_per_page": 11}),
    ],
)
async def test_a_wrong_search_is_refused_with_the_field(callers: Callers, field: str, options: dict[str, Any]) -> None:
    await publish(callers, WATER)
    async with failing_with(InvalidRequest) as caught:
        await type_(callers, **{"text": "wat", **options})
    assert set(caught[0].violations) == {field}


@pytest.mark.parametrize("text", [" ", "?!", "🤷", "\u200f", "\x00\x1b", "a" * 500, '"', "水" * 500])
async def test_nothing_found_is_an_answer(callers: Callers, text: str) -> None:
    await publish(callers, WATER)
    found = await type_(callers, text)
    assert (list(found.pages), found.complete_count) == ([], 0)


async def test_many_type_at_once(callers: Callers) -> None:
    await publish(callers, WATER, SOIL)
    typed = ["wat", "comp", "drip", "hos", "tomat", "heap", "fork", "sun"] * 4
    found = await asyncio.gather(*(type_(callers, text) for text in typed))
    assert all(response.pages for response in found)
