"""The local embedding model: the same vector for a text, whichever way and beside whatever it is embedded."""

import asyncio

import numpy as np

from services.retriever.embedding.local_embedder import LocalEmbedder, embedded_together


async def test_documents_come_back_in_order_whatever_their_number() -> None:
    embedder = LocalEmbedder(threads=2)
    texts = [f"How to turn on feature {number}. " * (number % 3 + 1) for number in range(11)]
    together = await embedder.embed_documents(texts)
    alone = [await embedder.embed_query(text) for text in texts]
    await embedder.close()
    np.testing.assert_allclose(together, alone, atol=1e-5)


async def test_tokens_are_counted_beyond_the_window_and_read_up_to_it() -> None:
    embedder = LocalEmbedder(threads=1)
    within = " word" * (embedder.max_tokens - 2)
    assert embedder.count_tokens(within) == embedder.max_tokens
    assert embedder.count_tokens(within + " and more") == embedder.max_tokens + 2
    (first, second) = await embedder.embed_documents([within, within + " and more"])
    await embedder.close()
    np.testing.assert_allclose(first, second, atol=1e-5)


async def test_questions_that_queue_get_the_vectors_they_get_alone() -> None:
    embedder = LocalEmbedder(threads=1, cached_queries=0)
    texts = [f"How do I {'really ' * number}turn on feature {number}?" for number in range(12)]
    together = await asyncio.gather(*map(embedder.embed_query, texts))
    alone = [await embedder.embed_query(text) for text in texts]
    await embedder.close()
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_a_few_short_questions_go_together_and_long_ones_alone() -> None:
    short, long = "a question", "a pasted log line " * 50
    assert embedded_together([short, short]) == 2
    assert embedded_together([short] * 100) == 4
    assert embedded_together([short, short, long]) == 2
    assert embedded_together([long, short]) == 1
