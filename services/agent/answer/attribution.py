"""Finds the sources of an answer whose model named none: the passages its paragraphs were taken from.

Only what can be seen is claimed: a paragraph gets a source when most of its words that carry meaning stand together in
one passage.
"""

import math
from collections import Counter

from services.agent.evidence import Evidence
from services.agent.quoting.blocks import BlockKind, split_blocks
from services.language.terms import terms

_LEAST_TERMS = 4
_SHARE = 0.7
"""Share of a paragraph's weight that one passage must have."""


def attributed(answer: str, evidence: Evidence) -> list[tuple[int, int]]:
    """Places of an answer, in code points, with the number of the passage each rests on; by rising place."""
    passages = [set(terms(f"{' '.join(each.heading_path)} {each.text}")) for each in evidence.passages]
    spread = Counter(term for passage in passages for term in passage)
    found: list[tuple[int, int]] = []
    start = 0
    for block in split_blocks(answer):
        start = answer.index(block.text, start)
        end = start + len(block.text)
        if block.kind is not BlockKind.HEADING and (number := _source(set(terms(block.text)), passages, spread)):
            found.append((end, number))
        start = end
    return found


def _source(wanted: set[str], passages: list[set[str]], spread: "Counter[str]") -> int:
    """Number of the passage that has most of the words; 0 when none has enough of them."""
    if len(wanted) < _LEAST_TERMS or not passages:
        return 0
    weights = {term: math.log(1 + (len(passages) + 1) / (spread[term] + 0.5)) for term in wanted}
    shares = [sum(weights[term] for term in wanted & passage) / sum(weights.values()) for passage in passages]
    best = max(range(len(shares)), key=lambda at: shares[at])
    return best + 1 if shares[best] >= _SHARE else 0
