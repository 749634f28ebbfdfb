"""Read-only links to conversations: made by their reader, read by whoever has them, withdrawn, forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from gateway.store.tables import shared_threads
from tests.contract.gateway.test_gateway_chatkit import thread_of

GONE = "This link leads nowhere (any more)."


@pytest.fixture
async def sharing(start_gateway: Any) -> Any:
    return await start_gateway(share_links=True)


async def shared(browser: Any, question: str = "How do I retry?") -> tuple[str, str]:
    """A conversation and the token of its link."""
    thread_id = thread_of(await browser.ask(question))
    made = await browser.post(f"/v1/threads/{thread_id}/link")
    assert made.status_code == 200, made.text
    return thread_id, made.json()["token"]


async def test_a_link_shows_questions_answers_and_citations_and_nothing_about_the_reader(sharing: Any) -> None:
    thread_id, token = await shared(sharing)
    sharing.cookies.clear()
    response = await sharing.get(f"/v1/shared/{token}")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-robots-tag"] == "noindex"
    question, answer = response.json()["items"]
    assert question["content"] == [{"type": "input_text", "text": "How do I retry?"}]
    assert answer["content"][0]["annotations"][0]["source"]["data"]["href"].endswith("/retry#backoff")
    assert thread_id not in response.text
    assert "created_at" not in response.text


async def test_the_same_conversation_has_one_link_until_it_is_withdrawn(sharing: Any) -> None:
    thread_id, token = await shared(sharing)
    assert (await sharing.post(f"/v1/threads/{thread_id}/link")).json()["token"] == token
    assert (await sharing.post(f"/v1/threads/{thread_id}/unlink")).status_code == 200
    gone = await sharing.get(f"/v1/shared/{token}")
    assert (gone.status_code, gone.json()["message"]) == (404, GONE)
    assert (await sharing.post(f"/v1/threads/{thread_id}/link")).json()["token"] != token


async def test_a_link_goes_with_its_conversation(sharing: Any) -> None:
    thread_id, token = await shared(sharing)
    await sharing.chatkit("threads.delete", thread_id=thread_id)
    assert (await sharing.get(f"/v1/shared/{token}")).status_code == 404


async def test_a_stranger_neither_makes_nor_withdraws_a_link(sharing: Any) -> None:
    thread_id, token = await shared(sharing)
    own = dict(sharing.cookies)
    sharing.cookies.clear()
    assert (await sharing.post(f"/v1/threads/{thread_id}/link")).status_code == 404
    await sharing.post(f"/v1/threads/{thread_id}/unlink")
    assert (await sharing.get(f"/v1/shared/{token}")).status_code == 200
    sharing.cookies.update(own)


async def test_a_link_dies_of_age(sharing: Any) -> None:
    _, token = await shared(sharing)
    gateway = sharing.gateway
    long_ago = update(shared_threads).values(shared_at=datetime.now(UTC) - timedelta(days=31))
    await gateway.database.run(lambda connection: connection.execute(long_ago))
    assert (await sharing.get(f"/v1/shared/{token}")).status_code == 404
    assert await gateway.shared.forget() == 1


async def test_links_are_off_unless_the_operators_allow_them(browser: Any) -> None:
    thread_id = thread_of(await browser.ask("?"))
    refused = await browser.post(f"/v1/threads/{thread_id}/link")
    assert (refused.status_code, refused.json()["message"]) == (404, "Links to conversations are switched off here.")


@pytest.mark.parametrize("token", ["x", "x" * 5000, "%00", "....", "' OR 1=1"])
async def test_a_guess_finds_nothing(sharing: Any, token: str) -> None:
    assert (await sharing.get(f"/v1/shared/{token}")).status_code in (400, 404, 414)
