"""Passages as sections to choose from: their blocks, and how much each says about the question."""

import re
from dataclasses import dataclass

from docs_chat.retriever.v1.passages_pb2 import Passage

from services.agent.quoting.blocks import Block, BlockKind, split_blocks
from services.agent.quoting.code import whole_code
from services.agent.quoting.relevance import Asked, heading_fit, is_reading_list, points_elsewhere
from services.agent.quoting.weights import WEIGHTS

_ADMONITION_LABEL = re.compile(r"^\s*(?::::\w*|\*\*(?:note|tip|info|warning|danger|caution)\*\*:?)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Section:
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


def scored(number: int, passage: Passage, asked: Asked) -> Section:
    """A passage with the scores of its blocks.

    Args:
        number: Its place in the order of the search, from 1.
        passage: The passage.
        asked: The question.
    """
    blocks = _worth_quoting([_without_label(block) for block in whole_code(split_blocks(passage.text))])
    heading = asked.weight_in(" ".join([passage.title, *passage.heading_path]))
    echo = asked.echo_of(passage.heading_path[-1] if passage.heading_path else passage.title)
    is_the_question = echo >= WEIGHTS.same_words_share
    factor = 1.0 if is_the_question else asked.trust_in(number, passage)
    factor *= heading_fit(passage.heading_path[-1]) if passage.heading_path else 1.0
    around = (WEIGHTS.heading + echo + is_the_question) * heading + WEIGHTS.passage * asked.weight_in(passage.text)
    scores = [
        factor * asked.fit_of(block) * (asked.score_of(block) + around + (WEIGHTS.first_block if at == 0 else 0.0))
        for at, block in enumerate(blocks)
    ]
    return Section(number, passage, blocks, scores, heading / (asked.weight or 1.0))


def heading_of(section: Section) -> str:
    """The last two of its title and headings."""
    return " › ".join([section.passage.title, *section.passage.heading_path][-2:])


def _worth_quoting(blocks: list[Block]) -> list[Block]:
    """Blocks without headings; what only tells where else to read is kept beside what tells something itself."""
    content = [block for block in blocks if block.kind is not BlockKind.HEADING]
    tells = [
        not points_elsewhere(block) and not (at > 0 and is_reading_list(block) and points_elsewhere(content[at - 1]))
        for at, block in enumerate(content)
    ]
    return content if any(tells) else []


def _without_label(block: Block) -> Block:
    return Block(block.kind, _ADMONITION_LABEL.sub("", block.text)) if block.kind is BlockKind.PROSE else block
