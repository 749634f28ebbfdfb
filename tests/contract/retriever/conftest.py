"""One retriever with its embedding model for the contract tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.retriever.embedding.local_embedder import LocalEmbedder
from tests.fakes.garden import Callers, serving


@pytest.fixture(scope="session")
def embedder() -> LocalEmbedder:
    return LocalEmbedder()


@pytest.fixture
async def callers(tmp_path: Path, embedder: LocalEmbedder) -> AsyncIterator[Callers]:
    async with serving(tmp_path, embedder) as callers:
        yield callers
