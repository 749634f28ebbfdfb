"""What was found for a turn: numbered passages, and the addresses an answer may link to."""

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from docs_chat.agent.v1.turn_events_pb2 import PassagesFound
from docs_chat.retriever.v1.passages_pb2 import Answerability, AnswerabilityVerdict, Passage, Widening

_URL_IN_TEXT = re.compile(r"https?://[^\s<>()\[\]\"'`]+")
_LINK_TARGET = re.compile(r"\]\(\s*<?([^\s)>]+)")


@dataclass(slots=True)
class Evidence:
    """Passages by number, from 1; a second look appends, numbers never change."""

    passages: list[Passage]
    site: str = ""
    revision: int = 0
    answerability: Answerability = field(default_factory=Answerability)
    widening: Widening | None = None
    degraded_reason: str = ""
    asked_before: bool = False
    """Whether it was found for an earlier attempt at the same turn."""
    corrected: tuple[str, ...] = ()
    """Misspelt words of the question as they were searched."""
    searched_for: tuple[str, ...] = ()
    """The queries with these words; empty when nothing was corrected."""
    shown: int = 0
    """Passages that the reader sees at once; 0: all. The others are for the answer."""

    @property
    def not_covered(self) -> bool:
        """Whether no model should be asked."""
        return self.answerability.verdict == AnswerabilityVerdict.ANSWERABILITY_VERDICT_NOT_COVERED

    @property
    def is_doubtful(self) -> bool:
        """Whether the passages may not answer the question."""
        return self.answerability.verdict == AnswerabilityVerdict.ANSWERABILITY_VERDICT_WEAK

    def passage(self, number: int) -> Passage | None:
        """The passage a citation mark means, or None for an invented one."""
        return self.passages[number - 1] if 1 <= number <= len(self.passages) else None

    def add(self, found: list[Passage]) -> list[tuple[int, Passage]]:
        """Number what a second look found; passages that are known keep their numbers."""
        numbers = {passage.uri: number for number, passage in enumerate(self.passages, start=1)}
        numbered = []
        for passage in found:
            if passage.uri not in numbers:
                self.passages.append(passage)
                numbers[passage.uri] = len(self.passages)
            numbered.append((numbers[passage.uri], passage))
        return numbered

    def linkable(self, target: str) -> str | None:
        """The absolute address behind a link of an answer when it belongs to what was found, else None.

        Addresses of the passages and their pages count, and links to the same site that stand in the passages.
        """
        for base in self.passages[:1]:
            address = urljoin(base.document_uri, target) if target.startswith("/") else target
            if address in self._addresses():
                return address
            page, _, _ = address.partition("#")
            if page.rstrip("/") in {passage.document_uri.rstrip("/") for passage in self.passages}:
                return page  # an anchor nobody has verified is not promised
        return None

    def mentions(self, url: str) -> bool:
        """Whether a passage spells the address out, so that naming it is not an invention."""
        return any(url in passage.text for passage in self.passages)

    def as_event(self) -> PassagesFound:
        """The event that shows the passages."""
        return PassagesFound(
            passages=self.passages[: self.shown or None],
            answerability=self.answerability,
            revision=self.revision,
            widening=self.widening,
            site=self.site,
        )

    def _addresses(self) -> set[str]:
        addresses: set[str] = set()
        for passage in self.passages:
            addresses |= {passage.uri, passage.document_uri}
            origin = _origin(passage.document_uri)
            targets = _LINK_TARGET.findall(passage.text) + _URL_IN_TEXT.findall(passage.text)
            absolute = (urljoin(passage.document_uri, target) for target in targets)
            addresses |= {address for address in absolute if _origin(address) == origin}
        return addresses


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
