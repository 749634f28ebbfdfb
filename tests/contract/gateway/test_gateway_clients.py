"""Search, OpenAI's and MCP's clients."""

import asyncio
import json
from typing import Any

import pytest
from mcp import Client
from openai import APIError, AsyncOpenAI, BadRequestError
from pydantic import SecretStr

from services.runtime.errors import IndexUnavailable, ProviderUnavailable, SiteNotFound


async def test_search_returns_passages_with_snippets(browser: Any, retriever: Any) -> None:
    response = await browser.get("/v1/search", params={"q": "retries", "version": "2.1", "kind": "doc", "limit": 3})
    body = response.json()
    assert body["passages"][0]["uri"] == "https://docs.example.com/retry#backoff"
    assert body["passages"][0]["snippet"].startswith("Set `retries`")
    assert (body["site"], body["revision"], body["query"]) == ("docs", 7, "retries")
    asked = retriever.searches[-1]
    assert (asked.queries[0].text, asked.limit, list(asked.scope.versions)) == ("retries", 3, ["2.1"])


@pytest.mark.parametrize("query", ["", "q=", "q=x&limit=0", "q=x&limit=51", "q=x&site=UPPER", "q=" + "x" * 8001])
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


async def test_an_openai_client_gets_a_cited_answer(browser: Any, agent: Any) -> None:
    messages = [
        {"role": "system", "content": "You are a pirate."},
        {"role": "user", "content": [{"type": "text", "text": "How do I retry?"}]},
    ]
    response = await browser.post("/v1/chat/completions", json={"model": "docs-chat/docs", "messages": messages})
    body = response.json()
    message = body["choices"][0]["message"]
    assert message["content"] == "Use `retries` 🎉."
    assert message["annotations"][0]["url_citation"]["url"] == "https://docs.example.com/retry#backoff"
    assert body["docs_chat"]["passages"][0]["title"] == "Retry"
    assert [each.text for each in agent.requests[-1].messages] == ["How do I retry?"]
    assert agent.requests[-1].site == "docs"


async def test_openais_own_client_streams(browser: Any) -> None:
    client = AsyncOpenAI(base_url=f"{browser.base_url}/v1", api_key="none", max_retries=0)
    stream = await client.chat.completions.create(
        model="docs-chat",
        messages=[{"role": "user", "content": "How do I retry?"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "Use `retries` 🎉."
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None
    assert [model.id async for model in client.models.list()] == ["docs-chat", "docs-chat/docs"]
    await client.close()


async def test_openais_own_client_understands_our_failures(browser: Any, agent: Any) -> None:
    client = AsyncOpenAI(base_url=f"{browser.base_url}/v1", api_key="none", max_retries=0)
    question: Any = {"messages": [{"role": "user", "content": "?"}]}
    with pytest.raises(BadRequestError, match="There is no model 'gpt-4'"):
        await client.chat.completions.create(model="gpt-4", **question)
    agent.play([ProviderUnavailable("no hint")])
    with pytest.raises(APIError, match="No language model can be reached"):
        await client.chat.completions.create(model="docs-chat", **question)
    with pytest.raises(APIError, match="No language model can be reached"):
        async for _ in await client.chat.completions.create(model="docs-chat", stream=True, **question):
            pass
    await client.close()


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "change",
    [
        {"messages": []},
        {"messages": [{"role": "assistant", "content": "x"}]},
        {"messages": [{"role": "user", "content": "x" * 8001}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
        {"tools": [{"type": "function"}]},
        {"n": 2},
        {"messages": [{"role": "user", "content": "half a pair: \ud800"}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "null: \0"}]}]},
        {"model": "docs-chat/\udc00"},
    ],
)
async def test_what_cannot_be_served_is_refused_to_openai_clients(browser: Any, change: dict[str, Any]) -> None:
    body = {"model": "docs-chat", "messages": [{"role": "user", "content": "?"}]} | change
    response = await browser.post("/v1/chat/completions", content=json.dumps(body), headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("stream", [True, False])
async def test_an_openai_client_that_leaves_stops_the_agent(browser: Any, agent: Any, stream: bool) -> None:
    agent.play([agent.HANG])
    body = {"model": "docs-chat", "messages": [{"role": "user", "content": "?"}], "stream": stream}
    asking = asyncio.create_task(browser.post("/v1/chat/completions", json=body))
    await agent.hanging.wait()
    asking.cancel()
    await agent.cancelled.wait()


async def test_api_keys_are_asked_for_when_there_are_any(start_gateway: Any) -> None:
    browser = await start_gateway(api_keys=(SecretStr("key-of-a-program"),))
    body = {"model": "docs-chat", "messages": [{"role": "user", "content": "?"}]}
    wrong = await browser.post("/v1/chat/completions", json=body, headers={"Authorization": "Bearer wrong"})
    right = await browser.post("/v1/chat/completions", json=body, headers={"Authorization": "Bearer key-of-a-program"})
    assert (wrong.status_code, right.status_code) == (401, 200)


async def test_an_mcp_client_searches_and_reads(browser: Any) -> None:
    async with Client(f"{browser.base_url}/mcp") as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        found = await client.call_tool("search_docs", {"query": "retries"})
        page = await client.call_tool("read_page", {"uri": "https://docs.example.com/retry#backoff"})
        missing = await client.call_tool("read_page", {"uri": "https://docs.example.com/none"})
    assert tools == {"search_docs", "read_page"}
    assert found.content[0].text.startswith(
        "## Retry › Client › Backoff (version 2.1)\nhttps://docs.example.com/retry#backoff"
    )
    assert page.content[0].text.startswith("# Retry\n\nhttps://docs.example.com/retry\n\nCalls are tried again.")
    assert "### Backoff" in page.content[0].text
    assert missing.is_error
    assert "not in the documentation" in missing.content[0].text
