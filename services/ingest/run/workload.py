"""How much work pages are, before they are parsed: for the bar and for the time that is left."""

from collections.abc import Sequence
from typing import Protocol

from services.ingest.document import Page

_BYTES_OF_A_PAGE = 200
"""What a page costs however short it is, and although all of it was embedded before."""


class HasParts(Protocol):
    """Tells the raw texts of a page; a `Source` does."""

    def raw_parts(self, page: Page) -> Sequence[bytes]: ...


class Workload:
    """Pages to write, each with the bytes that are new in it.

    What was embedded once is not embedded again, so the same section in ten versions is the work of one.

    Args:
        source: Where their texts are looked at.
        pages: The pages in the order in which they will be written.
    """

    def __init__(self, source: HasParts, pages: Sequence[Page]) -> None:
        self._sizes: dict[str, tuple[int, int]] = {}
        seen: set[int] = set()
        for page in pages:
            size = new = _BYTES_OF_A_PAGE
            for part in source.raw_parts(page):
                size += len(part)
                digest = hash(part)
                new += 0 if digest in seen else len(part)
                seen.add(digest)
            self._sizes[page.uri] = size, new
        self._size_left = sum(size for size, _ in self._sizes.values())
        self._size_read = 0
        self._chunks_read = 0
        self._work_left = sum(new for _, new in self._sizes.values())
        self._work_done = 0

    def page_read(self, uri: str, chunk_count: int) -> None:
        """A page was parsed; how many chunks it gave."""
        size, new = self._sizes.get(uri, (0, 0))
        self._size_left -= size
        self._size_read += size
        self._chunks_read += chunk_count
        if not chunk_count:  # nothing of it will be written
            self._work_left -= new

    def page_written(self, uri: str) -> None:
        """A page is in the index."""
        _, new = self._sizes.get(uri, (0, 0))
        self._work_left -= new
        self._work_done += new

    @property
    def chunks_total(self) -> int:
        """Chunks there will be, if the pages to come are like those before."""
        if not self._size_read:
            return 0
        return self._chunks_read + round(self._chunks_read * max(0, self._size_left) / self._size_read)

    def remaining_s(self, elapsed_s: float) -> float | None:
        """Seconds left at the rate so far; None while nothing is written."""
        return elapsed_s * max(0, self._work_left) / self._work_done if self._work_done else None
