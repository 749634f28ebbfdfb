"""Pages as Markdown and `llms.txt`, over real HTTP."""

from typing import Any

import pytest

PAGE = "https://docs.example.com/retry"


@pytest.mark.parametrize("query", [f"uri={PAGE}", f"uri={PAGE}/&site=docs", f"uri={PAGE}%23backoff"])
async def test_a_page_is_given_as_markdown(browser: Any, query: str) -> None:
    response = await browser.get(f"/v1/pages.md?{query}")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/markdown; charset=utf-8"
    assert response.text.startswith(f"# Retry\n\n{PAGE}\n\nCalls are tried again.\n\n### Backoff\n\nSet `retries`")


@pytest.mark.parametrize("uri", ["https://docs.example.com/nowhere", "https://elsewhere.example/retry", "retry"])
async def test_a_page_that_is_not_indexed_is_not_found(browser: Any, uri: str) -> None:
    response = await browser.get("/v1/pages.md", params={"uri": uri})
    assert response.status_code == 404
    assert response.json()["message"]


async def test_llms_txt_lists_the_pages_as_links_to_their_markdown(browser: Any) -> None:
    response = await browser.get("/v1/sites/docs/llms.txt")
    assert response.status_code == 200
    lines = response.text.splitlines()
    assert lines[:3] == ["# docs", "", "> Documentation at https://docs.example.com/"]
    entries = [line for line in lines if line.startswith("- ")]
    assert len(entries) == 2
    target = f"{browser.base_url}/v1/pages.md?site=docs&uri=https%3A%2F%2Fdocs.example.com%2Fdocs"
    assert entries[0] == f"- [docs first]({target}): en"


async def test_a_site_that_is_not_published_has_no_list(browser: Any) -> None:
    assert (await browser.get("/v1/sites/other/llms.txt")).status_code == 404
