"""An Agents SDK `Model` that asks the next model at once when one fails before its first text.

Nothing here sleeps and tries again. A turn waits in the queue for its permit, visibly; without a model it ends with the
reason, and the caller decides whether to come back.
"""

import contextlib
import dataclasses
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from typing import Any

from agents import Model, ModelSettings, Tool
from agents.items import ModelResponse, TResponseInputItem, TResponseStreamEvent

from services.agent.asker import Asker
from services.agent.models.asking import Asking, evidence_budget, fit
from services.agent.models.chat_request import chat_body
from services.agent.models.failures import ACCOUNT_KINDS, Failure, FailureKind, classify
from services.agent.models.guarded_stream import Patience, guarded_stream
from services.agent.models.ladder import Ladder
from services.agent.models.listed import Rung
from services.agent.models.reply import ReplyFacts
from services.agent.models.span import ModelSpan
from services.agent.quota.counting import MINUTE_S, Permit, next_midnight
from services.agent.quota.refusals import LimitOwner, day_exhausted, minute_exhausted
from services.runtime.errors import (
    ContentRefused,
    DeadlineExceeded,
    ProviderRefused,
    ProviderUnavailable,
    ServiceError,
    TurnInterrupted,
)

logger = logging.getLogger(__name__)

_LEAST_USEFUL_S = 2.0
"""Seconds below which asking a model cannot help the reader any more."""


class TurnModel(Model):
    """The ladder as one turn sees it, one for each. No dataclass: the SDK would copy it deeply, ladder and all.

    Args:
        ladder: What all turns share.
        asker: For fairness in the queue; the provider gets a hash of the reader's id.
        prefer: Model to ask first; empty for the ladder's order.
        deadline: Moment, in seconds since 1970, after which an answer is of no use.
        asked_before: An earlier attempt at this turn has gone through the ladder: one model more is asked, not all.
        whole_answer: Pass nothing on before an answer is complete.
        question: The reader's message with passages of so many tokens; None: as the conversation has it.
        evidence_tokens: Most tokens of passages that any model is given.
        on_place: Told the place in the queue.
        on_asked: Told when a request leaves.
    """

    def __init__(
        self,
        ladder: Ladder,
        *,
        asker: Asker,
        prefer: str,
        deadline: float,
        asked_before: bool,
        whole_answer: bool,
        on_place: Callable[[int, float], None],
        on_asked: Callable[[], None],
        question: Callable[[int], str] | None = None,
        evidence_tokens: int = 0,
    ) -> None:
        self.ladder = ladder
        self.asker = asker
        self.prefer = prefer
        self.deadline = deadline
        self.max_attempts = 1 if asked_before else ladder.max_attempts
        self.whole_answer = whole_answer
        self.on_place = on_place
        self.on_asked = on_asked
        self.question = question
        self.evidence_tokens = evidence_tokens
        self.replies: list[ReplyFacts] = []
        self.calls = 0

    @property
    def requests(self) -> int:
        """Requests that left, failed ones included."""
        return sum(1 for reply in self.replies if reply.sent)

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        """Turns are streamed; a run that does not stream is a bug here."""
        raise TypeError("run this model with Runner.run_streamed")

    async def stream_response(
        self,
        system_instructions: str | None,
        input: str | list[TResponseInputItem],  # noqa: A002  # the SDK's name
        model_settings: ModelSettings,
        tools: list[Tool],
        *_: Any,
        **__: Any,
    ) -> AsyncIterator[TResponseStreamEvent]:
        """One answer of whichever model gives one.

        Raises:
            TurnInterrupted: If a model failed after text was passed on.
            ServiceError: Why no model was available.
        """
        self.calls += 1
        second_look = self.calls > 1  # one round of tools: now an answer is due
        ask = Asking(system_instructions, input, tools, may_call=not second_look)
        failures: dict[str, Failure] = {}
        before = self.requests
        attempts = max(1, self.max_attempts - self.requests)  # those of both looks together
        await self.ladder.catalog.look_first()
        waiting = self.ladder.candidates(prefer=self.prefer, needs_tools=second_look)
        while waiting and attempts > 0:
            rung = waiting.pop(0)
            body = self._body(rung, ask)
            if body is None:
                failures[rung.model] = Failure(FailureKind.CONTEXT_TOO_LONG, "not sent: the model cannot read it")
                continue
            attempts -= 1
            permit = await self._permit(rung, spare=self.requests > before)
            callable_tools = [tool.name for tool in tools] if ask.may_call and self.ladder.takes_tools(rung) else []
            try:
                async with contextlib.aclosing(
                    self._ask(rung, permit, body, callable_tools, ask.rules or "")
                ) as events:
                    async for event in events:
                        yield event
                await self.ladder.note_refusals_taken_by(rung.model, failures)
                return
            except _AttemptFailed as failed:
                failures[rung.model] = failed.failure
                if failed.shown:
                    raise TurnInterrupted("the model broke off; what was said is not complete") from failed
                if failed.failure.kind in ACCOUNT_KINDS:
                    break
                if failed.is_learnt and self._body(rung, ask) not in (None, body):
                    waiting.insert(0, rung)  # at once, in a way that it takes
                elif failed.failure.kind is FailureKind.CONTEXT_TOO_LONG:
                    ask = ask.without_history()
        raise self._error(list(failures.values()))

    def _body(self, rung: Rung, ask: Asking) -> bytes | None:
        """The request to one model, with as much of the conversation as it can read; None when it cannot be asked."""
        traits, options = self.ladder.traits.of(rung.model), self.ladder.options
        if not self.ladder.takes_tools(rung):
            ask = dataclasses.replace(ask, tools=[])
        fitted = self._fitted(ask, self.ladder.context_tokens(rung), options.max_output_tokens)
        if fitted is None or not (ask.may_call or ask.tools):
            return None
        ask, answer_tokens = fitted
        fields = options.fields(self.asker.reader, rung, answer_tokens)
        return chat_body(
            rung.model,
            ask.rules,
            ask.items,
            ask.tools,
            fields,
            may_call=ask.may_call,
            has_system_role=not traits.no_system_role,
            refused=traits.refused_fields,
        )

    def _fitted(self, ask: Asking, context_tokens: int, answer_tokens: int) -> tuple[Asking, int] | None:
        """What is asked of a model that reads so much, with fewer passages where it reads little."""
        if self.question is None:
            return fit(ask, context_tokens, answer_tokens)
        budget = evidence_budget(context_tokens, self.evidence_tokens)
        for tokens in (budget, budget // 2, budget // 4):
            if fitted := fit(ask.with_question(self.question(tokens)), context_tokens, answer_tokens):
                return fitted
        return None

    async def _ask(
        self, rung: Rung, permit: Permit, body: bytes, tools: Sequence[str], rules: str
    ) -> AsyncGenerator[TResponseStreamEvent, None]:
        """One request to one model; a failure is noted and raised with what it means."""
        reply, shown = ReplyFacts(), False
        self.replies.append(reply)
        self.on_asked()
        pieces = self.ladder.provider.answer(body, reply)
        thinks_first = self.ladder.traits.of(rung.model).thinks_in_prompt
        events = guarded_stream(pieces, reply, self._patience(), tools=tools, thinks_first=thinks_first, rules=rules)
        with ModelSpan(rung.model, reply, self.ladder.options.max_output_tokens) as span:
            try:
                held: list[TResponseStreamEvent] = []
                async with contextlib.aclosing(pieces), contextlib.aclosing(events):
                    async for event in events:
                        if self.whole_answer:
                            held.append(event)
                            continue
                        shown = True
                        yield event
                await self.ladder.note_success(rung.model, reply)
                for event in held:
                    yield event
            except Exception as error:
                failure = classify(error, now=self.ladder.clock())
                span.failed(failure.kind)
                facts = {"model": rung.model, "kind": failure.kind, "failure": failure.message, "shown": shown}
                facts |= {"detail": failure.detail} if failure.detail else {}
                logger.warning("model failed", extra=facts)
                is_learnt = await self.ladder.note_failure(rung.model, failure)
                raise _AttemptFailed(failure, shown=shown, is_learnt=is_learnt) from error
            finally:
                self.ladder.breaker(rung.model).left()
                self.ladder.account.left()
                if not reply.sent:
                    await self.ladder.governor.give_back(permit)

    async def _permit(self, rung: Rung, *, spare: bool) -> Permit:
        """The right to ask one model, once the account, the deadline and the quota allow it."""
        if not self.ladder.account.enter():
            raise self._account_error()
        left_s = self.deadline - self.ladder.clock() - _LEAST_USEFUL_S
        if left_s <= 0:
            raise DeadlineExceeded("no time is left to ask a model")
        self.ladder.breaker(rung.model).enter()
        longest_wait_s = min(self.ladder.queue_wait_s, left_s)
        try:
            return await self.ladder.governor.acquire(
                self.asker, longest_wait_s=longest_wait_s, on_place=self.on_place, spare=spare or self.calls > 1
            )
        except BaseException:  # nothing was sent, so nothing was learnt
            self.ladder.breaker(rung.model).left()
            self.ladder.account.left()
            raise

    def _patience(self) -> Patience:
        left_s = max(0.1, self.deadline - self.ladder.clock())
        patience = self.ladder.patience
        return Patience(min(patience.first_text_s, left_s), min(patience.text_gap_s, left_s))

    def _account_error(self) -> ServiceError:
        why = "key" if self.ladder.account_kind is FailureKind.KEY_REFUSED else "credit"
        return ProviderRefused(f"the provider refused the account's {why}; an operator must look", what=why)

    def _error(self, failures: list[Failure]) -> ServiceError:
        """Why no model was available, from the failures of this turn."""
        kinds = [failure.kind for failure in failures]
        hint_s = failures[-1].retry_after_s if failures else None
        if FailureKind.DAY_QUOTA in kinds:
            return day_exhausted(LimitOwner.PROVIDER, next_midnight(self.ladder.clock()))
        if FailureKind.MINUTE_QUOTA in kinds:
            return minute_exhausted(LimitOwner.PROVIDER, hint_s or MINUTE_S)
        if FailureKind.KEY_REFUSED in kinds or FailureKind.NO_CREDIT in kinds:
            return self._account_error()
        if kinds and set(kinds) == {FailureKind.CONTENT_REFUSED}:
            return ContentRefused("the model provider refused this conversation; ask in other words")
        reopens_in_s = self.ladder.reopens_in_s()
        if reopens_in_s is None:
            return ProviderRefused("no configured model is on offer; an operator must set AGENT_MODELS", what="models")
        if set(kinds) == {FailureKind.CONTEXT_TOO_LONG}:
            text = "no model reads as much as this question needs; set a smaller AGENT_PASSAGE_LIMIT or add a model"
            return ProviderRefused(text, what="context")
        if kinds and set(kinds) <= {FailureKind.REQUEST_REFUSED, FailureKind.CONTEXT_TOO_LONG}:
            return ProviderRefused("every model refused our request; an operator must look at the log", what="request")
        return ProviderUnavailable("no model answered", retry_after_s=reopens_in_s)


class _AttemptFailed(Exception):
    def __init__(self, failure: Failure, *, shown: bool, is_learnt: bool) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.shown = shown
        self.is_learnt = is_learnt
