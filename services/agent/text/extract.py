"""An answer made of quotations: the sentences, steps and code of the passages that speak about the question.

The best passage gives the body of the answer, a run of neighbouring blocks as its author wrote them; up to two others
give a sentence or two each, when they add something. Everything is quoted, nothing is rephrased.
"""

import math
import re
from collections import Counter
from dataclasses import dataclass

from docs_chat.retriever.v1.passages_pb2 import Passage

from services.agent.text.markdown import Block, BlockKind, split_blocks, split_sentences
from services.agent.text.terms import terms

MAX_CHARACTERS = 1200
_BODY_CHARACTERS = 750
_CODE_CHARACTERS = 620
_SIDE_CHARACTERS = 280
_RANK_FACTOR = 0.82
_SIDE_SHARE = 0.4
"""Share of the best passage's score below which another one is not quoted."""
_SAME_QUESTION_SHARE = 0.6
"""Share of the question's weight in the headings from which a section counts as written for that question."""
_SAME_WORDS_SHARE = 0.75
"""Share of words that a heading and the question have in common from which the passage's rank no longer counts."""
_TOLD_SHARE = 0.25
"""Share of the question's weight that a sentence of another passage must speak of."""
_ADMONITION_LABEL = re.compile(r"^\s*(?::::\w*|\*\*(?:note|tip|info|warning|danger|caution)\*\*:?)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Scored:
    """A passage cut into blocks, each with its score for the question."""

    number: int
    passage: Passage
    blocks: list[Block]
    scores: list[float]
    heading_share: float
    """Share of the question's weight that its title and headings speak of."""

    @property
    def best(self) -> float:
        return max(self.scores, default=0.0)


def extract_answer(question: str, passages: list[Passage]) -> list[str]:
    """Blocks of Markdown with citation marks, at most about `MAX_CHARACTERS` together.

    Args:
        question: What was asked, with the subject of the conversation if it leans on it.
        passages: By falling relevance; marks refer to this order, from 1.

    Returns:
        Blocks in reading order; empty when there are no passages.
    """
    weights = _term_weights(question, passages)
    scored = [_score(number, passage, question, weights) for number, passage in enumerate(passages, start=1)]
    ranked = sorted((each for each in scored if each.blocks), key=lambda each: -each.best)
    if not ranked:
        return []
    main, others = ranked[0], ranked[1:]
    answer = _body(main)
    left = MAX_CHARACTERS - sum(len(block) for block in answer)
    sides = 0
    for other in others:
        if sides == 2 or other.best < _SIDE_SHARE * main.best or other.best == 0.0:
            break
        side = _side(other, weights)
        if side and len(side) <= left and side not in answer:
            answer.append(side)
            left -= len(side)
            sides += 1
    return answer


def best_quote(passage: Passage, statement: str, *, max_characters: int = 300) -> str:
    """The sentence or code of a passage that a statement of an answer most likely rests on."""
    wanted = set(terms(statement))
    units = [unit for block in split_blocks(passage.text) for unit in _units(block)]
    if not units:
        return ""
    best = max(units, key=lambda unit: _overlap(wanted, unit))
    return best if len(best) <= max_characters else best[: max_characters - 1].rstrip() + "…"


def _units(block: Block) -> list[str]:
    if block.kind is BlockKind.HEADING:
        return []
    return [block.text] if block.kind in (BlockKind.CODE, BlockKind.TABLE) else split_sentences(block.text)


def _overlap(wanted: set[str], unit: str) -> float:
    found = set(terms(unit))
    return len(wanted & found) / math.sqrt(len(found) + 4)


def _term_weights(question: str, passages: list[Passage]) -> dict[str, float]:
    """How telling each word of the question is: what stands in every passage tells nothing apart."""
    spread = Counter(term for passage in passages for term in set(terms(passage.text)))
    return {term: math.log(1 + (len(passages) + 1) / (spread[term] + 0.5)) for term in terms(question)}


def _score(number: int, passage: Passage, question: str, weights: dict[str, float]) -> _Scored:
    blocks = [_without_label(block) for block in split_blocks(passage.text) if block.kind is not BlockKind.HEADING]
    above = set(terms(" ".join([passage.title, *passage.heading_path])))
    heading = sum(weight for term, weight in weights.items() if term in above)
    echo = _echo(question, passage.heading_path[-1] if passage.heading_path else passage.title)
    factor = 1.0 if echo >= _SAME_WORDS_SHARE else _RANK_FACTOR ** (number - 1)
    scores = [
        factor * (_block_score(block, weights) + (0.6 + echo) * heading + (0.3 if at == 0 else 0.0))
        for at, block in enumerate(blocks)
    ]
    return _Scored(number, passage, blocks, scores, heading / (sum(weights.values()) or 1.0))


def _echo(question: str, heading: str) -> float:
    """How much a heading is the question itself, small words included: Jaccard's index of their words."""
    asked, written = (set(re.findall(r"\w+", text.lower())) for text in (question, heading))
    return len(asked & written) / len(asked | written) if asked | written else 0.0


def _block_score(block: Block, weights: dict[str, float]) -> float:
    found = Counter(terms(block.text))
    matched = sum(weight * (1 + 0.2 * min(found[term] - 1, 2)) for term, weight in weights.items() if found[term])
    return matched / (1 + 0.0006 * len(block.text))


def _without_label(block: Block) -> Block:
    return Block(block.kind, _ADMONITION_LABEL.sub("", block.text)) if block.kind is BlockKind.PROSE else block


def _body(main: _Scored) -> list[str]:
    """A run of neighbouring blocks around the best one, as long as it fits.

    A section whose headings ask the question was written to answer it: it is quoted from its beginning.
    """
    asks_the_same = main.heading_share >= _SAME_QUESTION_SHARE
    centre = 0 if asks_the_same else max(range(len(main.blocks)), key=lambda at: main.scores[at])
    first = last = centre
    size = _size(main.blocks[centre])
    # What follows usually explains; what stands before is needed when it leads in ("Run this:").
    while True:
        after, before = last + 1, first - 1
        if before >= 0 and _leads_in(main.blocks[before], main.blocks[first]) and size < _BODY_CHARACTERS:
            first, size = before, size + _size(main.blocks[before])
        elif after < len(main.blocks) and size + _size(main.blocks[after]) <= _BODY_CHARACTERS:
            last, size = after, size + _size(main.blocks[after])
        elif before >= 0 and size + _size(main.blocks[before]) <= _BODY_CHARACTERS:
            first, size = before, size + _size(main.blocks[before])
        else:
            break
    first, last = _with_promised(main.blocks, first, centre, last)
    return _marked([_fitted(block) for block in main.blocks[first : last + 1]], main.number)


def _with_promised(blocks: list[Block], first: int, centre: int, last: int) -> tuple[int, int]:
    """Keep what a last "like this:" promises, at the cost of what stands before the best block."""
    if last + 1 < len(blocks) and blocks[last].text.rstrip().endswith(":"):
        last += 1
        while (
            first < min(centre, last - 1) and sum(_size(block) for block in blocks[first : last + 1]) > _BODY_CHARACTERS
        ):
            first += 1
    return first, last


def _leads_in(block: Block, following: Block) -> bool:
    return block.text.rstrip().endswith(":") or (
        block.kind is BlockKind.PROSE and following.kind in (BlockKind.CODE, BlockKind.LIST, BlockKind.TABLE)
    )


def _size(block: Block) -> int:
    return min(len(block.text), _CODE_CHARACTERS)


def _fitted(block: Block) -> Block:
    """The block, or as much of it as a short answer bears, cut between sentences, items, rows or lines."""
    if len(block.text) <= _CODE_CHARACTERS:
        return block
    if block.kind is BlockKind.PROSE:
        return Block(block.kind, _first_sentences(split_sentences(block.text), _CODE_CHARACTERS))
    lines, size = block.text.splitlines(), 0
    kept: list[str] = []
    for line in lines:
        size += len(line) + 1
        if kept and size > _CODE_CHARACTERS:
            break
        kept.append(line)
    if block.kind is BlockKind.CODE:
        kept = [*kept, _comment_like(kept), re.match(r"\s*[`~]+", lines[0]).group()]  # type: ignore[union-attr]
    return Block(block.kind, "\n".join(kept))


def _comment_like(lines: list[str]) -> str:
    return re.match(r"\s*", lines[-1]).group() + "…"  # type: ignore[union-attr]


def _marked(blocks: list[Block], number: int) -> list[str]:
    """Blocks of one source with its mark once, after the last of its prose, or alone after code and tables."""
    marked = [block.text.rstrip() for block in blocks]
    prose = [at for at, block in enumerate(blocks) if block.kind in (BlockKind.PROSE, BlockKind.LIST)]
    if prose:
        marked[prose[-1]] = _with_mark(marked[prose[-1]], number)
    else:
        marked.append(f"[{number}]")
    return marked


def _with_mark(text: str, number: int) -> str:
    return f"{text[:-1]} [{number}]:" if text.endswith(":") else f"{text} [{number}]"


def _side(other: _Scored, weights: dict[str, float]) -> str:
    """One or two sentences of another passage under its heading; empty when nothing of it is worth a quotation."""
    at = max(range(len(other.blocks)), key=lambda place: other.scores[place])
    block = other.blocks[at]
    if block.kind in (BlockKind.CODE, BlockKind.TABLE):
        block = next((each for each in reversed(other.blocks[:at]) if each.kind is BlockKind.PROSE), block)
    if block.kind in (BlockKind.CODE, BlockKind.TABLE):
        return ""
    sentences = _units(block) if block.kind is BlockKind.PROSE else [_best_item(block, weights)]
    sentences = [sentence for sentence in sentences if not sentence.rstrip().endswith(":")]  # they promise what is cut
    best = max(range(len(sentences)), key=lambda place: _sentence_score(sentences[place], weights), default=None)
    if best is None or _sentence_score(sentences[best], weights) < _TOLD_SHARE * sum(weights.values()):
        return ""
    text = _first_sentences(sentences[best : best + 2], _SIDE_CHARACTERS)
    heading = " › ".join([other.passage.title, *other.passage.heading_path][-2:])
    return f"**{heading}** — {text} [{other.number}]" if text else ""


def _best_item(block: Block, weights: dict[str, float]) -> str:
    items = [re.sub(r"^\s*(?:[-*+]|\d+[.)])\s+", "", line) for line in block.text.splitlines() if line.strip()]
    return max(items, key=lambda item: _sentence_score(item, weights), default="")


def _sentence_score(sentence: str, weights: dict[str, float]) -> float:
    found = set(terms(sentence))
    return sum(weight for term, weight in weights.items() if term in found) - 0.001 * len(sentence)


def _first_sentences(sentences: list[str], limit: int) -> str:
    text = ""
    for sentence in sentences:
        if text and len(text) + len(sentence) + 1 > limit:
            break
        text = f"{text} {sentence}".strip()
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + " …"
