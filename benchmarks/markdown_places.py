"""Where a stretch of a Markdown file lands on the rendered page: the sections whose text it overlaps."""

import re
from dataclasses import dataclass
from functools import cached_property

from cli.eval_metrics import normal
from services.ingest.document import Document

_LINE = re.compile(r"^(?P<fence>\s*(?:`{3,}|~{3,}))|^#{1,6}\s+(?P<heading>.+?)\s*$", re.MULTILINE)
_EXPLICIT_ID = re.compile(r"\s*(?:\\?\{#[^}]*\}|\{/\*.*?\*/\})\s*$")
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True)
class MarkdownPage:
    """A file of a page and the page made from it."""

    markdown: str
    document: Document

    def places(self, start: int, end: int) -> tuple[str, ...]:
        """Addresses of the sections that the characters from `start` to `end` touch, in order."""
        touched = [self._page]
        for offset, place in self._headings:
            if offset <= start:
                touched = [place]
            elif offset < end:
                touched.append(place)
        return tuple(dict.fromkeys(touched))

    @cached_property
    def _page(self) -> str:
        return normal(self.document.page.uri)

    @cached_property
    def _headings(self) -> list[tuple[int, str]]:
        """Where each heading begins in the file and its address; those that the page does not render are left out."""
        found = []
        rendered = list(self.document.headings)
        for offset, text in _raw_headings(self.markdown):
            names = [_name(heading.text) for heading in rendered]
            if (name := _name(text)) in names:
                heading = rendered[names.index(name)]
                del rendered[: names.index(name) + 1]
                found.append((offset, f"{self._page}#{heading.id}" if heading.id else self._page))
        return found


def _raw_headings(markdown: str) -> list[tuple[int, str]]:
    found = []
    fence = ""
    for match in _LINE.finditer(markdown):
        if mark := (match["fence"] or "").strip()[:3]:
            fence = "" if fence == mark else fence or mark
        elif not fence and match["heading"]:
            found.append((match.start(), _EXPLICIT_ID.sub("", match["heading"])))
    return found


def _name(text: str) -> str:
    """A heading's words without markup, so that source and page agree."""
    return " ".join(_WORDS.findall(re.sub(r"\]\([^)]*\)|<[^>]+>", " ", text).casefold()))
