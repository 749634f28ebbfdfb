"""An answer made of quotations: the sentences, steps and code of the passages that speak about the question.

Sections are compared over all passages, by what the search thinks of them and by what they say of the question. The
best one gives the body of the answer, a run of neighbouring blocks as its author wrote them; up to two others follow
under their headings where they tell something new. Everything is quoted, nothing is rephrased, and nothing is cut in
the middle: code comes whole, or as a link to where it stands.
"""

import math
from functools import lru_cache

from docs_chat.retriever.v1.passages_pb2 import Passage

from services.agent.quoting.blocks import Block, BlockKind, split_blocks
from services.agent.quoting.relevance import Asked, promises
from services.agent.quoting.runs import first_sentences, quoted_run
from services.agent.quoting.sections import Section, scored
from services.agent.quoting.weights import WEIGHTS
from services.language.sentences import split_sentences
from services.language.terms import terms


def extract_answer(question: str, passages: list[Passage]) -> list[str]:
    """Blocks of Markdown with citation marks, at most about `QuotationWeights.answer_characters` together.

    Args:
        question: What was asked, with the subject of the conversation if it leans on it.
        passages: By falling relevance; marks refer to this order, from 1.

    Returns:
        Blocks in reading order; empty when there are no passages.
    """
    asked = Asked.of(question, passages)
    sections = [scored(number, passage, asked) for number, passage in enumerate(passages, start=1)]
    ranked = sorted((each for each in sections if each.blocks), key=lambda each: -each.best)
    if not ranked:
        return []
    main = ranked[0]
    if parts := _announced_parts(main, sections):
        return [*quoted_run(main, asked, limit=WEIGHTS.body_characters, announces_more=True), *parts]
    answer = quoted_run(main, asked, limit=WEIGHTS.body_characters)
    return [*answer, *_further(ranked, asked, answer)]


def _further(ranked: list[Section], asked: Asked, answer: list[str]) -> list[str]:
    """Runs of other sections, each under its heading, while there is room and each tells something new."""
    added: list[str] = []
    limits = list(WEIGHTS.further_characters)
    for other in ranked[1 : WEIGHTS.further_looked_at + 1]:
        if not limits or other.best < WEIGHTS.further_share * ranked[0].best:
            break
        run = quoted_run(other, asked, limit=limits[0])
        said = "\n".join([*answer, *added])
        if _is_news(run, said) and len(said) + sum(map(len, run)) <= WEIGHTS.answer_characters:
            added += run
            limits.pop(0)
    return added


def _is_news(run: list[str], said: str) -> bool:
    own = set(terms("\n".join(run)))
    return len(own - set(terms(said))) >= WEIGHTS.new_share * len(own)


def _announced_parts(main: Section, sections: list[Section]) -> list[str]:
    """What a section announces and its own subsections tell ("three principles:"), one line each; else nothing."""
    if not main.blocks or not promises(main.blocks[-1]):
        return []
    above = [main.passage.document_uri, *main.passage.heading_path]
    parts = []
    for each in sections:
        path = [each.passage.document_uri, *each.passage.heading_path]
        if each.blocks and len(path) == len(above) + 1 and path[:-1] == above:
            if each.blocks[0].kind is not BlockKind.PROSE:
                return []  # code or a list does not fit a line
            told = first_sentences(_units(each.blocks[0])[:1], WEIGHTS.part_characters)
            parts.append(f"- **{path[-1]}** — {told} [{each.number}]")
    return ["\n".join(parts)] if len(parts) > 1 else []


def best_quote(passage: Passage, statement: str, *, max_characters: int = 300) -> str:
    """The sentence or code of a passage that a statement of an answer most likely rests on."""
    wanted = set(terms(statement))
    best = max(
        _quotable(passage.text), key=lambda each: len(wanted & each[1]) / math.sqrt(len(each[1]) + 4), default=None
    )
    if best is None:
        return ""
    return best[0] if len(best[0]) <= max_characters else best[0][: max_characters - 1].rstrip() + "…"


@lru_cache(maxsize=256)
def _quotable(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Sentences and code of a passage with their terms; kept, for the same passages are cited again and again."""
    units = (unit for block in split_blocks(text) for unit in _units(block))
    return tuple((unit, frozenset(terms(unit))) for unit in units)


def _units(block: Block) -> list[str]:
    if block.kind is BlockKind.HEADING:
        return []
    return [block.text] if block.kind in (BlockKind.CODE, BlockKind.TABLE) else split_sentences(block.text)
