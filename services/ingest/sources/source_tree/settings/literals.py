"""What a config that was not run is known to hold, and what is not known."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only running the config would tell."""

    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class Imported:
    """Something that comes from another module."""

    module: str


@dataclass(slots=True)
class LiteralObject:
    """An object literal; `unknown_spreads` are parts of it that may hold further keys."""

    values: dict[str, Any] = field(default_factory=dict)
    unknown_spreads: list[Unknown] = field(default_factory=list)
