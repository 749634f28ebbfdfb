"""From records of turns to what a docs team wants to know."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median
from typing import Any

MOST_LISTED = 20
_ANSWERED = ("model", "cache", "extractive")


@dataclass(frozen=True, slots=True)
class Turn:
    """One record, as far as the report reads it."""

    asked_at: datetime
    outcome: str
    source: str
    verdict: str
    total_ms: int
    model_requests: int
    passage_uris: tuple[str, ...]
    """By falling relevance."""
    cited_uris: tuple[str, ...]
    not_found: tuple[str, ...]
    feedback: str | None
    question: str | None
    feedback_reason: str | None = None

    @property
    def kind(self) -> str:
        """How it ended: who answered, or `left`, or `failed`."""
        if self.outcome == "completed":
            return self.source
        return "left" if self.outcome == "left" else "failed"

    @property
    def nearest(self) -> str:
        """The section that came closest; empty when nothing was found."""
        return self.passage_uris[0] if self.passage_uris else ""


@dataclass(frozen=True, slots=True)
class Day:
    """One UTC day."""

    day: date
    turns: int
    model_requests: int
    not_covered: int
    failed: int
    median_ms: int
    """Half of the answers took at most this long, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What was asked about: a question where texts are kept, else the section that came closest."""

    question: str | None
    section: str
    count: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page that answers rest on."""

    uri: str
    cited: int
    thumbs_down: int
    thumbs_up: int
    cautions: int
    """Answers citing it that name something its docs do not."""
    unanswered: int
    """Questions that came closest to it and were not answered."""
    names: tuple[str, ...]
    """What those answers named, most frequent first."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reader wrote about an answer that did not help."""

    day: date
    reason: str
    text: str
    section: str
    """The first section that the answer cites, else the one that came closest; empty when neither is known."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything, in the order it is read."""

    since: date
    until: date
    site: str
    texts_kept: bool
    turns: int
    kinds: dict[str, int] = field(default_factory=dict)
    days: list[Day] = field(default_factory=list)
    asked: list[Subject] = field(default_factory=list)
    unanswered: list[Subject] = field(default_factory=list)
    doubted: list[Subject] = field(default_factory=list)
    """What was answered although the search doubts that the docs do."""
    pages: list[Page] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)
    """Why answers did not help, most frequent first."""
    remarks: list[Remark] = field(default_factory=list)
    """Newest first."""


def make_report(
    turns: Iterable[Turn], *, since: date, until: date, site: str, remarks: Sequence[Remark] = ()
) -> Report:
    """Count what the records say; small talk and readers who left count as turns only."""
    all_turns = list(turns)
    questions = [turn for turn in all_turns if turn.kind in (*_ANSWERED, "not_covered")]
    return Report(
        since=since,
        until=until,
        site=site,
        texts_kept=any(turn.question for turn in all_turns),
        turns=len(all_turns),
        kinds=dict(Counter(turn.kind for turn in all_turns).most_common()),
        days=_days(all_turns),
        asked=_subjects(questions),
        unanswered=_subjects([turn for turn in questions if not _was_answered(turn)]),
        doubted=_subjects([turn for turn in questions if _was_answered(turn) and turn.verdict == "weak"]),
        pages=_pages_to_fix(questions),
        reasons=dict(Counter(turn.feedback_reason for turn in all_turns if turn.feedback_reason).most_common()),
        remarks=list(remarks[:MOST_LISTED]),
    )


def _was_answered(turn: Turn) -> bool:
    """Whether the docs had an answer, judging by the search and the reader."""
    return (
        turn.kind != "not_covered"
        and turn.feedback != "negative"
        and not (turn.kind == "model" and not turn.cited_uris)
    )


def _days(turns: Sequence[Turn]) -> list[Day]:
    by_day: dict[date, list[Turn]] = defaultdict(list)
    for turn in turns:
        by_day[turn.asked_at.date()].append(turn)
    return [_day(day, own) for day, own in sorted(by_day.items())]


def _day(day: date, turns: Sequence[Turn]) -> Day:
    kinds = Counter(turn.kind for turn in turns)
    answered_ms = [turn.total_ms for turn in turns if turn.kind in _ANSWERED]
    return Day(
        day,
        turns=len(turns),
        model_requests=sum(turn.model_requests for turn in turns),
        not_covered=kinds["not_covered"],
        failed=kinds["failed"],
        median_ms=round(median(answered_ms)) if answered_ms else 0,
    )


def _subjects(turns: Sequence[Turn]) -> list[Subject]:
    """The most frequent ones; questions that differ only in case, spaces and final punctuation are one."""
    groups: dict[str, list[Turn]] = defaultdict(list)
    for turn in turns:
        groups[_same(turn.question) if turn.question else turn.nearest].append(turn)
    largest = sorted(groups.values(), key=lambda group: (-len(group), group[0].asked_at))[:MOST_LISTED]
    return [Subject(group[0].question, group[0].nearest, len(group)) for group in largest]


def _same(question: str) -> str:
    return " ".join(question.lower().split()).rstrip("?!. ？！。")


def _pages_to_fix(turns: Sequence[Turn]) -> list[Page]:
    """Pages that readers were not happy with, worst first."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    names: dict[str, Counter[str]] = defaultdict(Counter)
    for turn in turns:
        for page in {_page_of(uri) for uri in turn.cited_uris}:
            counts[page].update(cited=1, **{turn.feedback or "none": 1}, cautions=int(bool(turn.not_found)))
            names[page].update(turn.not_found)
        if not turn.cited_uris and turn.nearest and not _was_answered(turn):
            counts[_page_of(turn.nearest)].update(unanswered=1)
    pages = [_page(uri, count, names[uri]) for uri, count in counts.items()]
    wanting = [page for page in pages if page.thumbs_down or page.cautions or page.unanswered]
    return sorted(wanting, key=lambda page: (-page.thumbs_down, -page.cautions - page.unanswered, page.uri))[
        :MOST_LISTED
    ]


def _page(uri: str, count: "Counter[str]", names: "Counter[str]") -> Page:
    return Page(
        uri,
        cited=count["cited"],
        thumbs_down=count["negative"],
        thumbs_up=count["positive"],
        cautions=count["cautions"],
        unanswered=count["unanswered"],
        names=tuple(name for name, _ in names.most_common(5)),
    )


def _page_of(uri: str) -> str:
    return uri.partition("#")[0]


def turn_of(row: Any) -> Turn:
    """A row of the table as the report reads it."""
    return Turn(
        asked_at=row.asked_at,
        outcome=row.outcome,
        source=row.source,
        verdict=row.verdict,
        total_ms=row.total_ms,
        model_requests=row.model_requests,
        passage_uris=tuple(json.loads(row.passage_uris)),
        cited_uris=tuple(json.loads(row.cited_uris)),
        not_found=tuple(json.loads(row.not_found)),
        feedback=row.feedback,
        question=row.question,
        feedback_reason=row.feedback_reason,
    )


def remark_of(row: Any) -> Remark:
    """A row of feedback, with the record of its turn where there is one, as the report reads it."""
    sections = [*json.loads(row.cited_uris or "[]"), *json.loads(row.passage_uris or "[]")]
    return Remark(row.given_at.date(), row.reason or "", row.text, sections[0] if sections else "")
