"""What the names in an expression stand for."""

from collections.abc import Callable, Mapping
from typing import Any


class TooMuchToEvaluate(Exception):
    """The expressions of a page take more steps than any page needs."""


class Budget:
    """Steps that the expressions of one page may take together, and how deep they may go."""

    MAX_STEPS = 150_000
    MAX_DEPTH = 60

    def __init__(self) -> None:
        self._steps = 0
        self.depth = 0

    def spend(self) -> None:
        """Pay for one step.

        Raises:
            TooMuchToEvaluate: If the page has used up its budget, or is nested too deeply.
        """
        self._steps += 1
        if self._steps > self.MAX_STEPS or self.depth > self.MAX_DEPTH:
            raise TooMuchToEvaluate


class Names:
    """Values of names, each worked out when it is first asked for.

    Args:
        find: Gives the value of a name, and `missing` for one it does not know.
        missing: What an unknown name stands for.
        budget: Of the page; None: a new one.
    """

    def __init__(self, find: Callable[[str], Any], missing: Any, budget: Budget | None = None) -> None:
        self._find = find
        self._missing = missing
        self._found: dict[str, Any] = {}
        self.budget = budget or Budget()

    def value(self, name: str) -> Any:
        """What a name stands for."""
        if name not in self._found:
            self._found[name] = self._missing  # for a definition that refers to itself
            self._found[name] = self._find(name)
        return self._found[name]

    def with_values(self, values: Mapping[str, Any]) -> "Names":
        """The same names with some more, which win."""
        outer = self

        def find(name: str) -> Any:
            return values[name] if name in values else outer.value(name)

        return Names(find, self._missing, self.budget)
