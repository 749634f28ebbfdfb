"""Who asks, as fairness sees it: a reader at an address in a network."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose turn it is.

    Args:
        reader: Opaque id; empty when unknown.
        network: Opaque id of the network, or `network/address`; empty: the reader is a network of their own.
    """

    reader: str = ""
    network: str = ""

    @property
    def levels(self) -> tuple[str, str, str]:
        """Network, address and reader."""
        network = self.network or f"reader {self.reader}"
        return network.partition("/")[0], network, self.reader

    @property
    def holder(self) -> str:
        """Name under which the network's share is counted; empty for a caller who names neither reader nor network."""
        if not self.reader and not self.network:
            return ""
        return hashlib.sha256(self.levels[0].encode()).hexdigest()[:24]
