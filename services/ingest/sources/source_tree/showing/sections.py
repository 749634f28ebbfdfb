"""From what a page shows to its headings and sections, with anchors that are sure to land."""

from collections import Counter
from collections.abc import Sequence

from services.ingest.document import Block, Heading, Section
from services.ingest.sources.source_tree.showing.context import HeadingShown, IdShown, Shown


def cut_into_sections(shown: Sequence[Shown]) -> tuple[tuple[Heading, ...], tuple[Section, ...]]:
    """Headings of a page, and its text under each of them; sections without text are left out.

    The first heading of level 1 is the page's title: it is in no heading path and its section is the page's top.
    """
    cutter = _SectionCutter(_id_counts(shown))
    for one in shown:
        if isinstance(one, Block):
            cutter.blocks.append(one)
        elif isinstance(one, HeadingShown):
            cutter.begin_section(one)
    cutter.end_section()
    return tuple(cutter.headings), tuple(cutter.sections)


class _SectionCutter:
    def __init__(self, id_counts: Counter[str]) -> None:
        self.headings: list[Heading] = []
        self.sections: list[Section] = []
        self.blocks: list[Block] = []
        """Of the section that is open."""
        self._id_counts = id_counts
        self._anchor = ""
        self._above: list[tuple[int, str, str]] = []
        """Level, text and anchor of each heading above the open section, its own included."""

    def begin_section(self, heading: HeadingShown) -> None:
        self.end_section()
        is_title = heading.level == 1 and all(other.level != 1 for other in self.headings)
        self.headings.append(Heading(heading.level, heading.id, heading.text))
        self._above = [above for above in self._above if above[0] < heading.level]
        if heading.id and self._id_counts[heading.id] == 1 and not heading.is_hidden:
            self._anchor = heading.id
        if heading.text and not is_title:
            self._above.append((heading.level, heading.text, self._anchor))

    def end_section(self) -> None:
        if self.blocks:
            heading_path = tuple(text for _, text, _ in self._above)
            anchor_path = tuple(anchor for _, _, anchor in self._above)
            self.sections.append(Section(self._anchor, heading_path, tuple(self.blocks), anchor_path))
        self.blocks = []


def _id_counts(shown: Sequence[Shown]) -> Counter[str]:
    """How often each id occurs; a browser scrolls to the first."""
    return Counter(one.id for one in shown if isinstance(one, HeadingShown | IdShown) and one.id)
