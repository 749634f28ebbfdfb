"""Spans and moments of time as they travel in messages."""

from datetime import UTC, datetime

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp


def duration(seconds: float) -> Duration:
    """A span of time, to the microsecond.

    >>> duration(1.5).ToMilliseconds()
    1500
    """
    message = Duration()
    message.FromMicroseconds(round(seconds * 1_000_000))
    return message


def timestamp(seconds: float) -> Timestamp:
    """A moment, given as seconds since the epoch.

    >>> timestamp(1.5).ToMilliseconds()
    1500
    """
    message = Timestamp()
    message.FromDatetime(datetime.fromtimestamp(seconds, UTC))
    return message
