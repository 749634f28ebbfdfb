"""Embeddings over the network: every failure has a name, and none is taken for a vector."""

import asyncio
import json
from collections.abc import Callable

import httpx2
import numpy as np
import pytest

from services.retriever.embedding.openrouter_embedder import OpenRouterEmbedder
from services.runtime.errors import EmbedderUnavailable, ProviderRefused


def embedder(answer: Callable[[httpx2.Request], httpx2.Response]) -> OpenRouterEmbedder:
    client = httpx2.AsyncClient(base_url="https://example.org/api/v1", transport=httpx2.MockTransport(answer))
    return OpenRouterEmbedder(client, "vendor/model", dimension=2, max_tokens=64)


def vectors(request: httpx2.Request) -> httpx2.Response:
    texts = json.loads(request.content)["input"]
    rows = [{"index": index, "embedding": [3.0, 4.0 * index]} for index in range(len(texts))]
    return httpx2.Response(200, json={"data": rows[::-1]})


async def test_vectors_come_in_order_and_with_length_one() -> None:
    found = await embedder(vectors).embed_documents(["a", "b"])
    np.testing.assert_allclose(found, [[1.0, 0.0], [0.6, 0.8]], rtol=1e-6)


async def test_more_texts_than_one_request_holds() -> None:
    assert len(await embedder(vectors).embed_documents(["text"] * 70)) == 70


async def test_a_question_is_asked_once() -> None:
    asked: list[httpx2.Request] = []
    remote = embedder(lambda request: asked.append(request) or vectors(request))
    await remote.embed_query("same")
    await remote.embed_query("same")
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx2.Response(200, json={"error": {"code": 502, "message": "upstream"}}), EmbedderUnavailable),
        (httpx2.Response(429, json={"error": {"code": 429}}), EmbedderUnavailable),
        (httpx2.Response(500, text="<html>"), EmbedderUnavailable),
        (httpx2.Response(401, json={"error": {"code": 401}}), ProviderRefused),
        (httpx2.Response(200, json={"data": []}), ProviderRefused),
        (httpx2.Response(200, json={"data": [{"index": 0, "embedding": [1.0]}]}), ProviderRefused),
    ],
)
async def test_a_failure_says_what_it_is(answer: httpx2.Response, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        await embedder(lambda _: answer).embed_query("text")


async def test_a_silent_provider_is_unavailable() -> None:
    def fail(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectTimeout("slow", request=request)

    with pytest.raises(EmbedderUnavailable):
        await embedder(fail).embed_query("text")


async def test_a_question_that_is_being_asked_is_awaited() -> None:
    asked: list[httpx2.Request] = []
    remote = embedder(lambda request: asked.append(request) or vectors(request))
    await asyncio.gather(*(remote.embed_query("same") for _ in range(3)))
    assert len(asked) == 1
