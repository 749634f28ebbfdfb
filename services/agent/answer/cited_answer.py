"""Marks in the text become citations: numbered by first use, one number a source, each with the quote it rests on."""

import re
from dataclasses import dataclass, field

from docs_chat.agent.v1.turn_events_pb2 import Citation, CitationAdded, TextDelta

from services.agent.answer.answer_text import AnswerText
from services.agent.answer.attribution import attributed
from services.agent.answer.output_buffer import Mark, Text
from services.agent.evidence import Evidence
from services.agent.quoting.extract import best_quote

_END_OF_STATEMENT = re.compile(r"[.!?\n]")


@dataclass(slots=True)
class CitedAnswer:
    """An answer under way, as events for the reader.

    Args:
        evidence: What marks and links may refer to.
    """

    evidence: Evidence
    citations: list[Citation] = field(default_factory=list)
    _answer: AnswerText = field(init=False)
    _numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._answer = AnswerText(self.evidence)

    @property
    def text(self) -> str:
        """All text given out so far."""
        return self._answer.text

    def feed(self, delta: str) -> list[TextDelta | CitationAdded]:
        """Events for a piece of what the model writes."""
        return self._events(self._answer.feed(delta))

    def finish(self) -> list[TextDelta | CitationAdded]:
        """Events for what was still held back."""
        return self._events(self._answer.finish())

    def attribute(self) -> list[TextDelta | CitationAdded]:
        """Citations for a finished answer whose model set no mark; none where its words do not tell the source."""
        return self._events([Mark(number, index) for index, number in attributed(self.text, self.evidence)])

    def _events(self, pieces: list[Text | Mark]) -> list[TextDelta | CitationAdded]:
        """All text in one event, then its citations: each event costs two processes the same, whatever its size."""
        text = "".join(piece.text for piece in pieces if isinstance(piece, Text))
        added: list[TextDelta | CitationAdded] = []
        for piece in pieces:
            if isinstance(piece, Mark) and (citation := self._citation(piece)):
                self.citations.append(citation)
                added.append(CitationAdded(citation=citation))
        return [TextDelta(text=text), *added] if text else added

    def _citation(self, mark: Mark) -> Citation | None:
        passage = self.evidence.passage(mark.number)
        if passage is None:
            return None
        number = self._numbers.setdefault(passage.uri, len(self._numbers) + 1)
        if any(known.index == mark.index and known.number == number for known in self.citations[-8:]):
            return None
        before = self.text[max(0, mark.index - 400) : mark.index].rstrip(" .!?:\n")
        return Citation(
            number=number,
            index=mark.index,
            uri=passage.uri,
            title=passage.title,
            heading_path=passage.heading_path,
            quote=best_quote(passage, _END_OF_STATEMENT.split(before)[-1]),
            version=passage.version,
        )
