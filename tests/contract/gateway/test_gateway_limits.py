"""Whose limit it was, when to come back, and what costs nothing."""

import asyncio
from typing import Any

import httpx
import pytest
from docs_chat.agent.v1 import agent_service_pb2 as pb
from docs_chat.agent.v1 import turn_events_pb2 as events
from pydantic import SecretStr

from services.runtime.errors import QuotaDayExhausted, QuotaMinuteExhausted

KEYS = ("key-of-the-build-server-0123456789", "key-of-the-wiki-0123456789-abcdef")


def chatkit_question(text: str) -> dict[str, Any]:
    message = {"content": [{"type": "input_text", "text": text}], "attachments": [], "inference_options": {}}
    return {"type": "threads.create", "params": {"input": message}}


def completion(*texts: str) -> dict[str, Any]:
    """A conversation; the last message is the user's."""
    roles = ("user", "assistant")
    newest_first = [{"role": roles[at % 2], "content": text} for at, text in enumerate(reversed(texts))]
    return {"model": "docs-chat", "messages": newest_first[::-1]}


async def test_a_reader_hears_that_it_was_their_own_limit_and_when_to_come_back(start_gateway: Any) -> None:
    browser = await start_gateway(turns_per_reader="1/minute")
    await browser.ask("1")
    refused = await browser.post("/chatkit", json=chatkit_question("2"))
    told = refused.json()
    wait_s = int(refused.headers["retry-after"])
    assert told["message"].startswith("Too many questions from you: the limit is 1 a minute. Please try again in ")
    assert (refused.status_code, told["limit_owner"]) == (429, "reader")
    assert 1 <= wait_s <= 60


async def test_a_crowd_hears_that_it_was_their_networks_limit(start_gateway: Any) -> None:
    browser = await start_gateway(turns_per_network="2/minute", trusted_proxies=("127.0.0.1",))
    told = []
    for address in ("2001:db8:1:1::1", "2001:db8:1:2::1", "2001:db8:1:3::1", "2001:db8:2:1::1"):
        browser.cookies.clear()
        headers = {"X-Forwarded-For": address}
        told.append(await browser.post("/v1/chat/completions", json=completion("?"), headers=headers))
    assert [response.status_code for response in told] == [200, 200, 429, 200]
    assert told[2].json()["message"].startswith("Too many questions from your network: the limit is 2 a minute.")


async def test_devices_of_one_subscriber_count_together(start_gateway: Any) -> None:
    browser = await start_gateway(turns_per_address="2/minute", trusted_proxies=("127.0.0.1",))
    statuses = []
    for address in ("2001:db8:1:1::1", "2001:db8:1:1:2::2", "2001:db8:1:1:3::3", "2001:db8:1:2::1"):
        headers = {"X-Forwarded-For": address}
        browser.cookies.clear()
        statuses.append((await browser.post("/v1/chat/completions", json=completion("?"), headers=headers)).status_code)
    assert statuses == [200, 200, 429, 200]


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (QuotaDayExhausted("x", limit_owner="network", resets_at="2999-01-01T00:00:00+00:00"), "Your network's share"),
        (QuotaDayExhausted("x", limit_owner="provider", resets_at="2999-01-01T00:00:00+00:00"), "model provider"),
        (QuotaMinuteExhausted("x", limit_owner="provider"), "model provider"),
        (QuotaMinuteExhausted("x", limit_owner="network"), "from your network"),
        (QuotaMinuteExhausted("x", limit_owner="site"), "on this site"),
    ],
)
async def test_the_agents_refusals_keep_their_owner(
    start_gateway: Any, agent: Any, failure: Exception, words: str
) -> None:
    agent.play([failure])
    browser = await start_gateway()
    refused = await browser.post("/v1/chat/completions", json=completion("?"))
    assert refused.status_code == 429
    assert words in refused.json()["error"]["message"]
    assert refused.json()["limit_owner"] == failure.facts["limit_owner"]  # type: ignore[attr-defined]
    if isinstance(failure, QuotaDayExhausted):
        assert int(refused.headers["retry-after"]) > 86_400


@pytest.mark.parametrize("nothing", ["", "   ", "\n\t"])
async def test_an_empty_question_costs_no_question(start_gateway: Any, nothing: str) -> None:
    browser = await start_gateway(turns_per_reader="1/minute", requests_per_address="9/minute")
    await browser.post("/v1/readers")
    for body in (chatkit_question(nothing), {"type": "threads.create", "params": {}}):
        refused = await browser.post("/chatkit", json=body)
        assert refused.status_code == 200
        assert "Too many" not in refused.text
        assert '"type":"error"' in refused.text
    assert (await browser.post("/v1/chat/completions", json=completion(nothing))).status_code == 400
    assert (await browser.get("/v1/search", params={"q": nothing})).status_code == 400
    assert (await browser.post("/chatkit", json=chatkit_question("How?"))).status_code == 200


async def test_a_program_with_a_key_has_limits_of_its_own(start_gateway: Any) -> None:
    narrow = {"turns_per_reader": "1/minute", "turns_per_address": "1/minute", "streams_per_reader": 1}
    browser = await start_gateway(api_keys=tuple(map(SecretStr, KEYS)), turns_per_key="6/minute", **narrow)

    async def ask(key: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return await browser.post("/v1/chat/completions", json=completion("How?"), headers=headers)

    at_once = await asyncio.gather(*(ask(KEYS[0]) for _ in range(6)))
    assert [response.status_code for response in at_once] == [200] * 6
    refused = await ask(KEYS[0])
    assert (refused.status_code, refused.json()["limit_owner"]) == (429, "key")
    assert refused.json()["message"].startswith("Too many questions with this API key: the limit is 6 a minute.")
    assert int(refused.headers["retry-after"]) >= 1
    assert (await ask(KEYS[1])).status_code == 200


async def test_a_programs_requests_are_counted_by_key(start_gateway: Any) -> None:
    browser = await start_gateway(
        api_keys=(SecretStr(KEYS[0]),), requests_per_address="1/minute", requests_per_key="3/minute"
    )
    headers = {"Authorization": f"Bearer {KEYS[0]}"}
    statuses = [(await browser.get("/v1/models", headers=headers)).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


async def test_one_network_cannot_hold_all_places(start_gateway: Any, agent: Any) -> None:
    agent.play([agent.HANG], [pb.RunTurnResponse(turn_completed=events.TurnCompleted(text="ok"))])
    browser = await start_gateway(streams_per_network=1, trusted_proxies=("127.0.0.1",))

    async def ask(address: str) -> httpx.Response:
        headers = {"X-Forwarded-For": address}
        return await browser.post("/v1/chat/completions", json=completion("?"), headers=headers)

    first = asyncio.create_task(ask("192.0.2.1"))
    await agent.hanging.wait()
    neighbour = await ask("192.0.2.200")
    assert (neighbour.status_code, neighbour.json()["limit_owner"]) == (429, "network")
    assert (await ask("198.51.100.1")).status_code == 200
    first.cancel()
    await agent.cancelled.wait()


async def test_the_agent_is_told_the_network_but_not_the_address(start_gateway: Any, agent: Any) -> None:
    browser = await start_gateway(trusted_proxies=("127.0.0.1",))
    for address in ("2001:db8:1:2::a", "2001:db8:1:2::b", "2001:db8:1:3::a", "2001:db8:9:2::a", "::ffff:192.0.2.1"):
        browser.cookies.clear()
        await browser.post("/chatkit", json=chatkit_question("How?"), headers={"X-Forwarded-For": address})
    told = [request.reader_network for request in agent.requests]
    networks = [each.partition("/")[0] for each in told]
    assert told[0] == told[1] != told[2]
    assert networks[0] == networks[2]
    assert len(set(networks)) == 3
    assert not any(":" in each or "." in each for each in told)  # hexadecimal hashes, and nothing of an address


async def test_the_operator_hears_once_of_a_proxy_that_is_not_trusted(
    browser: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for address in ("", "192.0.2.1", "192.0.2.2"):
        headers = {"X-Forwarded-For": address} if address else {}
        await browser.post("/chatkit", json=chatkit_question("How?"), headers=headers)
    assert sum("GATEWAY_TRUSTED_PROXIES" in record.message for record in caplog.records) == 1


async def test_a_long_conversation_goes_on(browser: Any, agent: Any) -> None:
    said = [f"message {at}" for at in range(301)]
    response = await browser.post("/v1/chat/completions", json=completion(*said))
    assert response.status_code == 200
    assert [message.text for message in agent.requests[-1].messages] == said[-20:]
