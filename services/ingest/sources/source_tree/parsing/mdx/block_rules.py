"""Block rules that make markdown-it an MDX parser: ESM, JSX, expressions, comments, `:::` containers, footnotes, math.

A rule of markdown-it looks at the lines from `start` on; it returns False, or pushes tokens and moves `state.line`.
Scans that reach the end of their container in vain are paid for from a budget, so that no text takes quadratic time.
"""

import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock

from services.ingest.sources.source_tree.parsing.mdx.javascript import INCOMPLETE, end_of_braces, is_complete
from services.ingest.sources.source_tree.parsing.mdx.tags import Expression, NoTag, Tag, scan_jsx_tag

DIRECTIVE_NAME = r"[A-Za-z](?:[\w-]*[A-Za-z0-9])?(?![\w-])"
_ESM = re.compile(r"(?:import|export) ")
_CONTAINER = re.compile(
    rf"(?P<colons>:{{3,}})(?P<name>{DIRECTIVE_NAME})"
    r"(?:\[(?P<label>(?:\\.|[^\\\[\]]|\[(?:\\.|[^\\\[\]]|\[[^\[\]]*\])*\])*)\])?"
    r"(?P<attributes>\{[^{}]*\})?[ \t]*\Z",
    re.ASCII,
)
_LEAF = re.compile(rf"::{DIRECTIVE_NAME}(?:\[[^\]]*\])?(?:\{{[^{{}}]*\}})?[ \t]*\Z", re.ASCII)
_ATTRIBUTE = re.compile(r"""([\w:.#-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`{}]+)))?""")
_FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\]:[ \t]*")
_FLOW_TERMINATORS: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
BUDGET_CHARS = 1_000_000

BlockRule = Callable[[StateBlock, int, int, bool], bool]


class ParserOverwhelmed(Exception):
    """The text has so many unclosed tags or braces that Docusaurus could not compile it either."""


def add_block_rules(md: MarkdownIt, *, is_mdx: bool, has_comments: bool, has_math: bool) -> None:
    """Teach a parser the blocks of a format."""
    ruler = md.block.ruler
    if is_mdx:
        ruler.before("table", "mdx_esm", _esm)
        ruler.before("table", "mdx_flow", _flow_rule(has_comments=has_comments), _FLOW_TERMINATORS)
        ruler.at("paragraph", _paragraph)
    if has_math:
        ruler.before("table", "math_block", _math_block, _FLOW_TERMINATORS)
    ruler.before("table", "directive", _directive, _FLOW_TERMINATORS)
    ruler.before("reference", "footnote", _footnote, {"alt": ["paragraph", "reference", "blockquote"]})


def _spend(state: StateBlock, characters: int) -> None:
    state.env["spent"] = state.env.get("spent", 0) + characters
    if state.env["spent"] > BUDGET_CHARS:
        raise ParserOverwhelmed


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
    if silent or state.blkIndent > 0 or state.tShift[start] > 0 or state.level > 0:
        return False
    first = state.bMarks[start]
    if not _ESM.match(state.src, first):
        return False
    line = start
    fallback = 0
    while line < end:
        while line < end and not state.isEmpty(line):
            line += 1
        source = state.src[first : state.eMarks[line - 1]]
        fallback = fallback or line
        if is_complete(source):
            break
        _spend(state, len(source))
        while line < end and state.isEmpty(line):
            line += 1
    else:
        line = fallback
        source = state.src[first : state.eMarks[line - 1]]
    token = state.push("mdx_esm", "", 0)
    token.content, token.map = source, [start, line]
    state.line = line
    return True


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
                    _spend(state, len(lines.text))
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


def _directive(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`:::name[label]{attributes}` with everything up to a line of as many colons."""
    first = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("::", first) or state.is_code_block(start):
        return False
    line = state.src[first : state.eMarks[start]]
    if len(line) > 2_000:
        return False
    opening = _CONTAINER.match(line)
    if opening is None:
        return _leaf_directive(state, start, line, silent)
    if silent:
        return True
    last = start + 1
    while last < end and not _closes_container(state, last, len(opening["colons"])):
        if state.sCount[last] < state.blkIndent and not state.isEmpty(last):
            break
        last += 1
    is_closed = last < end and _closes_container(state, last, len(opening["colons"]))
    _push_container(state, start, last, opening)
    state.line = last + 1 if is_closed else last
    return True


def _closes_container(state: StateBlock, line: int, colons: int) -> bool:
    first = state.bMarks[line] + state.tShift[line]
    text = state.src[first : state.eMarks[line]].rstrip(" \t")
    return len(text) >= colons and text[0] == ":" and text == ":" * len(text)


def _push_container(state: StateBlock, start: int, last: int, opening: re.Match[str]) -> None:
    token = state.push("directive_open", "", 1)
    token.map = [start, last]
    token.meta = {"name": opening["name"], "attributes": directive_attributes(opening["attributes"] or "")}
    if opening["label"]:
        state.push("label_open", "", 1)
        label = state.push("inline", "", 0)
        label.content, label.map, label.children = opening["label"], [start, start + 1], []
        state.push("label_close", "", -1)
    old_line_max, old_parent = state.lineMax, state.parentType
    state.lineMax, state.parentType = last, "root"
    state.md.block.tokenize(state, start + 1, last)
    state.lineMax, state.parentType = old_line_max, old_parent
    state.push("directive_close", "", -1)


def _leaf_directive(state: StateBlock, start: int, line: str, silent: bool) -> bool:
    """`::name` on a line of its own shows nothing but its label; Docusaurus has no use for it."""
    if not _LEAF.match(line):
        return False
    if not silent:
        label = re.search(r"\[([^\]]*)\]", line)
        if label:
            state.push("paragraph_open", "p", 1)
            token = state.push("inline", "", 0)
            token.content, token.map, token.children = label[1], [start, start + 1], []
            state.push("paragraph_close", "p", -1)
        state.line = start + 1
    return True


def directive_attributes(source: str) -> dict[str, str]:
    """Attributes of a directive: `{title="x" .class #id}`."""
    found = _ATTRIBUTE.findall(source.strip("{}"))
    return {name: double or single or bare for name, double, single, bare in found}


def _footnote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`[^name]: text`, continued by indented lines."""
    first = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("[^", first) or state.is_code_block(start):
        return False
    opening = _FOOTNOTE.match(state.src, first, state.eMarks[start])
    if opening is None or opening.end() >= state.eMarks[start]:
        return False
    if silent:
        return True
    token = state.push("footnote_open", "", 1)
    token.meta = {"name": opening[1]}
    saved = state.bMarks[start], state.tShift[start], state.sCount[start], state.blkIndent, state.parentType
    state.bMarks[start], state.tShift[start] = opening.end(), 0
    state.blkIndent += 4
    state.sCount[start] = state.blkIndent
    state.parentType = "footnote"
    state.md.block.tokenize(state, start, end)
    state.bMarks[start], state.tShift[start], state.sCount[start], state.blkIndent, state.parentType = saved
    state.push("footnote_close", "", -1)
    return True


def _math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`$$` on a line of its own, up to the next one."""
    first = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("$$", first) or state.is_code_block(start):
        return False
    if "$" in state.src[first + 2 : state.eMarks[start]]:
        return False
    if silent:
        return True
    last = start + 1
    while last < end and not state.src[state.bMarks[last] : state.eMarks[last]].strip().startswith("$$"):
        if state.sCount[last] < state.blkIndent and not state.isEmpty(last):
            break
        last += 1
    token = state.push("fence", "code", 0)
    token.info, token.map = "math", [start, last]
    token.content = state.getLines(start + 1, last, state.blkIndent, True)
    state.line = min(last + 1, end)
    return True


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
