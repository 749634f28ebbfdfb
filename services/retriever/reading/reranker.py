"""The port of a second model that puts the first passages in order."""

from collections.abc import Sequence
from typing import Protocol


class Reranker(Protocol):
    """Judges texts against a question."""

    async def relevances(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the question, in [0, 1], in the order of the texts.

        Raises:
            ProviderUnavailable: If the model does not answer in time, or not with a relevance for each text.
            ProviderRefused: If a person must look: key, credit, model.
        """
        ...

    async def close(self) -> None:
        """Close connections."""
        ...
