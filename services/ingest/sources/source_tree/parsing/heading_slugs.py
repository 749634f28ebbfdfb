"""Heading ids as Docusaurus makes them: github-slugger 1.5, one slugger per MDX module."""

from services.ingest.sources.source_tree.parsing.slug_table import REMOVED


def slug(text: str, *, maintain_case: bool = False) -> str:
    """Slug of a heading's text.

    >>> slug("C++ & C# (2.0)")
    'c--c-20'
    """
    return REMOVED.sub("", text if maintain_case else text.lower()).replace(" ", "-")


class Slugger:
    """Hands out slugs that are unique within one module; explicit ids are neither registered nor checked."""

    def __init__(self, *, maintain_case: bool = False) -> None:
        self._maintain_case = maintain_case
        self._occurrences: dict[str, int] = {}

    def slug(self, text: str) -> str:
        """Next free slug for this text: `same`, `same-1`, `same-2`, …"""
        base = slug(text, maintain_case=self._maintain_case)
        unique = base
        while unique in self._occurrences:
            self._occurrences[base] += 1
            unique = f"{base}-{self._occurrences[base]}"
        self._occurrences[unique] = 0
        return unique
