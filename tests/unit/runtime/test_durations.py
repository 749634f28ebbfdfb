"""Spans of time in messages."""

import pytest

from services.runtime.durations import duration


@pytest.mark.parametrize("seconds", [0.0, 0.000001, 1.25, 600.0])
def test_a_span_of_time_arrives_to_the_microsecond(seconds: float) -> None:
    assert duration(seconds).ToMicroseconds() == round(seconds * 1_000_000)
