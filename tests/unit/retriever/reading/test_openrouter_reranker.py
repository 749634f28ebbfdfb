"""A second model orders the passages; whatever goes wrong, the order of the search stands and it is said."""

from collections.abc import Callable

import httpx2
import pytest

from services.retriever.reading.openrouter_reranker import OpenRouterReranker
from services.runtime.errors import ProviderRefused, ProviderUnavailable
from tools.openrouter_emulator.server import Emulator, emulating


def reranker(answer: Callable[[httpx2.Request], httpx2.Response]) -> OpenRouterReranker:
    client = httpx2.AsyncClient(base_url="https://example.org/api/v1", transport=httpx2.MockTransport(answer))
    return OpenRouterReranker(client, "vendor/model")


async def test_each_text_gets_its_relevance_in_the_order_of_the_texts() -> None:
    async with emulating(Emulator()) as base_url:
        client = httpx2.AsyncClient(base_url=base_url, headers={"Authorization": "Bearer sk-or-v1-emulated"})
        remote = OpenRouterReranker(client, "vendor/model")
        found = await remote.relevances("drip hose", ["the compost heap", "the drip hose", "a rubber hose"])
        await remote.close()
    assert found == [0.0, 1.0, 0.5]


async def test_a_relevance_lies_between_zero_and_one() -> None:
    rows = [{"index": 1, "relevance_score": 7.5}, {"index": 0, "relevance_score": -2}]
    remote = reranker(lambda _: httpx2.Response(200, json={"results": rows}))
    assert await remote.relevances("question", ["a", "b"]) == [0.0, 1.0]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx2.Response(200, json={"error": {"code": 502, "message": "upstream"}}), ProviderUnavailable),
        (httpx2.Response(429, json={"error": {"code": 429}}), ProviderUnavailable),
        (httpx2.Response(500, text="<html>"), ProviderUnavailable),
        (httpx2.Response(200, json={"results": [{"index": 0, "relevance_score": 1}]}), ProviderUnavailable),
        (httpx2.Response(200, json=["no object"]), ProviderUnavailable),
        (httpx2.Response(401, json={"error": {"code": 401}}), ProviderRefused),
    ],
)
async def test_a_failure_says_what_it_is(answer: httpx2.Response, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        await reranker(lambda _: answer).relevances("question", ["a", "b"])
