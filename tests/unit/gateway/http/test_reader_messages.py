"""Readers are told in their own words what failed, and never what a service says about itself."""

import pytest

from gateway.http.reader_messages import reader_message
from services.runtime import errors


def every_kind(base: type[errors.ServiceError] = errors.ServiceError) -> list[type[errors.ServiceError]]:
    return [base, *(kind for child in base.__subclasses__() for kind in every_kind(child))]


@pytest.mark.parametrize("kind", every_kind())
def test_every_failure_has_one_short_text(kind: type[errors.ServiceError]) -> None:
    text = reader_message(kind("x" * 9000)).text
    assert 10 < len(text) <= 501
    assert text.endswith((".", "…"))


@pytest.mark.parametrize("kind", [errors.InternalError, errors.IndexUnavailable, errors.ProviderRefused])
def test_what_a_service_says_stays_in_the_log(kind: type[errors.ServiceError]) -> None:
    assert "shard" not in reader_message(kind("shard 7 is gone")).text


def test_the_narrower_kind_decides() -> None:
    assert "No language model" in reader_message(errors.ProviderUnavailable("x")).text
    assert "answering service" in reader_message(errors.ServiceUnreachable("x")).text
    assert "put it another way" in reader_message(errors.ContentRefused("x")).text


def test_our_own_wrong_token_is_not_the_readers_fault() -> None:
    ours = errors.CallerUnauthenticated("the agent service refused our token", service="agent")
    theirs = errors.CallerUnauthenticated("your login has expired")
    assert reader_message(ours).allow_retry
    assert reader_message(theirs).text == "Your login has expired."
