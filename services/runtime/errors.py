"""Failures a caller can act on.

ServiceError
├── InvalidRequest            INVALID_ARGUMENT     a field is wrong; `violations` names it
│   ├── InvalidQuery                               ask differently
│   ├── ContentRefused                             rephrase
│   └── InvalidSource                              point at a Docusaurus site
├── CallerUnauthenticated     UNAUTHENTICATED      show a token
├── PermissionDenied          PERMISSION_DENIED    a token, or a setting, that allows it
├── NotFound                  NOT_FOUND
│   ├── SiteNotFound                               ingest first
│   └── DocumentNotFound
├── PreconditionFailed        FAILED_PRECONDITION  a person must look
│   ├── RevisionConflict                           another run is writing
│   ├── RevisionNotOpen                            begin again
│   ├── RevisionNotKept                            choose a kept one
│   ├── EmbeddingModelMismatch                     re-index
│   ├── ChunkTooLong                               cut shorter
│   ├── ProviderRefused                            key, credit, model
│   └── SuspiciousSource                           look, then force
├── Exhausted                 RESOURCE_EXHAUSTED   wait `retry_after_s`, if it is set
│   ├── Overloaded, QueueFull
│   └── QuotaMinuteExhausted, QuotaDayExhausted
├── Unavailable               UNAVAILABLE          wait `retry_after_s`, if it is set
│   ├── IndexUnavailable, EmbedderUnavailable, ServiceUnreachable
│   ├── ProviderUnavailable
│   └── TurnInterrupted                            what was said is not complete
├── DeadlineExceeded          DEADLINE_EXCEEDED
└── InternalError             INTERNAL             our bug; the log has it

Deep code raises, `interceptors` turns the class into a status, `from_rpc_error` turns it back by its reason.
"""

from collections.abc import Mapping
from typing import ClassVar

import grpc
from docs_chat.errors.v1 import errors_pb2
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

ERROR_DOMAIN = "docs-chat"
_REASON_PREFIX = "ERROR_REASON_"
_SHOWN, _SHOWN_AT_THE_END = 64, 24
"""Characters of what a caller sent that a message repeats, and how many of them are its last."""
_MESSAGE_BYTES, _FACTS_BYTES, _VIOLATIONS_BYTES, _REPEATED_BYTES = 1_000, 600, 1_000, 200
"""What a status may hold. A caller's library reads 8,192 bytes of trailers: they carry the message in clear, where a
byte beyond ASCII takes three, and all of it as base64, where three bytes take four: 7,000 at most."""


class ServiceError(Exception):
    """A failure with a reason.

    Args:
        message: What happened and what to do, for a person. Never a secret, never a reader's text.
        retry_after_s: Seconds after which the same call may succeed; None when waiting is pointless or unknown.
        violations: Field path → what is wrong with it.
        facts: Short values for machines; they travel as ErrorInfo metadata.
    """

    code: ClassVar[grpc.StatusCode] = grpc.StatusCode.INTERNAL
    reason: ClassVar["errors_pb2.ErrorReason.ValueType"] = errors_pb2.ERROR_REASON_INTERNAL

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float | None = None,
        violations: Mapping[str, str] | None = None,
        **facts: str,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after_s = retry_after_s
        self.violations = dict(violations or {})
        self.facts = facts


class InvalidRequest(ServiceError):
    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = errors_pb2.ERROR_REASON_REQUEST_INVALID


class InvalidQuery(InvalidRequest):
    reason = errors_pb2.ERROR_REASON_QUERY_INVALID


class ContentRefused(InvalidRequest):
    reason = errors_pb2.ERROR_REASON_CONTENT_REFUSED


class InvalidSource(InvalidRequest):
    reason = errors_pb2.ERROR_REASON_SOURCE_INVALID


class CallerUnauthenticated(ServiceError):
    code = grpc.StatusCode.UNAUTHENTICATED
    reason = errors_pb2.ERROR_REASON_CALLER_UNAUTHENTICATED


class PermissionDenied(ServiceError):
    code = grpc.StatusCode.PERMISSION_DENIED
    reason = errors_pb2.ERROR_REASON_PERMISSION_DENIED


class NotFound(ServiceError):
    code = grpc.StatusCode.NOT_FOUND


class SiteNotFound(NotFound):
    reason = errors_pb2.ERROR_REASON_SITE_NOT_FOUND


class DocumentNotFound(NotFound):
    reason = errors_pb2.ERROR_REASON_DOCUMENT_NOT_FOUND


class PreconditionFailed(ServiceError):
    code = grpc.StatusCode.FAILED_PRECONDITION


class RevisionConflict(PreconditionFailed):
    reason = errors_pb2.ERROR_REASON_REVISION_CONFLICT


class RevisionNotOpen(PreconditionFailed):
    reason = errors_pb2.ERROR_REASON_REVISION_NOT_OPEN


class RevisionNotKept(PreconditionFailed):
    reason = errors_pb2.ERROR_REASON_REVISION_NOT_KEPT


class EmbeddingModelMismatch(PreconditionFailed):
    reason = errors_pb2.ERROR_REASON_EMBEDDING_MODEL_MISMATCH


class ChunkTooLong(PreconditionFailed):
    reason = errors_pb2.ERROR_REASON_CHUNK_TOO_LONG


class ProviderRefused(PreconditionFailed):
    reason = errors_pb2.ERROR_REASON_PROVIDER_REFUSED


class SuspiciousSource(PreconditionFailed):
    reason = errors_pb2.ERROR_REASON_SOURCE_SUSPICIOUS


class Exhausted(ServiceError):
    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class Overloaded(Exhausted):
    reason = errors_pb2.ERROR_REASON_OVERLOADED


class QueueFull(Exhausted):
    reason = errors_pb2.ERROR_REASON_QUEUE_FULL


class QuotaMinuteExhausted(Exhausted):
    reason = errors_pb2.ERROR_REASON_QUOTA_MINUTE_EXHAUSTED


class QuotaDayExhausted(Exhausted):
    reason = errors_pb2.ERROR_REASON_QUOTA_DAY_EXHAUSTED


class Unavailable(ServiceError):
    code = grpc.StatusCode.UNAVAILABLE


class IndexUnavailable(Unavailable):
    reason = errors_pb2.ERROR_REASON_INDEX_UNAVAILABLE


class EmbedderUnavailable(Unavailable):
    reason = errors_pb2.ERROR_REASON_EMBEDDER_UNAVAILABLE


class ServiceUnreachable(Unavailable):
    reason = errors_pb2.ERROR_REASON_SERVICE_UNREACHABLE


class ProviderUnavailable(Unavailable):
    reason = errors_pb2.ERROR_REASON_PROVIDER_UNAVAILABLE


class TurnInterrupted(Unavailable):
    reason = errors_pb2.ERROR_REASON_TURN_INTERRUPTED


class DeadlineExceeded(ServiceError):
    code = grpc.StatusCode.DEADLINE_EXCEEDED
    reason = errors_pb2.ERROR_REASON_DEADLINE_EXCEEDED


class InternalError(ServiceError):
    """A bug of ours. The message that travels never carries the exception's own text."""


def shown(text: str) -> str:
    """What a caller sent, as a message may repeat it: in quotes, shortened in the middle, control characters escaped.

    >>> shown("handbook")
    "'handbook'"
    >>> len(shown("a" * 200_000))
    66
    """
    if len(text) > _SHOWN:
        text = f"{text[: _SHOWN - _SHOWN_AT_THE_END - 1]}…{text[-_SHOWN_AT_THE_END:]}"
    return repr(text)


def reason_name(reason: "errors_pb2.ErrorReason.ValueType") -> str:
    """Name of a reason as it travels, for example `SITE_NOT_FOUND`."""
    return errors_pb2.ErrorReason.Name(reason).removeprefix(_REASON_PREFIX)


def to_status(error: ServiceError) -> grpc.Status:
    """The status a server ends the call with: ErrorInfo always; RetryInfo, BadRequest, QuotaFailure when they apply.

    Its parts are cut to what a caller's library reads; beyond that it would tell of too much metadata instead.
    """
    status = status_pb2.Status(code=error.code.value[0], message=_cut(error.message, _MESSAGE_BYTES))
    facts = _cut_all(error.facts, _FACTS_BYTES)
    status.details.add().Pack(
        error_details_pb2.ErrorInfo(domain=ERROR_DOMAIN, reason=reason_name(error.reason), metadata=facts)
    )
    if error.retry_after_s is not None:
        delay = Duration()
        delay.FromMilliseconds(round(error.retry_after_s * 1000))
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    if error.violations:
        violations = [
            error_details_pb2.BadRequest.FieldViolation(field=field, description=description)
            for field, description in _cut_all(error.violations, _VIOLATIONS_BYTES).items()
        ]
        status.details.add().Pack(error_details_pb2.BadRequest(field_violations=violations))
    if isinstance(error, QuotaMinuteExhausted | QuotaDayExhausted):
        description = _cut(error.message, _REPEATED_BYTES)
        violation = error_details_pb2.QuotaFailure.Violation(subject="openrouter account", description=description)
        status.details.add().Pack(error_details_pb2.QuotaFailure(violations=[violation]))
    return rpc_status.to_status(status)


def _cut(text: str, size: int) -> str:
    """The text within so many bytes. What is no Unicode, as in names of files, could not travel and is replaced."""
    content = text.encode("utf-8", "replace")
    return content.decode() if len(content) <= size else content[:size].decode("utf-8", "ignore") + "…"


def _cut_all(texts: Mapping[str, str], size: int) -> dict[str, str]:
    """The first of some texts within so many bytes, names included; the last of them may be cut."""
    kept: dict[str, str] = {}
    for name, text in texts.items():
        size -= len(name.encode())
        if size <= 0:
            break
        kept[name] = _cut(text, size)
        size -= len(kept[name].encode())
    return kept


def from_rpc_error(error: grpc.aio.AioRpcError, *, service: str) -> ServiceError:
    """What the server raised, as the same class; a failure of the connection itself as `ServiceUnreachable`.

    Args:
        error: What the stub raised.
        service: Name of the service that was called, for the message.
    """
    status = rpc_status.from_call(error)  # type: ignore[arg-type]  # stubs know only the synchronous call
    info, retry_after_s, violations = error_details_pb2.ErrorInfo(), None, {}
    for detail in status.details if status else ():
        retry, bad = error_details_pb2.RetryInfo(), error_details_pb2.BadRequest()
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            detail.Unpack(info)
        elif detail.Unpack(retry):
            retry_after_s = retry.retry_delay.ToTimedelta().total_seconds()
        elif detail.Unpack(bad):
            violations = {violation.field: violation.description for violation in bad.field_violations}
    known = _CLASSES.get(info.reason)
    if known is not None and info.domain == ERROR_DOMAIN:
        facts = dict(info.metadata)
        return known(error.details() or "", retry_after_s=retry_after_s, violations=violations, **facts)
    return _from_bare_code(error, service)


def _from_bare_code(error: grpc.aio.AioRpcError, service: str) -> ServiceError:
    match error.code():
        case grpc.StatusCode.UNAVAILABLE:
            return ServiceUnreachable(f"the {service} service cannot be reached", retry_after_s=1.0, service=service)
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return DeadlineExceeded(f"the {service} service did not answer in time", service=service)
        case grpc.StatusCode.UNAUTHENTICATED:
            return CallerUnauthenticated(f"the {service} service refused our token", service=service)
        case grpc.StatusCode.PERMISSION_DENIED:
            return PermissionDenied(f"the {service} service does not let us make this call", service=service)
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            return Overloaded(f"the {service} service has too much to do", retry_after_s=1.0, service=service)
        case code:
            return InternalError(f"the {service} service failed with {code.name}", service=service)


def _classes(base: type[ServiceError]) -> dict[str, type[ServiceError]]:
    found = {} if base in _ABSTRACT else {reason_name(base.reason): base}
    for child in base.__subclasses__():
        found |= _classes(child)
    return found


_ABSTRACT = (ServiceError, NotFound, PreconditionFailed, Exhausted, Unavailable)
_CLASSES = _classes(ServiceError)
