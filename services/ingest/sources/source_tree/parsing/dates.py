"""Moments as authors write them in front matter and file names."""

import re
from datetime import UTC, datetime

_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})\b", re.ASCII)


def moment_of(text: str) -> datetime | None:
    """The moment a text names, in UTC where it names no zone; None when it is no date.

    >>> moment_of("2024-03-01T10:00:00Z") == moment_of("2024-03-01 10:00"), moment_of("2024/3/1").day, moment_of("soon")
    (True, 1, None)
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return _day_of(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day_of(text: str) -> datetime | None:
    """The day a text begins with."""
    match = _DAY.match(text.strip())
    try:
        return datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC) if match else None
    except ValueError:
        return None
