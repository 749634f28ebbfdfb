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
│   └── QuotaExhausted                             `limit_owner` says whose
│       └── QuotaMinuteExhausted, QuotaDayExhausted
├── Unavailable               UNAVAILABLE          wait `retry_after_s`, if it is set
│   ├── IndexUnavailable, EmbedderUnavailable, ServiceUnreachable
│   ├── ProviderUnavailable
│   └── TurnInterrupted                            what was said is not complete
├── DeadlineExceeded          DEADLINE_EXCEEDED
└── InternalError             INTERNAL             our bug; the log has it

Deep code raises, `interceptors` turns the class into a status, `from_rpc_error` turns it back by its reason.
"""

from services.runtime.errors.base import ServiceError, reason_name, shown
from services.runtime.errors.status import ERROR_DOMAIN, from_rpc_error, to_status
from services.runtime.errors.tree import (
    CallerUnauthenticated,
    ChunkTooLong,
    ContentRefused,
    DeadlineExceeded,
    DocumentNotFound,
    EmbedderUnavailable,
    EmbeddingModelMismatch,
    Exhausted,
    IndexUnavailable,
    InternalError,
    InvalidQuery,
    InvalidRequest,
    InvalidSource,
    NotFound,
    Overloaded,
    PermissionDenied,
    PreconditionFailed,
    ProviderRefused,
    ProviderUnavailable,
    QueueFull,
    QuotaDayExhausted,
    QuotaExhausted,
    QuotaMinuteExhausted,
    RevisionConflict,
    RevisionNotKept,
    RevisionNotOpen,
    ServiceUnreachable,
    SiteNotFound,
    SuspiciousSource,
    TurnInterrupted,
    Unavailable,
)

__all__ = [
    "ERROR_DOMAIN",
    "CallerUnauthenticated",
    "ChunkTooLong",
    "ContentRefused",
    "DeadlineExceeded",
    "DocumentNotFound",
    "EmbedderUnavailable",
    "EmbeddingModelMismatch",
    "Exhausted",
    "IndexUnavailable",
    "InternalError",
    "InvalidQuery",
    "InvalidRequest",
    "InvalidSource",
    "NotFound",
    "Overloaded",
    "PermissionDenied",
    "PreconditionFailed",
    "ProviderRefused",
    "ProviderUnavailable",
    "QueueFull",
    "QuotaDayExhausted",
    "QuotaExhausted",
    "QuotaMinuteExhausted",
    "RevisionConflict",
    "RevisionNotKept",
    "RevisionNotOpen",
    "ServiceError",
    "ServiceUnreachable",
    "SiteNotFound",
    "SuspiciousSource",
    "TurnInterrupted",
    "Unavailable",
    "from_rpc_error",
    "reason_name",
    "shown",
    "to_status",
]
