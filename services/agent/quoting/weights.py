"""What counts how much when quotations are chosen. Sizes are characters, shares are between 0 and 1.

Chosen by reading the quotations for 54 questions about three sites; docs/adr/measurements tells what was tried.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QuotationWeights:
    """How much is quoted, and from where."""

    answer_characters: int = 1200
    """The whole answer, about."""
    body_characters: int = 750
    """The run of blocks of the best passage."""
    second_characters: int = 400
    """The run of a second passage, where the first is short."""
    block_characters: int = 620
    """One block: a longer one is cut between sentences, items, rows or lines."""
    side_characters: int = 280
    """What is told of another passage, and the sentence that leads in code."""
    lead_characters: int = 200
    """What may be added of the block before because the first sentence leans on it."""
    short_body: int = 100
    """Size below which a body is too short to be the whole answer, unless its heading is the question."""

    rank: float = 0.82
    """What each passage keeps of its score for every passage before it."""
    second_share: float = 0.6
    """Share of the best passage's score from which another one may complete a short body."""
    side_share: float = 0.4
    """Share of the best passage's score below which another one is not quoted."""
    same_question_share: float = 0.6
    """Share of the question's weight in the headings from which a section counts as written for that question."""
    same_words_share: float = 0.75
    """Share of words that heading and question have in common from which the passage's rank no longer counts."""
    beginning_share: float = 0.5
    """Share of the most that one of its blocks tells, from which a long section written for the question is quoted."""
    told_share: float = 0.45
    """Share of the question's weight that a sentence of another passage must speak of."""
    new_share: float = 0.4
    """Share of the words of that sentence which the answer must not have said already."""
    row_share: float = 0.5
    """Share of the best row's score from which a row of a long table is quoted."""

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
