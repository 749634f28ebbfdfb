"""An error says what was wrong and repeats little of it, whatever a caller sends."""

import json
from typing import Any

import httpx
import pytest
from docs_chat.retriever.v1 import documents_pb2
from docs_chat.retriever.v1 import retriever_service_pb2 as retriever_pb

LONG = "abcdefgh" * 500
REPEATED = LONG[:65]
"""One character more than an error may repeat."""


async def errors_about(browser: httpx.AsyncClient, text: str) -> dict[str, httpx.Response]:
    """Every place where a caller's text could come back in an error."""
    origin = {"Origin": f"https://{text}.example"}
    thread = {"type": "items.list", "params": {"thread_id": text, "after": text, "order": text}}
    message = {"role": text, "content": "?"}
    call = {"jsonrpc": "2.0", "id": 1, "method": text, "params": {"name": text}}
    kinds = {"Accept": "application/json, text/event-stream"}
    return {
        "origin": await browser.post("/chatkit", json={}, headers=origin),
        "type": await browser.post("/chatkit", json={"type": text}),
        "order": await browser.post("/chatkit", json=thread),
        "cursor": await browser.post("/chatkit", json={"type": "threads.list", "params": {"after": text}}),
        "key": await browser.post("/chatkit", json={"type": "threads.update", "params": {text: text}}),
        "model": await browser.post(
            "/v1/chat/completions", json={"model": text[:200], "messages": [{"role": "user", "content": "?"}]}
        ),
        "role": await browser.post("/v1/chat/completions", json={"messages": [message]}),
        "site": await browser.get("/v1/search", params={"q": "x", "site": text}),
        "kind": await browser.get("/v1/search", params={"q": "x", "kind": text}),
        "limit": await browser.get("/v1/search", params={"q": "x", "limit": text}),
        "place": await browser.get("/v1/search", params={"q": "x"}, headers={"X-Docs-Chat-Reader": text}),
        "path": await browser.get(f"/v1/{text}"),
        "page": await browser.get(f"/docs/{text}"),
        "method": await browser.request("POST", f"/{text}"),
        "token": await browser.get("/v1/sites", headers={"Authorization": f"Bearer {text}"}),
        "mcp": await browser.post("/mcp", json=call, headers=kinds),
    }


async def test_no_error_repeats_more_than_sixty_four_characters(browser: Any) -> None:
    for name, response in (await errors_about(browser, LONG[:3500])).items():
        assert response.status_code < 500, name
        assert response.is_success or REPEATED not in response.text, (name, response.text)
        assert not any(REPEATED in value for value in response.headers.values()), name


async def test_every_refusal_has_one_shape(browser: Any) -> None:
    for path in ("/v2/none", "/v1/search"):
        body = (await browser.put(path)).json()
        assert {"message", "reason", "request_id", "error"} <= set(body)
    assert (await browser.put("/v1/search")).headers["allow"] == "GET"


@pytest.fixture
async def local_site(browser: Any, retriever: Any) -> Any:
    """A gateway whose one site has its preview here."""

    async def list_sites(request: Any, context: Any) -> retriever_pb.ListSitesResponse:
        profile = documents_pb2.SiteProfile(site="docs", base_url="http://127.0.0.1:8000/docs/", locales=["en"])
        return retriever_pb.ListSitesResponse(sites=[documents_pb2.Site(profile=profile, revision=7)])

    retriever.ListSites = list_sites
    return browser


@pytest.mark.parametrize(("length", "status"), [(10, 404), (1_900, 404), (3_000, 404), (5_500, 414), (30_000, 414)])
async def test_a_page_of_any_length_of_address_is_simply_not_here(local_site: Any, length: int, status: int) -> None:
    response = await local_site.get("/docs/" + "a" * length)
    assert response.status_code == status
    assert "Too many questions" not in response.text


async def test_a_union_member_is_named_without_its_value(browser: Any) -> None:
    response = await browser.post("/chatkit", content=json.dumps({"type": LONG}))
    assert response.status_code == 400
    (told,) = response.json()["violations"].values()
    assert told.startswith("Input tag 'abcdefgh")
    assert len(told) <= 500
