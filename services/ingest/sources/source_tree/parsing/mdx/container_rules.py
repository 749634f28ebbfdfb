"""Block rules for what Docusaurus adds to Markdown: `:::` containers, footnotes and blocks of math."""

import re

from markdown_it.rules_block import StateBlock

DIRECTIVE_NAME = r"[A-Za-z](?:[\w-]*[A-Za-z0-9])?(?![\w-])"
_CONTAINER = re.compile(
    rf"(?P<colons>:{{3,}})(?P<name>{DIRECTIVE_NAME})"
    r"(?:\[(?P<label>(?:\\.|[^\\\[\]]|\[(?:\\.|[^\\\[\]]|\[[^\[\]]*\])*\])*)\])?"
    r"(?P<attributes>\{[^{}]*\})?[ \t]*\Z",
    re.ASCII,
)
_LEAF = re.compile(rf"::{DIRECTIVE_NAME}(?:\[[^\]]*\])?(?:\{{[^{{}}]*\}})?[ \t]*\Z", re.ASCII)
_ATTRIBUTE = re.compile(r"""([\w:.#-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`{}]+)))?""")
_FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\]:[ \t]*")


def directive(state: StateBlock, start: int, end: int, silent: bool) -> bool:
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
    token.meta = {"name": opening["name"], "attributes": _attributes(opening["attributes"] or "")}
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


def _attributes(source: str) -> dict[str, str]:
    """Attributes of a directive: `{title="x" .class #id}`."""
    found = _ATTRIBUTE.findall(source.strip("{}"))
    return {name: double or single or bare for name, double, single, bare in found}


def footnote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
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


def math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
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
