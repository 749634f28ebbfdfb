"""What counts how much when quotations are chosen. Sizes are characters, shares are between 0 and 1.

Chosen on 36 questions about three sites whose answers are known; docs/adr/measurements/answers.md tells what was tried.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QuotationWeights:
    """How much is quoted, and from where."""

    answer_characters: int = 2200
    """The whole answer, at most."""
    body_characters: int = 1200
    """The run of blocks of the best section."""
    further_characters: tuple[int, ...] = (500, 350)
    """The runs of further sections, in their order."""
    further_looked_at: int = 6
    """Sections that may follow the best one."""
    block_characters: int = 620
    """A paragraph, list or table: of a longer one the sentences, items or rows that tell most are quoted."""
    code_characters: int = 1500
    """A block of code: a longer one is not quoted, since it cannot be cut."""
    part_characters: int = 280
    """A part of what a section announces, and the sentence that leads in code."""
    lead_characters: int = 200
    """What may be added of the block before because the first sentence leans on it."""

    trust: float = 2.0
    """Power of a passage's relevance, relative to the best, by which its score is multiplied."""
    rank: float = 0.82
    """What each passage keeps of its score for every passage before it, where the search tells no relevance."""
    further_share: float = 0.35
    """Share of the best section's score below which another one is not quoted."""
    broken: float = 1.0
    """What a run loses that begins without its lead-in, or ends with an announcement."""
    same_words_share: float = 0.75
    """Share of words that heading and question have in common from which the passage's rank no longer counts."""
    new_share: float = 0.4
    """Share of the words of a further section that the answer must not have said already."""
    row_share: float = 0.5
    """Share of the best row's score from which a row of a long table is quoted."""

    named: float = 2.0
    """Of a word's weight, for an identifier, a flag or a path: it cannot be said in other words."""
    heading: float = 0.6
    """Of what title and headings say, for every block below them; the likeness to the question is added."""
    passage: float = 0.5
    """Of what the whole passage says, for each of its blocks."""
    first_block: float = 0.3
    """For the block that begins a passage."""
    repeated_word: float = 0.2
    """Of a word's weight, for its second and third time in a block."""
    length: float = 0.0006
    """What each character of a block costs."""
    sentence_length: float = 0.001
    """What each character of a sentence costs, so that of two equal ones the shorter wins."""

    defined: float = 1.6
    """Factor of a block that says what the thing asked about is, when that was asked."""
    defined_share: float = 0.6
    """Share of the question's weight in the subject of a sentence from which it defines the thing asked about."""
    elsewhere: float = 0.5
    """Factor of sections whose heading says that they only name what else to read."""
    declaration: float = 0.5
    """Factor of code that declares types, unless types were asked for: it lists what there is, not how it is used."""


WEIGHTS = QuotationWeights()
