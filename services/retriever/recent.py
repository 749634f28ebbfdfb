"""What was used lately, and no more of it than is wanted."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Keeps the entries used last.

    Args:
        most: Entries kept; 0 keeps none.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[Key, Value] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        """The value, which counts as used now; None when it is not kept."""
        if (value := self._entries.get(key)) is not None:
            self._entries.move_to_end(key)
        return value

    def keep(self, key: Key, value: Value) -> None:
        """Keep a value; the one that was not used for the longest time may go."""
        self._entries[key] = value
        while len(self._entries) > self._most:
            self._entries.popitem(last=False)
