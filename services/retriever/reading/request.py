"""What is asked of a search, and what it answers."""

from dataclasses import dataclass, field

from services.retriever.reading.candidates import Query
from services.retriever.reading.judging.verdict import Judgement
from services.retriever.reading.passages import Passage
from services.retriever.reading.scope import Rung, Scope
from services.retriever.vocabulary.spelling import Correction


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is asked. Fields as in the contract, defaults filled in."""

    queries: tuple[Query, ...]
    scope: Scope = field(default_factory=Scope)
    limit: int = 8
    context_tokens: int = 400
    page_uri: str = ""
    default_site: str = ""
    """Where to search when neither the caller nor the page tells the site."""
    highlight: bool = False


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds of each stage."""

    embed_s: float
    engine_s: float
    total_s: float
    rerank_s: float | None = None
    """None when no second model was asked."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found."""

    site: str
    revision: int
    passages: tuple[Passage, ...]
    judgement: Judgement | None
    timings: Timings
    widened_to: Rung | None = None
    degraded_reason: str = ""
    corrections: tuple[Correction, ...] = ()
    """Words that were searched in another spelling than they were written in."""
    searched_for: tuple[str, ...] = ()
    """The queries with these corrections; empty when there are none."""
