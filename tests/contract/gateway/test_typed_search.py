"""Search while somebody types: pages with their sections as JSON, texts in pieces, limits of its own."""

import asyncio
from typing import Any

import pytest
from docs_chat.retriever.v1 import documents_pb2
from docs_chat.retriever.v1 import passages_pb2 as pb
from docs_chat.retriever.v1 import retriever_service_pb2 as retriever_pb

from services.runtime.errors import IndexUnavailable, SiteNotFound

PATH = "/v1/search/sections"


def marked(text: str, *marks: tuple[int, int]) -> pb.MarkedText:
    return pb.MarkedText(text=text, marks=[pb.TextRange(start=start, end=end) for start, end in marks])


FOUND = retriever_pb.SearchSectionsResponse(
    site="docs",
    revision=7,
    complete_count=1,
    corrected_text="retries",
    pages=[
        pb.FoundPage(
            uri="https://docs.example.com/retry",
            title=marked("🎉 Retry", (2, 7)),
            kind=documents_pb2.DOCUMENT_KIND_BLOG,
            version="2.1",
            locale="en",
            sections=[
                pb.FoundSection(
                    uri="https://docs.example.com/retry#backoff",
                    anchor="backoff",
                    heading_path=[marked("Client"), marked("Backoff")],
                    snippet=marked("Set retries to <b>3</b>", (4, 11)),
                    relevance_score=0.5,
                )
            ],
        )
    ],
)


async def become_a_reader(browser: Any) -> None:
    token = (await browser.post("/v1/readers")).json()["token"]
    browser.headers["X-Docs-Chat-Reader"] = token


async def found() -> retriever_pb.SearchSectionsResponse:
    return FOUND


async def test_what_was_found_comes_by_page_with_texts_in_pieces(browser: Any, retriever: Any) -> None:
    retriever.sections = found
    body = (await browser.get(PATH, params={"q": "rertries"})).json()
    assert body.pop("took_ms") >= 0
    assert body == {
        "query": "rertries",
        "searched_for": "retries",
        "site": "docs",
        "revision": 7,
        "complete": 1,
        "pages": [
            {
                "uri": "https://docs.example.com/retry",
                "title": [{"text": "🎉 "}, {"text": "Retry", "mark": True}],
                "kind": "blog",
                "version": "2.1",
                "locale": "en",
                "sections": [
                    {
                        "uri": "https://docs.example.com/retry#backoff",
                        "anchor": "backoff",
                        "heading_path": [[{"text": "Client"}], [{"text": "Backoff"}]],
                        "snippet": [
                            {"text": "Set "},
                            {"text": "retries", "mark": True},
                            {"text": " to <b>3</b>"},
                        ],
                        "relevance": 0.5,
                    }
                ],
            }
        ],
    }


async def test_the_page_of_the_reader_narrows_the_search(browser: Any, retriever: Any) -> None:
    here = {
        "q": "retr ",
        "page_uri": "https://docs.example.com/2.1/x",
        "version": "2.1",
        "docs_instance": "api",
        "locale": "fr",
        "path_prefix": "/2.1/",
        "kind": ["doc", "page"],
        "limit": 3,
        "per_page": 2,
    }
    await browser.get(PATH, params=here)
    asked = retriever.typed[-1]
    assert (asked.text, asked.page_uri, asked.scope.docs_instance) == ("retr ", here["page_uri"], "api")
    assert (asked.limit, asked.sections_per_page, list(asked.scope.versions)) == (3, 2, ["2.1"])
    assert (asked.scope.locale, asked.scope.path_prefix) == ("fr", "/2.1/")
    assert list(asked.scope.kinds) == [documents_pb2.DOCUMENT_KIND_DOC, documents_pb2.DOCUMENT_KIND_PAGE]


async def test_finding_nothing_is_an_answer(browser: Any) -> None:
    response = await browser.get(PATH, params={"q": "…"})
    assert response.status_code == 200
    assert (response.json()["pages"], response.json()["searched_for"]) == ([], None)


@pytest.mark.parametrize("query", ["", "q=", "q=" + "x" * 501, "q=x&limit=0", "q=x&limit=51", "q=x&per_page=11"])
async def test_a_wrong_search_is_refused_with_the_field(browser: Any, query: str) -> None:
    response = await browser.get(f"{PATH}?{query}")
    assert response.status_code == 400
    assert response.json()["violations"]


@pytest.mark.parametrize(
    ("failure", "status"), [(SiteNotFound("none"), 404), (IndexUnavailable("opening", retry_after_s=2), 503)]
)
async def test_a_failed_search_has_a_status_and_words(browser: Any, retriever: Any, failure: Any, status: int) -> None:
    retriever.failure = failure
    response = await browser.get(f"{PATH}?q=x")
    assert (response.status_code, bool(response.json()["message"])) == (status, True)


async def test_typing_costs_neither_questions_nor_other_requests(start_gateway: Any) -> None:
    browser = await start_gateway(
        turns_per_reader="1/minute", requests_per_address="1/minute", typed_searches_per_reader="9/minute"
    )
    await become_a_reader(browser)
    for typed in ("r", "re", "ret", "retr"):
        assert (await browser.get(PATH, params={"q": typed})).status_code == 200
    events = await browser.ask("How?")
    assert not [event for event in events if event["type"] == "error"]


async def test_a_reader_may_type_only_so_fast(start_gateway: Any) -> None:
    browser = await start_gateway(typed_searches_per_reader="2/minute")
    await become_a_reader(browser)
    statuses = [(await browser.get(PATH, params={"q": "r"})).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = await browser.get(PATH, params={"q": "r"})
    assert refused.json()["message"].startswith("Too many searches from you: the limit is 2 a minute.")
    assert int(refused.headers["retry-after"]) >= 1


async def test_a_search_stops_when_the_reader_types_on(browser: Any, retriever: Any) -> None:
    searching, stopped = asyncio.Event(), asyncio.Event()

    async def slow() -> retriever_pb.SearchSectionsResponse:
        searching.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return FOUND

    retriever.sections = slow
    older = asyncio.create_task(browser.get(PATH, params={"q": "retr"}))
    await searching.wait()
    older.cancel()
    await asyncio.wait_for(stopped.wait(), timeout=5)
