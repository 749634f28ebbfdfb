"""Writes the answer to one assignment: with a model, or with quotations when no model is available."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial

from agents import Model
from agents.exceptions import AgentsException
from docs_chat.agent.v1.agent_service_pb2 import FallbackPolicy
from docs_chat.agent.v1.turn_events_pb2 import (
    AnswerSource,
    GroundingReport,
    NoticeCode,
    TokenUsage,
    TurnCompleted,
    TurnStage,
)
from opentelemetry import trace

from services.agent.agent_run.docs_agent import SecondLook, docs_agent, stream_text
from services.agent.agent_run.instructions import conversation_items, instructions, question_with_material
from services.agent.answer.cited_answer import CitedAnswer
from services.agent.answer.grounding import check_grounding
from services.agent.answer.repetition import Repetition
from services.agent.answer.source_list import SourceList
from services.agent.conversation import TurnRequest
from services.agent.events import TurnEvent, notice, progress, queued
from services.agent.evidence import Evidence
from services.agent.models.ladder import Ladder
from services.agent.models.turn_model import TurnModel
from services.agent.own_words import own_words
from services.agent.quota.refusals import LimitOwner
from services.agent.quoting.extractive_model import ExtractiveModel
from services.agent.retriever_client import RetrieverClient
from services.agent.turn.shared_runs import Emit
from services.agent.turn.suggestions import suggest_questions
from services.language.locales import language_name
from services.runtime.errors import (
    DeadlineExceeded,
    ProviderRefused,
    ProviderUnavailable,
    QueueFull,
    QuotaDayExhausted,
    QuotaMinuteExhausted,
    ServiceError,
    TurnInterrupted,
)

logger = logging.getLogger(__name__)

_TIME_TO_QUOTE_S = 0.5
"""Kept of every deadline, so that a model that is too slow still leaves time to quote."""
_CUTS = {
    "length": "The answer was cut off by the model's limit.",
    "content_filter": "The provider cut the answer off.",
    "loop": "The model began to repeat itself, so the answer was cut off.",
}
"""What the reader is told, by why the model's text ended."""
_LONGEST_REFUSAL = 120
"""Characters up to which an answer without a source is taken for the plain word that the docs do not tell."""
_NO_SOURCES_NOTICE = "The model named no source for this answer. Compare it with the passages that were found."
_UNKNOWN_LANGUAGE = "the language of the question"
_EXTRACTIVE_NOTICE = "No language model answered; these are quotations from the documentation."
_OF_THE_NETWORK: tuple[tuple[type[ServiceError], str], ...] = (
    (
        QuotaDayExhausted,
        "Your network has used up its share of today's requests; the count starts again at 00:00 UTC.",
    ),
    (QuotaMinuteExhausted, "Too many questions come from your network at the moment; try again in a minute."),
    (QueueFull, "Too many questions come from your network at the moment; try again in a minute."),
)
_WHY_EXTRACTIVE: tuple[tuple[type[ServiceError], str], ...] = (
    (QuotaDayExhausted, "This site has used up its model requests for today; the count starts again at 00:00 UTC."),
    (QuotaMinuteExhausted, "Too many questions are being asked on this site at the moment; try again in a minute."),
    (QueueFull, "Too many questions are being asked on this site at the moment; try again in a minute."),
    (ProviderRefused, "The site's owner has to look at the model settings."),
    (ProviderUnavailable, "The language models do not answer at the moment."),
    (DeadlineExceeded, "The language models took too long."),
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """What is to be answered, from what, and until when."""

    request: TurnRequest
    evidence: Evidence
    subject: str
    """The question with the subject it leans on."""
    language: str
    """Code of the language to answer in."""
    time_left_s: float
    span: trace.Span = trace.INVALID_SPAN


@dataclass(slots=True)
class Answerer:
    """Writes answers.

    Args:
        retriever: For second looks.
        ladder: The models; None when no key is configured.
        tool_rounds: Second looks a model may take, 0 or 1.
        passage_limit: Passages of a second look.
        history_tokens: Estimated tokens of earlier turns handed to the model.
        evidence_tokens: Most estimated tokens of passages handed to it.
        longest_answer_s: Longest run of one answer.
        clock: Seconds since 1970.
        trace_texts: Write questions and answers into traces.
    """

    retriever: RetrieverClient
    ladder: Ladder | None = None
    tool_rounds: int = 1
    passage_limit: int = 8
    history_tokens: int = 1500
    evidence_tokens: int = 6000
    longest_answer_s: float = 90.0
    clock: Callable[[], float] = time.time
    trace_texts: bool = False

    async def answer(self, assignment: Assignment, emit: Emit[TurnEvent]) -> TurnCompleted:
        """Hand out the events of the answer, the last one included, which is returned as well.

        Raises:
            TurnInterrupted: If it broke off after text was handed out.
            ServiceError: If there is no answer and the caller wanted the reason instead of quotations.
        """
        with trace.use_span(assignment.span):
            writing = _Writing(assignment, emit)
            completed = await self._written(writing)
            if self.trace_texts:
                assignment.span.set_attributes(
                    {"docs_chat.question": assignment.request.question, "docs_chat.answer": completed.text}
                )
            emit(completed)
            return completed

    def is_held_back(self, request: TurnRequest) -> bool:
        """Whether the asker's network has just been refused: then nobody else should share the fate of this turn."""
        return self.ladder is not None and self.ladder.governor.refused_lately(request.asker)

    async def _written(self, writing: "_Writing") -> TurnCompleted:
        if self.ladder is None:
            return await self._quote(writing, why=None)
        try:
            return await self._ask_model(writing, self.ladder)
        except ServiceError as error:
            if writing.cited.text:
                text = "The answer broke off; what you see is not complete."
                writing.emit(notice(NoticeCode.NOTICE_CODE_INTERRUPTED, text))
                raise TurnInterrupted("the answer broke off; what was said is not complete") from error
            if not _may_quote(error, writing.assignment.request.options.fallback):
                raise
            logger.info("answering with quotations", extra={"why": type(error).__name__})
            return await self._quote(writing, why=error, requests=writing.requests)

    async def _ask_model(self, writing: "_Writing", ladder: Ladder) -> TurnCompleted:
        assignment = writing.assignment
        time_s = min(assignment.time_left_s - _TIME_TO_QUOTE_S, self.longest_answer_s)
        model = TurnModel(
            ladder,
            asker=assignment.request.asker,
            prefer=assignment.request.options.model,
            deadline=self.clock() + time_s,
            asked_before=assignment.evidence.asked_before,
            whole_answer=assignment.request.options.whole_answer,
            on_place=lambda ahead, wait_s: writing.emit(queued(ahead, wait_s)),
            on_asked=lambda: writing.emit(progress(TurnStage.TURN_STAGE_WAITING_FOR_MODEL)),
            question=partial(question_with_material, assignment.request, assignment.evidence),
            evidence_tokens=self.evidence_tokens,
        )
        try:
            async with asyncio.timeout(max(0.0, time_s)):
                # A further attempt costs one request, not two.
                with_tools = self.tool_rounds > 0 and not assignment.evidence.asked_before
                await self._run(writing, model, with_tools=with_tools)
        except TimeoutError as error:
            raise DeadlineExceeded("the models took too long") from error
        except AgentsException as error:
            logger.warning("run failed", extra={"error": type(error).__name__})
            raise ProviderUnavailable("the run of the model failed") from error
        finally:
            writing.requests = model.requests
        if not writing.cited.text.strip():
            raise ProviderUnavailable("the model wrote nothing that can be shown")
        return self._completed_by_model(writing, model)

    async def _run(self, writing: "_Writing", model: Model, *, with_tools: bool) -> None:
        """One run of the agent, its text handed out as it comes."""
        assignment = writing.assignment
        look = SecondLook(
            self.retriever,
            assignment.evidence,
            assignment.request.scope,
            self.passage_limit,
            on_look=lambda: writing.emit(progress(TurnStage.TURN_STAGE_SEARCHING_AGAIN)),
        )
        rules = instructions(language_name(assignment.language) or _UNKNOWN_LANGUAGE, with_tools=with_tools)
        items = conversation_items(
            assignment.request,
            assignment.evidence,
            history_tokens=self.history_tokens,
            evidence_tokens=self.evidence_tokens,
        )
        agent = docs_agent(rules, with_tools=with_tools)
        async with aclosing(stream_text(agent, model, items, look)) as text:
            async for delta in text:
                # Quotations may repeat what their page repeats; only a language model runs in circles.
                quoted = isinstance(model, ExtractiveModel)
                shown = delta if quoted else writing.sources.feed(writing.repetition.take(delta))
                for event in writing.cited.feed(shown):
                    writing.emit(event)
                if writing.repetition.loops:
                    break
        for event in writing.cited.feed(writing.sources.finish()):
            writing.emit(event)
        for event in writing.cited.finish():
            writing.emit(event)

    def _completed_by_model(self, writing: "_Writing", model: TurnModel) -> TurnCompleted:
        last = model.replies[-1]
        cut = _CUTS.get("loop" if writing.repetition.loops else last.finish_reason)
        if cut:
            writing.emit(notice(NoticeCode.NOTICE_CODE_TRUNCATED, cut))
        has_sources = self._name_sources(writing)
        report = check_grounding(writing.cited.text, _sources(writing.assignment))
        if report.not_found:
            text = "Some names or numbers in this answer do not appear in the documentation it rests on; check them."
            writing.emit(notice(NoticeCode.NOTICE_CODE_UNGROUNDED, text, tuple(report.not_found)))
        usage = TokenUsage(
            requests=model.requests,
            input_tokens=sum(reply.input_tokens for reply in model.replies),
            output_tokens=sum(reply.output_tokens for reply in model.replies),
            cost_usd=sum(reply.cost_usd for reply in model.replies),
        )
        completed = self._completed(writing, AnswerSource.ANSWER_SOURCE_MODEL, usage, report)
        completed.model = last.served_model
        completed.generation_id = last.generation_id
        completed.degraded = completed.degraded or bool(cut) or not has_sources
        return completed

    def _name_sources(self, writing: "_Writing") -> bool:
        """Find the sources of an answer that names none, or say that it has none and return False."""
        if not writing.cited.citations:
            for event in writing.cited.attribute():
                writing.emit(event)
        if writing.cited.citations or len(writing.cited.text) <= _LONGEST_REFUSAL:
            return True
        writing.emit(notice(NoticeCode.NOTICE_CODE_NO_SOURCES, _NO_SOURCES_NOTICE))
        return False

    async def _quote(self, writing: "_Writing", *, why: ServiceError | None, requests: int = 0) -> TurnCompleted:
        assignment = writing.assignment
        writing.emit(notice(NoticeCode.NOTICE_CODE_EXTRACTIVE, f"{_EXTRACTIVE_NOTICE} {_reason(why)}".rstrip()))
        words = own_words(assignment.language)
        lead = words.nearest_said if assignment.evidence.is_doubtful else ""
        model = ExtractiveModel(assignment.subject, assignment.evidence, nothing_found=words.nothing_found, lead=lead)
        await self._run(writing, model, with_tools=False)
        usage = TokenUsage(requests=requests)
        completed = self._completed(writing, AnswerSource.ANSWER_SOURCE_EXTRACTIVE, usage, GroundingReport())
        completed.degraded = True
        return completed

    def _completed(
        self, writing: "_Writing", source: "AnswerSource.ValueType", usage: TokenUsage, report: GroundingReport
    ) -> TurnCompleted:
        assignment = writing.assignment
        cited = {citation.uri for citation in writing.cited.citations}
        suggestions = suggest_questions(assignment.request.question, assignment.evidence, cited, assignment.language)
        return TurnCompleted(
            text=writing.cited.text,
            citations=writing.cited.citations,
            suggestions=suggestions,
            source=source,
            usage=usage,
            grounding=report,
            degraded=bool(assignment.evidence.degraded_reason),
        )


@dataclass(slots=True)
class _Writing:
    """One answer under way."""

    assignment: Assignment
    emit: Emit[TurnEvent]
    cited: CitedAnswer = field(init=False)
    repetition: Repetition = field(default_factory=Repetition)
    sources: SourceList = field(default_factory=SourceList)
    requests: int = 0

    def __post_init__(self) -> None:
        self.cited = CitedAnswer(self.assignment.evidence)


def _reason(why: ServiceError | None) -> str:
    """Why no model answered, in a sentence that says whose limit it was; empty when there is none to tell."""
    is_network = why is not None and why.facts.get("limit_owner") == LimitOwner.NETWORK
    reasons = _OF_THE_NETWORK if is_network else _WHY_EXTRACTIVE
    return next((text for kind, text in reasons if isinstance(why, kind)), "")


def _may_quote(error: ServiceError, policy: "FallbackPolicy.ValueType") -> bool:
    match policy:
        case FallbackPolicy.FALLBACK_POLICY_FAIL:
            return False
        case FallbackPolicy.FALLBACK_POLICY_FAIL_IF_RETRYABLE:
            return error.retry_after_s is None
        case _:
            return True


def _sources(assignment: Assignment) -> list[str]:
    """Everything an answer may take its names from."""
    passages = assignment.evidence.passages
    texts = [f"{passage.title}\n{' '.join(passage.heading_path)}\n{passage.text}" for passage in passages]
    messages = [message.text for message in assignment.request.messages]
    return [*texts, *messages, assignment.request.selected_text]
