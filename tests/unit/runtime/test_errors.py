"""Failures keep their class, hint and facts on their way over the wire."""

import grpc
import pytest
from docs_chat.errors.v1 import errors_pb2
from google.rpc import error_details_pb2, status_pb2

from services.runtime import errors
from services.runtime.errors import ServiceError, from_rpc_error, reason_name, shown, to_status
from services.runtime.errors.tree import ABSTRACT


def concrete_classes(base: type[ServiceError] = ServiceError) -> list[type[ServiceError]]:
    """Classes of the tree itself; a service may have narrower ones of its own, which travel as their parent."""
    if not base.__module__.startswith(errors.__name__):
        return []
    found = [] if base in ABSTRACT else [base]
    return found + [leaf for child in base.__subclasses__() for leaf in concrete_classes(child)]


def over_the_wire(error: ServiceError) -> grpc.aio.AioRpcError:
    status = to_status(error)
    return grpc.aio.AioRpcError(
        status.code, grpc.aio.Metadata(), grpc.aio.Metadata(*status.trailing_metadata), details=status.details
    )


@pytest.mark.parametrize("kind", concrete_classes())
def test_every_class_comes_back_as_itself(kind: type[ServiceError]) -> None:
    sent = kind("what happened", retry_after_s=1.5, violations={"field": "wrong"}, site="docs")
    received = from_rpc_error(over_the_wire(sent), service="retriever")
    assert type(received) is kind
    assert (received.message, received.retry_after_s) == ("what happened", 1.5)
    assert (received.violations, received.facts) == ({"field": "wrong"}, {"site": "docs"})


def test_no_hint_stays_no_hint() -> None:
    received = from_rpc_error(over_the_wire(errors.QuotaDayExhausted("used up")), service="agent")
    assert received.retry_after_s is None


@pytest.mark.parametrize(
    ("failed", "owner"),
    [
        (errors.QuotaDayExhausted("used up"), "provider"),
        (errors.QuotaDayExhausted("used up", limit_owner="network"), "network"),
    ],
)
def test_quota_failures_say_whose_quota_it_was(failed: ServiceError, owner: str) -> None:
    status = status_pb2.Status.FromString(dict(to_status(failed).trailing_metadata)["grpc-status-details-bin"])
    failure = error_details_pb2.QuotaFailure()
    assert any(detail.Unpack(failure) for detail in status.details)
    assert failure.violations[0].subject == owner


def test_every_reason_of_the_contract_has_its_class() -> None:
    named = {reason_name(kind.reason) for kind in concrete_classes()}
    contract = {reason_name(value) for value in errors_pb2.ErrorReason.values()} - {"UNSPECIFIED"}
    assert named == contract


def test_a_status_that_is_not_ours_is_put_into_our_words() -> None:
    foreign = grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata())
    assert isinstance(from_rpc_error(foreign, service="agent"), errors.ServiceUnreachable)


@pytest.mark.parametrize("text", ["", "docs", "a" * 64, "a" * 65, "漢" * 200_000, "\x00\n" * 100_000])
def test_what_a_caller_sent_is_repeated_in_quotes_and_short(text: str) -> None:
    repeated = shown(text)
    assert repeated.isprintable()
    assert (repeated == repr(text)) is (len(text) <= 64)
    assert len(repeated) <= 2 + 64 * len(r"\x00")


def test_the_beginning_and_the_end_of_a_long_text_are_shown() -> None:
    assert shown(f"/srv/{'a' * 100}/handbook/docs") == f"'/srv/{'a' * 34}…aaaaaaaaaa/handbook/docs'"


@pytest.mark.parametrize("character", ["a", "漢", "\n", "\udcff"], ids=["ASCII", "Chinese", "controls", "no Unicode"])
@pytest.mark.parametrize("kind", [errors.InvalidRequest, errors.QuotaDayExhausted])
def test_a_status_fits_into_trailers_whatever_it_holds(kind: type[ServiceError], character: str) -> None:
    text = character * 200_000
    violations = {f"messages[{at}].text": text for at in range(100)}
    status = to_status(kind(text, retry_after_s=1.0, violations=violations, site=text, uri=text))
    in_clear = sum(len(byte) for byte in map(_percent_encoded, status.details))
    as_base64 = sum(len(value) for _, value in status.trailing_metadata) * 4 / 3
    assert in_clear + as_base64 < 7_700
    received = from_rpc_error(over_the_wire(kind(text, violations=violations, site=text)), service="agent")
    assert type(received) is kind


def _percent_encoded(character: str) -> str:
    return character if " " <= character <= "~" else "%00" * len(character.encode())


@pytest.mark.parametrize(
    "details",
    [
        "Received message larger than max (20000000 vs. 16777216)",
        "received metadata size exceeds hard limit (51002 vs. 16384)",
    ],
)
def test_what_does_not_fit_is_no_load_that_passes(details: str) -> None:
    foreign = grpc.aio.AioRpcError(
        grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.aio.Metadata(), grpc.aio.Metadata(), details=details
    )
    assert type(from_rpc_error(foreign, service="retriever")) is errors.InternalError


def test_a_server_with_too_many_calls_is_busy() -> None:
    foreign = grpc.aio.AioRpcError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.aio.Metadata(),
        grpc.aio.Metadata(),
        details="Concurrent RPC limit exceeded!",
    )
    assert isinstance(from_rpc_error(foreign, service="agent"), errors.Overloaded)
