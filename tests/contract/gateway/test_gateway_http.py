"""Everything around ChatKit: who may ask, how much, search, OpenAI's and MCP's clients, operators."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import turn_events_pb2 as events
from mcp import Client
from openai import APIError, AsyncOpenAI, BadRequestError
from pydantic import SecretStr

from services.runtime.errors import IndexUnavailable, ProviderUnavailable, SiteNotFound

LOGIN_SECRET = "login-secret-of-at-least-32-characters"


def login(**claims: Any) -> dict[str, str]:
    token = jwt.encode({"sub": "ada", "exp": time.time() + 60, **claims}, LOGIN_SECRET, algorithm="HS256")
    return {"Authorization": f"Bearer {token}"}


# readers


async def test_a_new_reader_gets_a_cookie_that_scripts_cannot_read(browser: Any) -> None:
    response = await browser.chatkit("threads.list")
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "set-cookie" not in (await browser.chatkit("threads.list")).headers


async def test_a_forged_cookie_makes_a_new_reader(browser: Any) -> None:
    await browser.ask("Mine")
    browser.cookies.set("docs_chat_reader", "forged.token.value", domain="127.0.0.1")
    response = await browser.chatkit("threads.list")
    assert response.json()["data"] == []


async def test_a_panel_without_cookies_uses_a_token(browser: Any, start_gateway: Any) -> None:
    token = (await browser.post("/v1/readers")).json()["token"]
    browser.headers["X-Docs-Chat-Reader"] = token
    await browser.ask("Mine")
    elsewhere = await start_gateway()
    body = {"type": "threads.list", "params": {}}
    response = await elsewhere.post("/chatkit", json=body, headers={"X-Docs-Chat-Reader": token})
    assert [thread["title"] for thread in response.json()["data"]] == ["Mine"]
    again = await elsewhere.post("/v1/readers", headers={"X-Docs-Chat-Reader": token})
    assert again.json() == {"kind": "anonymous", "token": token}


async def test_a_panel_hears_that_its_token_has_become_invalid(browser: Any, start_gateway: Any) -> None:
    foreign = await start_gateway(secret=SecretStr("another secret"))
    headers = {"X-Docs-Chat-Reader": (await foreign.post("/v1/readers")).json()["token"]}
    body = {"type": "threads.list", "params": {}}
    assert (await browser.post("/chatkit", json=body, headers=headers)).status_code == 401
    renewed = (await browser.post("/v1/readers", headers=headers)).json()["token"]
    again = await browser.post("/chatkit", json=body, headers={"X-Docs-Chat-Reader": renewed})
    assert again.status_code == 200


async def test_a_reader_can_be_forgotten(browser: Any) -> None:
    await browser.ask("Mine")
    assert (await browser.delete("/v1/readers/me")).json() == {"conversations_deleted": 1}
    assert (await browser.chatkit("threads.list")).json()["data"] == []


async def test_a_login_finds_its_conversations_from_any_browser(start_gateway: Any) -> None:
    settings = {"login_secret": SecretStr(LOGIN_SECRET), "require_login": True}
    first, second = await start_gateway(**settings), await start_gateway(**settings)
    first.headers.update(login())
    second.headers.update(login())
    await first.ask("Mine")
    assert len((await second.chatkit("threads.list")).json()["data"]) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer nonsense"},
        login(exp=time.time() - 5),
        login(aud="another"),
        {"Authorization": "Bearer " + jwt.encode({"sub": "ada", "exp": 9e9}, "x" * 40, algorithm="HS256")},
        {"Authorization": "Bearer " + jwt.encode({"sub": "ada", "exp": 9e9}, None, algorithm="none")},
        {"Authorization": "Bearer " + jwt.encode({"sub": "ada"}, LOGIN_SECRET, algorithm="HS256")},
    ],
)
async def test_without_a_valid_login_nobody_is_answered(start_gateway: Any, headers: dict[str, str]) -> None:
    browser = await start_gateway(
        login_secret=SecretStr(LOGIN_SECRET), require_login=True, login_audience="docs" if headers else ""
    )
    for method, path in [("POST", "/chatkit"), ("GET", "/v1/search?q=x"), ("GET", "/v1/models"), ("POST", "/mcp")]:
        response = await browser.request(method, path, headers=headers, json={} if method == "POST" else None)
        assert (path, response.status_code) == (path, 401)
        assert response.json()["message"]


# limits


async def test_a_reader_who_asks_too_much_is_told_when_to_come_back(start_gateway: Any) -> None:
    browser = await start_gateway(turns_per_reader="2/minute")
    await browser.ask("1")
    await browser.ask("2")
    body = {"type": "threads.create", "params": {}}
    refused = await browser.post("/chatkit", json=body)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["message"].startswith("Too many questions")


async def test_new_readers_do_not_get_around_the_limit_of_their_address(start_gateway: Any) -> None:
    browser = await start_gateway(turns_per_address="2/minute")
    statuses = []
    for _ in range(3):
        browser.cookies.clear()
        body = {"model": "docs-chat", "messages": [{"role": "user", "content": "?"}]}
        statuses.append((await browser.post("/v1/chat/completions", json=body)).status_code)
    assert statuses == [200, 200, 429]


async def test_one_reader_cannot_hold_all_places(start_gateway: Any, agent: Any) -> None:
    agent.play([agent.HANG], [pb.RunTurnResponse(turn_completed=events.TurnCompleted(text="ok"))])
    browser = await start_gateway(streams_per_reader=1)
    await browser.post("/v1/readers")
    token = (await browser.post("/v1/readers")).json()["token"]
    browser.headers["X-Docs-Chat-Reader"] = token
    first = asyncio.create_task(browser.ask("1"))
    await agent.hanging.wait()
    (error,) = [event for event in await browser.ask("2") if event["type"] == "error"]
    assert error["message"].startswith("Too many questions")
    first.cancel()
    await agent.cancelled.wait()


async def test_a_large_body_is_refused_before_it_is_read(start_gateway: Any) -> None:
    browser = await start_gateway(max_body_bytes=5000)
    assert (await browser.post("/chatkit", content=b"x" * 5001)).status_code == 413

    async def chunks() -> Any:
        for _ in range(10):
            yield b"x" * 1000

    for path in ("/chatkit", "/v1/chat/completions"):
        response = await browser.post(path, content=chunks())
        assert (path, response.status_code) == (path, 413)


# origins


async def test_pages_of_strangers_may_not_ask(browser: Any) -> None:
    body = {"type": "threads.list", "params": {}}
    refused = await browser.post("/chatkit", json=body, headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403
    assert "GATEWAY_ALLOWED_ORIGINS" in refused.json()["message"]
    assert (await browser.post("/chatkit", json=body, headers={"Origin": "null"})).status_code == 403
    same = str(browser.base_url).rstrip("/")
    assert (await browser.post("/chatkit", json=body, headers={"Origin": same})).status_code == 200


async def test_a_docs_site_on_another_host_may_ask_when_it_is_listed(start_gateway: Any) -> None:
    origin = "https://docs.example.com"
    browser = await start_gateway(allowed_origins=(origin,), trusted_proxies=("127.0.0.1",))
    preflight = await browser.options(
        "/chatkit",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-docs-chat-context,chatkit-frame-instance-id",
        },
    )
    assert preflight.headers["access-control-allow-origin"] == origin
    headers = {"Origin": origin, "X-Forwarded-Proto": "https"}
    response = await browser.post("/chatkit", json={"type": "threads.list", "params": {}}, headers=headers)
    assert response.headers["access-control-allow-credentials"] == "true"
    assert "SameSite=none" in response.headers["set-cookie"]
    assert "Secure" in response.headers["set-cookie"]


async def test_only_trusted_proxies_name_the_address(start_gateway: Any) -> None:
    body = {"model": "docs-chat", "messages": [{"role": "user", "content": "?"}]}
    for trusted, expected in [((), 429), (("127.0.0.1",), 200)]:
        browser = await start_gateway(turns_per_address="1/minute", trusted_proxies=trusted)
        statuses = []
        for address in ("203.0.113.1", "203.0.113.2"):
            browser.cookies.clear()
            headers = {"X-Forwarded-For": address}
            statuses.append((await browser.post("/v1/chat/completions", json=body, headers=headers)).status_code)
        assert statuses == [200, expected]


async def test_only_known_host_names_are_answered(start_gateway: Any) -> None:
    browser = await start_gateway(allowed_hosts=("docs.example.com",))
    assert (await browser.get("/healthz")).status_code == 400
    assert (await browser.get("/healthz", headers={"Host": "docs.example.com"})).status_code == 200


# search


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


# OpenAI's clients


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


# MCP's clients


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


# operators


async def test_readiness_names_what_is_missing(browser: Any, start_gateway: Any) -> None:
    ready = await browser.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "missing": {}})
    lonely = await start_gateway(agent_target="127.0.0.1:1")
    response = await lonely.get("/readyz")
    assert response.status_code == 503
    assert response.json()["missing"] == {"agent": "cannot be reached at 127.0.0.1:1 (UNAVAILABLE)"}
    assert (await lonely.get("/healthz")).status_code == 200


async def test_metrics_count_turns_and_can_be_closed(browser: Any, start_gateway: Any) -> None:
    await browser.ask("?")
    page = (await browser.get("/metrics")).text
    assert 'docs_chat_gateway_turns_total{channel="chatkit",outcome="completed",source="model"}' in page
    closed = await start_gateway(metrics_token=SecretStr("scraper"))
    assert (await closed.get("/metrics")).status_code == 401
    assert (await closed.get("/metrics", headers={"Authorization": "Bearer scraper"})).status_code == 200


async def test_every_response_carries_the_request_id_and_security_headers(browser: Any) -> None:
    response = await browser.get("/healthz", headers={"X-Request-Id": "id-of-my-request"})
    assert response.headers["x-request-id"] == "id-of-my-request"
    assert response.headers["x-content-type-options"] == "nosniff"
    strange = await browser.get("/healthz", headers={"X-Request-Id": "<script>"})
    assert strange.headers["x-request-id"] != "<script>"


async def test_what_does_not_exist_is_told_in_json(browser: Any) -> None:
    response = await browser.post("/v2/none")
    assert response.status_code in (404, 405)
    assert response.json()["message"]


@pytest.mark.parametrize("allowed", [False, True])
async def test_records_hold_the_question_only_when_allowed(start_gateway: Any, allowed: bool) -> None:
    browser = await start_gateway(store_texts=allowed)
    await browser.ask("How do I retry?")
    (record,) = await browser.records()
    assert record["question"] == ("How do I retry?" if allowed else None)
    assert (record["outcome"], record["verdict"], record["source"]) == ("completed", "answerable", "model")
    assert json.loads(record["cited_uris"]) == ["https://docs.example.com/retry#backoff"]
    assert record["total_ms"] >= record["passages_ms"] >= 0


async def test_the_signing_secret_is_for_our_eyes_only(browser: Any, tmp_path: Path) -> None:
    assert (tmp_path / "data" / "reader-secret").stat().st_mode & 0o777 == 0o600


async def test_a_failure_we_did_not_expect_tells_nothing(browser: Any) -> None:
    async def explode(*args: Any) -> None:
        raise ZeroDivisionError("sk-or-v1-secret")

    browser.gateway.conversations.reply = explode
    response = await browser.chatkit("threads.list")
    assert response.status_code == 500
    assert "secret" not in response.text
