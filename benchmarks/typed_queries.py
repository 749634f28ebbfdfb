"""What people type into a search box, made from questions and headings whose sections are known.

- question: the words of a question that tell something, in their order; small words are left out by a list of their
  own (Lucene's, and words that ask), not by that of the search.
- heading: the heading of the wanted section, or the title of the wanted page, as it is written, in small letters.
- misspelt: the same with one mistake in the first word of five letters or more: by turns two letters swapped, one left
  out, one doubled, one replaced by its neighbour on the keyboard; never the first letter.
- identifier: a name from a heading, such as `useThing`, `lib.mock` or `--flag`; in parts: the same with blanks between.
"""

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cli.eval_metrics import Question, normal
from services.language.names import looks_like_code
from services.retriever.documents import StoredChunk

LENGTHS = (4, 8, 16)
"""Characters after which we look."""
_IDENTIFIERS_OF_SITE = 40
_STOP_WORDS = frozenset(  # Lucene's for English, and what questions are made of
    """a an and are as at be but by for if in into is it no not of on or such that the their then there these they this
    to was will with how do does did i you we my your me can could should would what when where which who why am have
    has had get got from about after any all so its it's i'm don't doesn't isn't there's im using use used want need
    trying""".split()  # noqa: SIM905 - reads better
)
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


@dataclass(frozen=True, slots=True)
class TypedQuery:
    """A text that somebody types, and the places that are wanted."""

    site: str
    kind: str
    text: str
    gold: tuple[str, ...]

    def prefixes(self) -> dict[str, str]:
        """What stands in the box after so many characters, and at the end; a text that is shorter was typed whole."""
        cut = {str(length): self.text[:length].rstrip() for length in LENGTHS}
        return cut | {"all": self.text}


def queries(questions: Iterable[Question], chunks: Mapping[str, Sequence[StoredChunk]]) -> list[TypedQuery]:
    """All queries of the sites whose chunks are given."""
    headings = {
        site: {normal(chunk.document.uri): chunk.document.title for chunk in own}
        | {place_of(chunk): heading_of(chunk) for chunk in own if chunk.section.anchor}
        for site, own in chunks.items()
    }
    made = [
        query
        for question in questions
        if question.site in chunks
        for query in _of_question(question, headings[question.site])
    ]
    for site, own in chunks.items():
        made += _identifiers(site, own)
    return made


def place_of(chunk: StoredChunk) -> str:
    """The section of a chunk, as places are compared."""
    return normal(f"{chunk.document.uri}#{chunk.section.anchor}")


def heading_of(chunk: StoredChunk) -> str:
    """The heading that a section is known by."""
    return chunk.section.heading_path[-1] if chunk.section.heading_path else chunk.document.title


def _of_question(question: Question, headings: dict[str, str]) -> Iterator[TypedQuery]:
    words = [word.strip(".,;:!?()\"'`") for word in question.text.lower().split()]
    telling = " ".join(word for word in words if word and word not in _STOP_WORDS)
    if telling:
        yield TypedQuery(question.site, "question", telling, question.gold)
    if heading := headings.get(normal(question.gold[0])):
        plain = " ".join(heading.lower().replace("`", "").split())
        yield TypedQuery(question.site, "heading", plain, question.gold[:1])
        if wrong := misspelt(plain, question.id):
            yield TypedQuery(question.site, "misspelt", wrong, question.gold[:1])


def misspelt(text: str, seed: str) -> str:
    """The text with one mistake; empty when no word is long enough."""
    drawn = random.Random(seed)
    word = next((found for found in re.finditer(r"[a-z]{5,}", text)), None)
    if word is None:
        return ""
    at = drawn.randrange(word.start() + 1, min(word.end() - 1, word.start() + 7))
    letter, following = text[at], text[at + 1]
    changed = drawn.choice((following + letter, following, letter * 2 + following, _beside(letter) + following))
    return text[:at] + changed + text[at + 2 :]


def _beside(letter: str) -> str:
    row = next(row for row in _ROWS if letter in row)
    at = row.index(letter)
    return row[at + 1] if at + 1 < len(row) else row[at - 1]


def _identifiers(site: str, chunks: Sequence[StoredChunk]) -> Iterator[TypedQuery]:
    places: dict[str, list[str]] = {}
    for chunk in chunks:
        for word in heading_of(chunk).replace("`", " ").split():
            name = word.strip(".,;:!?()[]<>")
            if looks_like_code(name) and len(name) > 5 and "://" not in name:
                place = place_of(chunk)
                known = places.setdefault(name, [])
                known += [] if place in known else [place]
    telling = sorted(name for name, own in places.items() if len(own) <= 3)
    for name in random.Random(5).sample(telling, min(_IDENTIFIERS_OF_SITE, len(telling))):
        gold = tuple(places[name])
        yield TypedQuery(site, "identifier", name, gold)
        parts = [part.lower() for piece in re.findall(r"[A-Za-z0-9]+", name) for part in _CAMEL.findall(piece)]
        if len(parts) > 1:
            yield TypedQuery(site, "in parts", " ".join(parts), gold)
