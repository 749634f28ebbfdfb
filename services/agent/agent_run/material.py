"""Which passages a model reads, and in which order: chosen for recall within a budget, page by page."""

from docs_chat.retriever.v1.passages_pb2 import Passage

from services.agent.conversation import estimated_tokens
from services.agent.evidence import Evidence

_PER_PASSAGE = 25
"""Tokens of the tags around a passage."""
Numbered = tuple[int, Passage]


def chosen(evidence: Evidence, tokens: int) -> list[Numbered]:
    """The passages to read, with their numbers, in the order to read them in; the best one always.

    The most relevant are taken while they fit. Those of one page stand together, as they do there; the page of the best
    passage comes first and that of the next best last, since models read the beginning and the end best.
    """
    taken: list[Numbered] = []
    for number, passage in enumerate(evidence.passages, start=1):
        cost = estimated_tokens(passage.text) + _PER_PASSAGE
        if not taken or cost <= tokens:
            taken.append((number, passage))
            tokens -= cost
    pages: dict[str, list[Numbered]] = {}
    for number, passage in taken:
        pages.setdefault(passage.document_uri, []).append((number, passage))
    groups = [sorted(page, key=lambda each: (each[1].first_ordinal, each[0])) for page in pages.values()]
    return [each for group in _best_at_the_ends(groups) for each in group]


def _best_at_the_ends(groups: list[list[Numbered]]) -> list[list[Numbered]]:
    return [groups[0], *groups[2:], groups[1]] if len(groups) > 2 else groups  # a middle needs three
