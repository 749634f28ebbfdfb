"""Who may ask, how much and from where."""

import asyncio
import hashlib
import time
from typing import Any

import jwt
import pytest
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import turn_events_pb2 as events
from pydantic import SecretStr

LOGIN_SECRET = "login-secret-of-at-least-32-characters"


def login(**claims: Any) -> dict[str, str]:
    token = jwt.encode({"sub": "ada", "exp": time.time() + 60, **claims}, LOGIN_SECRET, algorithm="HS256")
    return {"Authorization": f"Bearer {token}"}


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
    foreign = await start_gateway(secret="another-secret-of-32-characters-or-more")
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
        {"Authorization": "Bearer " + jwt.encode({"sub": "ada", "exp": 9e9}, "", algorithm="none")},
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


async def test_a_reader_who_asks_too_much_is_told_when_to_come_back(start_gateway: Any) -> None:
    browser = await start_gateway(turns_per_reader="2/minute")
    await browser.ask("1")
    await browser.ask("2")
    message = {"content": [{"type": "input_text", "text": "3"}], "attachments": [], "inference_options": {}}
    refused = await browser.post("/chatkit", json={"type": "threads.create", "params": {"input": message}})
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


@pytest.mark.parametrize("trusted", [(), ("127.0.0.1",)])
async def test_a_cookie_behind_a_tls_proxy_is_for_encrypted_connections_only(start_gateway: Any, trusted: Any) -> None:
    """Also when nobody told us to trust the proxy: the page's own origin says how the browser reaches us."""
    browser = await start_gateway(allowed_hosts=("chat.example.com",), trusted_proxies=trusted)
    headers = {"Host": "chat.example.com", "Origin": "https://chat.example.com", "X-Forwarded-Proto": "https"}
    response = await browser.post("/chatkit", json={"type": "threads.list", "params": {}}, headers=headers)
    assert "Secure" in response.headers["set-cookie"]
    assert "SameSite=lax" in response.headers["set-cookie"]


async def test_a_token_in_a_header_must_be_valid_to_read_once_there_are_keys(start_gateway: Any) -> None:
    browser = await start_gateway(api_keys="key-of-a-program")
    token = (await browser.post("/v1/readers")).json()["token"]
    browser.cookies.clear()
    statuses = [
        (await browser.get("/v1/search?q=x", headers={"X-Docs-Chat-Reader": each})).status_code
        for each in (token, token + "x", "")
    ]
    assert statuses == [200, 401, 401]


async def test_cookies_of_an_older_signing_secret_keep_working(start_gateway: Any) -> None:
    old, new = "o" * 32, "n" * 32
    before = await start_gateway(secret=old)
    await before.ask("Mine")
    after = await start_gateway(secret=f"{new},{old}")
    after.cookies.update(before.cookies)
    assert [thread["title"] for thread in (await after.chatkit("threads.list")).json()["data"]] == ["Mine"]
    gone = await start_gateway(secret=new)
    gone.cookies.update(before.cookies)
    assert (await gone.chatkit("threads.list")).json()["data"] == []


async def test_a_program_is_known_by_the_name_of_its_key_and_never_by_the_key(
    start_gateway: Any, agent: Any, caplog: Any
) -> None:
    caplog.set_level("INFO")
    hashed = hashlib.sha256(b"key-that-is-long-enough").hexdigest()
    browser = await start_gateway(api_keys=f"nightly=sha256:{hashed}")
    headers = {"Authorization": "Bearer key-that-is-long-enough"}
    body = {"model": "docs-chat", "messages": [{"role": "user", "content": "?"}]}
    assert (await browser.post("/v1/chat/completions", json=body, headers=headers)).status_code == 200
    assert agent.requests[-1].reader_id == "program:name:nightly"
    (served,) = [record for record in caplog.records if record.message == "request served"]
    assert vars(served)["program"] == "nightly"
    assert (await browser.get("/v1/models", headers={"Authorization": f"Bearer sha256:{hashed}"})).status_code == 401
