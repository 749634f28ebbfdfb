"""The classes of failures; the tree is drawn in the docstring of this package."""

import grpc
from docs_chat.errors.v1 import errors_pb2

from services.runtime.errors.base import ServiceError


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


class QuotaExhausted(Exhausted):
    """A count of requests is used up; the fact `limit_owner` says whose."""


class QuotaMinuteExhausted(QuotaExhausted):
    reason = errors_pb2.ERROR_REASON_QUOTA_MINUTE_EXHAUSTED


class QuotaDayExhausted(QuotaExhausted):
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
    """A bug on our side. The message that travels never carries the exception's own text."""


ABSTRACT: tuple[type[ServiceError], ...] = (
    ServiceError, NotFound, PreconditionFailed, Exhausted, QuotaExhausted, Unavailable
)  # fmt: skip
"""Classes that gather others and have no reason of their own."""
