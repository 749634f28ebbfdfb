"""What a config that was not run is known to hold, and what is not known."""

from dataclasses import dataclass, field
from typing import Any

ENVIRONMENT = "process.env"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only running the config would tell."""

    reason: str
    line: int
    file: str = ""
    """The file that computes it, relative to the site folder; empty for the config itself."""

    @property
    def is_environment(self) -> bool:
        """Whether it is an environment variable, which is taken to be unset where there is a default."""
        return self.reason.startswith(ENVIRONMENT)


@dataclass(frozen=True, slots=True)
class Imported:
    """Something that comes from another module and is not plain data: a program, or a module that cannot be read."""

    module: str
    reason: str = ""
    line: int = 0
    file: str = ""

    def as_unknown(self) -> Unknown:
        """The same where a value is needed, not a name."""
        because = f", and there {self.reason}" if self.reason else ""
        return Unknown(f"it comes from {self.module}{because}", self.line, self.file)


@dataclass(slots=True)
class LiteralObject:
    """An object literal; `unknown_spreads` are parts of it that may hold further keys."""

    values: dict[str, Any] = field(default_factory=dict)
    unknown_spreads: list[Unknown] = field(default_factory=list)


def as_literal(value: Any) -> Any:
    """Parsed JSON in the form of literals."""
    if isinstance(value, dict):
        return LiteralObject({str(key): as_literal(inner) for key, inner in value.items()})
    return [as_literal(inner) for inner in value] if isinstance(value, list) else value
