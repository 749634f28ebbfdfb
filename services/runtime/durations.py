"""Spans of time as they travel in messages."""

from google.protobuf.duration_pb2 import Duration


def duration(seconds: float) -> Duration:
    """A span of time, to the microsecond.

    >>> duration(1.5).ToMilliseconds()
    1500
    """
    message = Duration()
    message.FromMicroseconds(round(seconds * 1_000_000))
    return message
