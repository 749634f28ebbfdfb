"""What failures of the provider mean, and how breakers keep them from being repeated."""

import aiohttp
import pytest

from services.agent.models.breakers import Breaker, BreakerState
from services.agent.models.failures import FailureKind, ProviderError, classify
from tools.openrouter_emulator.failures import HTTP_FAILURES, HttpFailure, day_limit, minute_limit

KINDS = {
    "401": FailureKind.KEY_REFUSED,
    "402": FailureKind.NO_CREDIT,
    "403-moderation": FailureKind.CONTENT_REFUSED,
    "403-guardrail": FailureKind.CONTENT_REFUSED,
    "403-model": FailureKind.MODEL_GONE,
    "404": FailureKind.MODEL_GONE,
    "404-free-ended": FailureKind.MODEL_GONE,
    "400-context": FailureKind.CONTEXT_TOO_LONG,
    "400-tools": FailureKind.MODEL_GONE,
    "400-models": FailureKind.REQUEST_REFUSED,
    "400-instructions": FailureKind.REQUEST_REFUSED,
    "400-refused": FailureKind.REQUEST_REFUSED,
    "413": FailureKind.CONTEXT_TOO_LONG,
    "422": FailureKind.REQUEST_REFUSED,
    "429-upstream": FailureKind.MODEL_BUSY,
    "429-model-minute": FailureKind.MODEL_BUSY,
    "429-model-day": FailureKind.MODEL_BUSY,
    "429-long": FailureKind.MODEL_BUSY,
    "408": FailureKind.TOO_SLOW,
    "500": FailureKind.PROVIDER_DOWN,
    "502": FailureKind.PROVIDER_DOWN,
    "503": FailureKind.PROVIDER_DOWN,
    "503-hint": FailureKind.PROVIDER_DOWN,
    "504": FailureKind.TOO_SLOW,
    "524": FailureKind.TOO_SLOW,
    "529": FailureKind.PROVIDER_DOWN,
}


def status_error(failure: HttpFailure) -> ProviderError:
    return ProviderError(failure.status, failure.error, failure.headers)


def test_every_emulated_refusal_has_a_meaning() -> None:
    assert KINDS.keys() == HTTP_FAILURES.keys()


@pytest.mark.parametrize("name", KINDS)
def test_refusals_mean_what_their_source_says(name: str) -> None:
    assert classify(status_error(HTTP_FAILURES[name])).kind is KINDS[name]


def test_the_accounts_limits_are_told_from_those_of_a_model() -> None:
    day = classify(status_error(day_limit(50, 1_000_060_000)), now=1_000_000.0)
    minute = classify(status_error(minute_limit(20, 1_000_030_000)), now=1_000_000.0)
    assert (day.kind, day.day_limit, day.retry_after_s) == (FailureKind.DAY_QUOTA, 50, pytest.approx(60))
    assert (minute.kind, minute.retry_after_s) == (FailureKind.MINUTE_QUOTA, pytest.approx(30))


def test_hints_are_read_wherever_they_stand() -> None:
    assert classify(status_error(HTTP_FAILURES["429-upstream"])).retry_after_s == 5
    assert classify(status_error(HTTP_FAILURES["503-hint"])).retry_after_s == 2
    assert classify(status_error(HTTP_FAILURES["500"])).retry_after_s is None


@pytest.mark.parametrize("error", [ValueError("x"), AttributeError("y"), KeyError("z")])
def test_an_unknown_exception_is_a_bad_answer_and_its_text_stays_inside(error: Exception) -> None:
    failure = classify(error)
    assert failure.kind is FailureKind.BAD_ANSWER
    assert str(error) not in failure.message


def test_a_lost_connection_is_the_providers() -> None:
    assert classify(aiohttp.ServerDisconnectedError()).kind is FailureKind.PROVIDER_DOWN
    assert classify(aiohttp.SocketTimeoutError()).kind is FailureKind.TOO_SLOW


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_open_breaker_lets_one_request_try_when_its_time_has_come() -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    breaker.failed("busy", cool_down_s=30)
    assert (breaker.state, breaker.may_pass(), breaker.wait_s) == (BreakerState.OPEN, False, 30)
    clock.now += 31
    assert breaker.state is BreakerState.HALF_OPEN
    assert breaker.enter()
    assert not breaker.enter()
    breaker.succeeded()
    assert breaker.enter()


def test_a_probe_that_was_given_up_lets_the_next_one_try() -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    breaker.failed("busy", cool_down_s=0)
    assert breaker.enter()
    breaker.left()
    assert breaker.enter()


def test_a_breaker_may_need_several_failures_in_a_row() -> None:
    breaker = Breaker(clock=Clock())
    breaker.failed("slow", cool_down_s=30, at_failures=2)
    assert breaker.may_pass()
    breaker.failed("slow", cool_down_s=30, at_failures=2)
    assert not breaker.may_pass()
