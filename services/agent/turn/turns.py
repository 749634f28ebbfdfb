"""One turn, from the reader's question to the last event.

Small talk is answered without a search. A question is searched, its passages are shown, and it is answered: from the
cache, with a model, with quotations, or with the plain word that the docs do not cover it. Readers who ask the same at
the same time share one run.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from docs_chat.agent.v1.turn_events_pb2 import (
    AnswerSource,
    CitationAdded,
    NoticeCode,
    Progress,
    TextDelta,
    TurnCompleted,
    TurnStage,
    TurnTimings,
)
from opentelemetry import trace

from services.agent import telemetry
from services.agent.conversation import TurnRequest
from services.agent.events import TurnEvent, notice, progress
from services.agent.evidence import Evidence
from services.agent.own_words import own_words
from services.agent.small_talk.recognition import recognise_small_talk, small_talk_events
from services.agent.turn.answer_cache import AnswerCache
from services.agent.turn.answerer import Answerer, Assignment
from services.agent.turn.evidence_finder import EvidenceFinder
from services.agent.turn.passages_first import PassagesFirst
from services.agent.turn.queries import plan_search
from services.agent.turn.shared_runs import Emit, SharedRuns
from services.agent.turn.site_questions import SiteQuestions
from services.language.detection import answer_language
from services.runtime.errors import ServiceError, reason_name
from services.runtime.telemetry import tracer
from services.runtime.times import duration

_NEAREST_PAGES = 3
_CACHED_PIECE = 400
"""Characters of one delta when a kept answer is told again."""


@dataclass(slots=True)
class _Clock:
    """Measures one turn as its reader sees it."""

    started: float = field(default_factory=time.perf_counter)
    passages_s: float | None = None
    first_text_s: float | None = None
    queued_since: float | None = None
    queued_s: float = 0.0

    @property
    def now_s(self) -> float:
        return time.perf_counter() - self.started

    def saw(self, event: TurnEvent) -> None:
        match event:
            case TextDelta() if self.first_text_s is None:
                self.first_text_s = self.now_s
                telemetry.FIRST_TEXT_SECONDS.observe(self.first_text_s)
            case Progress(stage=TurnStage.TURN_STAGE_QUEUED) if self.queued_since is None:
                self.queued_since = self.now_s
            case Progress(stage=TurnStage.TURN_STAGE_WAITING_FOR_MODEL) if self.queued_since is not None:
                self.queued_s, self.queued_since = self.queued_s + self.now_s - self.queued_since, None

    def timings(self) -> TurnTimings:
        timings = TurnTimings(total=duration(self.now_s), queued=duration(self.queued_s))
        if self.passages_s is not None:
            timings.passages.CopyFrom(duration(self.passages_s))
        if self.first_text_s is not None:
            timings.first_text.CopyFrom(duration(self.first_text_s))
        return timings


@dataclass(slots=True)
class Turns:
    """Runs turns.

    Args:
        finder: Finds the passages.
        answerer: Writes answers.
        questions: What readers who ask nothing may ask.
        cache: Keeps answers; None keeps nothing.
    """

    finder: EvidenceFinder
    answerer: Answerer
    questions: SiteQuestions
    cache: AnswerCache | None = None
    shared: SharedRuns[TurnEvent] = field(default_factory=SharedRuns)
    passages_first: PassagesFirst = field(default_factory=PassagesFirst)

    async def run(self, request: TurnRequest, time_left_s: float) -> AsyncGenerator[TurnEvent, None]:
        """Events of one turn; `TurnCompleted` comes last, and only if the answer is whole.

        Args:
            request: The turn.
            time_left_s: Seconds until the caller gives up.

        Raises:
            ServiceError: Why there is no answer, or no whole one.
        """
        clock, outcome = _Clock(), "abandoned"
        span = tracer().start_span("turn")
        try:
            async with aclosing(self._events(request, clock, span, time_left_s)) as events:
                async for event in events:
                    clock.saw(event)
                    if isinstance(event, TurnCompleted):
                        event = _timed(event, clock)  # noqa: PLW2901
                        outcome = AnswerSource.Name(event.source).removeprefix("ANSWER_SOURCE_").lower()
                        telemetry.TURN_SECONDS.observe(clock.now_s)
                    yield event
        except ServiceError as error:
            outcome = reason_name(error.reason).lower()
            raise
        finally:
            telemetry.TURNS.labels(outcome).inc()
            span.set_attribute("docs_chat.outcome", outcome)
            span.end()

    async def _events(
        self, request: TurnRequest, clock: _Clock, span: trace.Span, time_left_s: float
    ) -> AsyncGenerator[TurnEvent, None]:
        if small_talk := recognise_small_talk(request):
            questions = await self.questions.for_turn(request, small_talk.language)
            for event in small_talk_events(small_talk, request, questions):
                yield event
            return
        yield progress(TurnStage.TURN_STAGE_SEARCHING)
        plan = plan_search(request)
        with trace.use_span(span), self.passages_first.searching():
            evidence = await self.finder.find(request, plan)
        clock.passages_s = clock.now_s
        telemetry.PASSAGES_SECONDS.observe(clock.passages_s)
        yield evidence.as_event()
        for remark in _remarks(evidence):
            yield remark
        language = answer_language(request.question, request.reader_language)
        if (evidence.not_covered and not request.selected_text) or not evidence.passages:
            for event in _not_covered(evidence, language):
                yield event
            return
        subject = " ".join(dict.fromkeys(evidence.searched_for)) or plan.subject
        assignment = Assignment(request, evidence, subject, language, time_left_s - clock.now_s, span)
        async with aclosing(self._answer(assignment)) as events:
            async for event in events:
                yield event

    async def _answer(self, assignment: Assignment) -> AsyncGenerator[TurnEvent, None]:
        request = assignment.request
        key = self.cache.key(request, assignment.evidence, assignment.language) if self.cache else None
        if self.cache and key and not request.options.skip_cache and (kept := await self.cache.read(key)):
            for event in _told_again(kept):
                yield event
            return

        async def produce(emit: Emit[TurnEvent]) -> None:
            await self.passages_first.passed()
            completed = await self.answerer.answer(assignment, emit)
            if self.cache and key and _worth_keeping(completed, assignment.evidence):
                await self.cache.write(key, completed)

        options = request.options
        may_share = key and not options.skip_cache and not self.answerer.is_held_back(request)
        shared_key = f"{key} {options.fallback} {options.whole_answer}" if may_share else None
        async with aclosing(self.shared.follow(shared_key, produce)) as events:
            async for event in events:
                yield event


def _remarks(evidence: Evidence) -> list[TurnEvent]:
    """What the reader should know about the search."""
    remarks: list[TurnEvent] = []
    if evidence.corrected:
        text = "A word of your question stands nowhere in the docs; searched for"
        remarks.append(notice(NoticeCode.NOTICE_CODE_CORRECTED, text, evidence.corrected))
    if evidence.is_doubtful and evidence.passages:
        text = "The docs may not answer this. What follows is the nearest they say."
        remarks.append(notice(NoticeCode.NOTICE_CODE_DOUBTFUL, text))
    if evidence.widening is not None:
        where = [f"version {name}" for name in evidence.widening.versions]
        where += [f"locale {evidence.widening.locale}"] if evidence.widening.locale else []
        text = f"Nothing was found where you are; this comes from {', '.join(where) or 'another part of the docs'}."
        remarks.append(notice(NoticeCode.NOTICE_CODE_WIDENED, text, tuple(where)))
    if evidence.degraded_reason:
        text = "A part of the search did not work; there may be better passages."
        remarks.append(notice(NoticeCode.NOTICE_CODE_DEGRADED_SEARCH, text, (evidence.degraded_reason,)))
    if evidence.passages:
        remarks.append(Progress(stage=TurnStage.TURN_STAGE_READING, passage_count=len(evidence.passages)))
    return remarks


def _not_covered(evidence: Evidence, language: str) -> list[TurnEvent]:
    """The honest answer that costs no model request."""
    words = own_words(language)
    text, pages = words.not_covered, _nearest_pages(evidence)
    if pages:
        text += f"\n\n{words.nearest}\n\n" + "\n".join(pages)
    return [
        notice(NoticeCode.NOTICE_CODE_NOT_COVERED, "The documentation does not seem to cover this question."),
        TextDelta(text=text),
        TurnCompleted(
            text=text, source=AnswerSource.ANSWER_SOURCE_NOT_COVERED, degraded=bool(evidence.degraded_reason)
        ),
    ]


def _nearest_pages(evidence: Evidence) -> list[str]:
    lines: dict[str, str] = {}
    for passage in evidence.passages:
        title = " › ".join([passage.title, *passage.heading_path[-1:]])
        safe_title = title.replace("[", "(").replace("]", ")")
        lines.setdefault(passage.document_uri, f"- [{safe_title}]({passage.uri})")
    return list(lines.values())[:_NEAREST_PAGES]


def _told_again(kept: TurnCompleted) -> list[TurnEvent]:
    """A kept answer as a stream: citations right after the piece of text they stand in."""
    events: list[TurnEvent] = []
    waiting = list(kept.citations)
    for end in range(_CACHED_PIECE, len(kept.text) + _CACHED_PIECE, _CACHED_PIECE):
        events.append(TextDelta(text=kept.text[end - _CACHED_PIECE : end]))
        events += [CitationAdded(citation=citation) for citation in waiting if citation.index <= end]
        waiting = [citation for citation in waiting if citation.index > end]
    completed = TurnCompleted()
    completed.CopyFrom(kept)
    completed.source = AnswerSource.ANSWER_SOURCE_CACHE
    return [*events, completed]


def _worth_keeping(completed: TurnCompleted, evidence: Evidence) -> bool:
    whole = completed.source == AnswerSource.ANSWER_SOURCE_MODEL and not completed.degraded
    return whole and not completed.grounding.not_found and not evidence.degraded_reason


def _timed(event: TurnCompleted, clock: _Clock) -> TurnCompleted:
    """The last event with this reader's own times; the run it came from may have begun for another."""
    timed = TurnCompleted()
    timed.CopyFrom(event)
    timed.timings.CopyFrom(clock.timings())
    return timed
