"""Spans and moments of time in messages."""

import pytest

from services.runtime.times import duration, timestamp


@pytest.mark.parametrize("seconds", [0.0, 0.000001, 1.25, 600.0])
def test_a_span_of_time_arrives_to_the_microsecond(seconds: float) -> None:
    assert duration(seconds).ToMicroseconds() == round(seconds * 1_000_000)


def test_a_moment_arrives_in_utc() -> None:
    assert timestamp(1_800_014_400.5).ToJsonString() == "2027-01-15T12:00:00.500Z"
