"""What every failure has: a reason, a code, a message, and what to do about it."""

from collections.abc import Mapping
from typing import ClassVar

import grpc
from docs_chat.errors.v1 import errors_pb2

_REASON_PREFIX = "ERROR_REASON_"
_SHOWN, _SHOWN_AT_THE_END = 64, 24
"""Characters of what a caller sent that a message repeats, and how many of them are its last."""


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


def reason_name(reason: "errors_pb2.ErrorReason.ValueType") -> str:
    """Name of a reason as it travels, for example `SITE_NOT_FOUND`."""
    return errors_pb2.ErrorReason.Name(reason).removeprefix(_REASON_PREFIX)


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
