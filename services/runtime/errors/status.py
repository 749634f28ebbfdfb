"""Failures on the wire: from a class to a status of gRPC, and back by its reason."""

import re
from collections.abc import Mapping

import grpc
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from services.runtime.errors.base import ServiceError, reason_name
from services.runtime.errors.tree import (
    ABSTRACT,
    CallerUnauthenticated,
    DeadlineExceeded,
    InternalError,
    Overloaded,
    PermissionDenied,
    QuotaExhausted,
    ServiceUnreachable,
)
from services.runtime.times import duration

ERROR_DOMAIN = "docs-chat"
_MESSAGE_BYTES, _FACTS_BYTES, _VIOLATIONS_BYTES, _REPEATED_BYTES = 1_000, 600, 1_000, 200
"""What a status may hold. A caller's library reads 8,192 bytes of trailers: they carry the message in clear, where a
byte beyond ASCII takes three, and all of it as base64, where three bytes take four: 7,000 at most."""
_TOO_LARGE = re.compile("larger than max|metadata size", re.IGNORECASE)
"""How gRPC itself words a message, or metadata, beyond its limits: no load, and no reason to come back."""


def to_status(error: ServiceError) -> grpc.Status:
    """The status a server ends the call with: ErrorInfo always; RetryInfo, BadRequest, QuotaFailure when they apply.

    Its parts are cut to what a caller's library reads; beyond that it would report too much metadata instead.
    """
    status = status_pb2.Status(code=error.code.value[0], message=_cut(error.message, _MESSAGE_BYTES))
    facts = _cut_all(error.facts, _FACTS_BYTES)
    status.details.add().Pack(
        error_details_pb2.ErrorInfo(domain=ERROR_DOMAIN, reason=reason_name(error.reason), metadata=facts)
    )
    if error.retry_after_s is not None:
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=duration(error.retry_after_s)))
    if error.violations:
        violations = [
            error_details_pb2.BadRequest.FieldViolation(field=field, description=description)
            for field, description in _cut_all(error.violations, _VIOLATIONS_BYTES).items()
        ]
        status.details.add().Pack(error_details_pb2.BadRequest(field_violations=violations))
    if isinstance(error, QuotaExhausted):
        subject = _cut(error.facts.get("limit_owner", "provider"), _REPEATED_BYTES)
        description = _cut(error.message, _REPEATED_BYTES)
        violation = error_details_pb2.QuotaFailure.Violation(subject=subject, description=description)
        status.details.add().Pack(error_details_pb2.QuotaFailure(violations=[violation]))
    return rpc_status.to_status(status)


def _cut(text: str, size: int) -> str:
    """The text within so many bytes. What is not Unicode, as in names of files, could not travel and is replaced."""
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
        case grpc.StatusCode.RESOURCE_EXHAUSTED if _TOO_LARGE.search(error.details() or ""):
            return InternalError(f"a message to or from the {service} service is larger than allowed", service=service)
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            return Overloaded(f"the {service} service has too much to do", retry_after_s=1.0, service=service)
        case code:
            return InternalError(f"the {service} service failed with {code.name}", service=service)


def _classes(base: type[ServiceError]) -> dict[str, type[ServiceError]]:
    found = {} if base in ABSTRACT else {reason_name(base.reason): base}
    for child in base.__subclasses__():
        found |= _classes(child)
    return found


_CLASSES = _classes(ServiceError)
