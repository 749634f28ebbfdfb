"""Search as JSON."""

from typing import Any

import pytest

from services.runtime.errors import IndexUnavailable, SiteNotFound


async def test_search_returns_passages_with_snippets(browser: Any, retriever: Any) -> None:
    response = await browser.get("/v1/search", params={"q": "retries", "version": "2.1", "kind": "doc", "limit": 3})
    body = response.json()
    assert body["passages"][0]["uri"] == "https://docs.example.com/retry#backoff"
    assert body["passages"][0]["snippet"].startswith("Set `retries`")
    assert (body["site"], body["revision"], body["query"]) == ("docs", 7, "retries")
    asked = retriever.searches[-1]
    assert (asked.queries[0].text, asked.limit, list(asked.scope.versions)) == ("retries", 3, ["2.1"])


@pytest.mark.parametrize(
    "query", ["", "q=", "q=%09%20", "q=x&limit=0", "q=x&limit=51", "q=x&site=UPPER", "q=" + "x" * 8001]
)
async def test_a_wrong_search_is_refused_with_the_field(browser: Any, query: str) -> None:
    response = await browser.get(f"/v1/search?{query}")
    assert response.status_code == 400
    assert response.json()["violations"]


@pytest.mark.parametrize(
    ("failure", "status"), [(SiteNotFound("none"), 404), (IndexUnavailable("opening", retry_after_s=2), 503)]
)
async def test_a_failed_search_has_a_status_and_words(browser: Any, retriever: Any, failure: Any, status: int) -> None:
    retriever.failure = failure
    response = await browser.get("/v1/search?q=x")
    assert response.status_code == status
    assert response.json()["message"]
    assert response.headers.get("retry-after") == ("2" if status == 503 else None)


async def test_search_says_when_a_post_is_from_and_what_was_searched_for(browser: Any, retriever: Any) -> None:
    found = retriever.found
    found.searched_for.append("retries")
    found.passages[0].published_at.FromSeconds(1_600_000_000)
    body = (await browser.get("/v1/search", params={"q": "rettries"})).json()
    assert body["searched_for"] == "retries"
    assert body["passages"][0]["published"] == "2020-09-13"
    assert all("published" not in passage for passage in body["passages"][1:])
