"""Block rules that make markdown-it an MDX parser: ESM, JSX, expressions, comments, paragraphs without indented code.

A rule of markdown-it looks at the lines from `start` on; it returns False, or pushes tokens and moves `state.line`.
"""

import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock

from services.ingest.sources.source_tree.parsing.mdx.budget import spend
from services.ingest.sources.source_tree.parsing.mdx.container_rules import directive, footnote, math_block
from services.ingest.sources.source_tree.parsing.mdx.javascript import INCOMPLETE, end_of_braces, is_complete
from services.ingest.sources.source_tree.parsing.mdx.tags import Expression, NoTag, Tag, scan_jsx_tag

_ESM = re.compile(r"(?:import|export) ")
_FLOW_TERMINATORS: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}

BlockRule = Callable[[StateBlock, int, int, bool], bool]


def add_block_rules(md: MarkdownIt, *, is_mdx: bool, has_comments: bool, has_math: bool) -> None:
    """Teach a parser the blocks of a format."""
    ruler = md.block.ruler
    if is_mdx:
        ruler.before("table", "mdx_esm", _esm)
        ruler.before("table", "mdx_flow", _flow_rule(has_comments=has_comments), _FLOW_TERMINATORS)
        ruler.at("paragraph", _paragraph)
    if has_math:
        ruler.before("table", "math_block", math_block, _FLOW_TERMINATORS)
    ruler.before("table", "directive", directive, _FLOW_TERMINATORS)
    ruler.before("reference", "footnote", footnote, {"alt": ["paragraph", "reference", "blockquote"]})


class _Lines:
    """Text of a container from one line on, which grows while a construct is not complete."""

    def __init__(self, state: StateBlock, start: int, end: int) -> None:
        self._state, self._start = state, start
        self._limit = start + 1
        while self._limit < end and not self._ends_container(self._limit):
            self._limit += 1
            if self._limit - start >= 64:
                break
        self._end = end
        self._line = start + 1
        self.text = self._cut()

    def _ends_container(self, line: int) -> bool:
        state = self._state
        return state.sCount[line] < state.blkIndent and not state.isEmpty(line)

    def _cut(self) -> str:
        state = self._state
        text = state.getLines(self._start, self._line, state.blkIndent, False)
        return text.lstrip(" \t")

    def grow(self) -> bool:
        """Double the text; False when the container has no more."""
        target = self._line + max(1, self._line - self._start)
        while self._limit < min(target, self._end) and not self._ends_container(self._limit):
            self._limit += 1
        new_line = min(target, self._limit)
        if new_line == self._line:
            return False
        self._line = new_line
        self.text = self._cut()
        return True

    def next_line(self, position: int) -> int:
        """Number of the line after the one that holds a position of the text."""
        return self._start + self.text.count("\n", 0, position) + 1


def _esm(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Import and export blocks: from column one to the first blank line at which the JavaScript is complete."""
    first = state.bMarks[start]
    is_in_column_one = first == 0 or state.src[first - 1] == "\n"
    if silent or state.blkIndent > 0 or state.tShift[start] > 0 or not is_in_column_one:
        return False
    if not _ESM.match(state.src, first):
        return False
    line = _end_of_esm(state, start, end)
    token = state.push("mdx_esm", "", 0)
    token.content, token.map = state.src[first : state.eMarks[line - 1]], [start, line]
    state.line = line
    return True


def _end_of_esm(state: StateBlock, start: int, end: int) -> int:
    """Line after the JavaScript that begins at `start`; after its first lines when it is never complete."""
    first_end = line = _skip_lines(state, start, end, empty=False)
    while not is_complete(source := state.src[state.bMarks[start] : state.eMarks[line - 1]]):
        spend(state, len(source))
        line = _skip_lines(state, line, end, empty=True)
        if line >= end:
            return first_end
        line = _skip_lines(state, line, end, empty=False)
    return line


def _skip_lines(state: StateBlock, line: int, end: int, *, empty: bool) -> int:
    while line < end and state.isEmpty(line) is empty:
        line += 1
    return line


def _flow_rule(*, has_comments: bool) -> BlockRule:
    def flow(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        """Lines that hold nothing but tags, expressions and comments."""
        first = state.bMarks[start] + state.tShift[start]
        if first >= state.eMarks[start] or state.src[first] not in "<{" or state.is_code_block(start):
            return False
        lines = _Lines(state, start, end)
        while True:
            try:
                found = _scan_flow(lines.text, has_comments=has_comments)
            except NoTag as error:
                if not error.is_incomplete:
                    return False
                if not lines.grow():
                    spend(state, len(lines.text))
                    return False
                continue
            break
        items, position = found
        if not silent:
            token = state.push("mdx_flow", "", 0)
            token.meta = {"items": items}
            token.map = [start, lines.next_line(position)]
            state.line = lines.next_line(position)
        return True

    return flow


def _scan_flow(text: str, *, has_comments: bool) -> tuple[list[Tag | Expression], int]:
    """Tags and expressions up to the end of the line on which the last one ends."""
    items: list[Tag | Expression] = []
    position = 0
    while True:
        if text[position] == "{":
            close = end_of_braces(text, position)
            if close == INCOMPLETE:
                raise NoTag(is_incomplete=True)
            items.append(Expression(text[position + 1 : close - 1]))
            position = close
        elif has_comments and text.startswith("<!--", position):
            close = text.find("-->", position + 4)
            if close < 0:
                raise NoTag(is_incomplete=True)
            position = close + 3
            items.append(Expression(""))
        else:
            tag, position = scan_jsx_tag(text, position)
            items.append(tag)
        while text[position : position + 1] in {" ", "\t"}:
            position += 1
        if text[position : position + 1] in {"", "\n"}:
            return items, position
        if text[position] != "<" and not (text[position] == "{" and isinstance(items[-1], Tag)):
            raise NoTag(is_incomplete=False)


def _paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A paragraph or setext heading of MDX: there is no indented code, so deeply indented lines may end it."""
    terminators = state.md.block.ruler.getRules("paragraph")
    old_parent, state.parentType = state.parentType, "paragraph"
    level = 0
    line = start + 1
    while line < state.lineMax and not state.isEmpty(line):
        if state.sCount[line] >= 0:
            level = _setext_level(state, line)
            if level or any(rule(state, line, end, True) for rule in terminators):
                break
        line += 1
    kind = f"h{level}" if level else "p"
    name = "heading" if level else "paragraph"
    state.line = line + 1 if level else line
    token = state.push(f"{name}_open", kind, 1)
    token.map = [start, state.line]
    token.markup = "="
    inline = state.push("inline", "", 0)
    inline.content = state.getLines(start, line, state.blkIndent, False).strip(" \t\n")
    inline.map, inline.children = [start, line], []
    state.push(f"{name}_close", kind, -1)
    state.parentType = old_parent
    return True


def _setext_level(state: StateBlock, line: int) -> int:
    if state.sCount[line] < state.blkIndent:
        return 0
    text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip(" \t")
    if text and text[0] in "=-" and text == text[0] * len(text):
        return 1 if text[0] == "=" else 2
    return 0
