"""From what a page shows to its headings and sections, with anchors that are sure to land."""

from collections import Counter
from collections.abc import Sequence

from services.ingest.document import Block, Heading, Section
from services.ingest.sources.source_tree.showing.context import HeadingShown, IdShown, Shown


def cut_into_sections(shown: Sequence[Shown]) -> tuple[tuple[Heading, ...], tuple[Section, ...]]:
    """Headings of a page, and its text under each of them; sections without text are left out.

    The first heading of level 1 is the page's title: it is in no heading path and its section is the page's top.
    """
    counts = _id_counts(shown)
    headings: list[Heading] = []
    sections: list[Section] = []
    open_section = _OpenSection("", (), ())
    above: list[tuple[int, str, str]] = []
    anchor = ""
    for one in shown:
        if isinstance(one, Block):
            open_section.blocks.append(one)
        elif isinstance(one, HeadingShown):
            sections += open_section.closed()
            is_title = one.level == 1 and not any(heading.level == 1 for heading in headings)
            above = [heading for heading in above if heading[0] < one.level]
            if one.id and counts[one.id] == 1 and not one.is_hidden:
                anchor = one.id
            if not is_title and one.text:
                above.append((one.level, one.text, anchor))
            headings.append(Heading(one.level, one.id, one.text))
            open_section = _OpenSection(
                anchor, tuple(text for _, text, _ in above), tuple(linked for _, _, linked in above)
            )
    sections += open_section.closed()
    return tuple(headings), tuple(sections)


class _OpenSection:
    def __init__(self, anchor: str, heading_path: tuple[str, ...], anchor_path: tuple[str, ...]) -> None:
        self._anchor, self._heading_path, self._anchor_path = anchor, heading_path, anchor_path
        self.blocks: list[Block] = []

    def closed(self) -> list[Section]:
        if not self.blocks:
            return []
        return [Section(self._anchor, self._heading_path, tuple(self.blocks), self._anchor_path)]


def _id_counts(shown: Sequence[Shown]) -> Counter[str]:
    """How often each id occurs; a browser scrolls to the first."""
    return Counter(one.id for one in shown if isinstance(one, HeadingShown | IdShown) and one.id)
