"""What operators see, and what nobody may."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr


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
