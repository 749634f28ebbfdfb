"""Just enough JavaScript to find where an expression ends, without running or understanding it."""

import re

_CLOSERS = {"{": "}", "(": ")", "[": "]"}
_TOKEN = re.compile(
    r"""//[^\n]*
    |/\*.*?\*/
    |"(?:\\.|[^"\\\n])*"
    |'(?:\\.|[^'\\\n])*'
    |[`{}()\[\]/]""",
    re.DOTALL | re.VERBOSE,
)
_TEMPLATE_PART = re.compile(r"(?:\\.|[^`\\$]|\$(?!\{))*(`|\$\{|\Z)", re.DOTALL)
_REGEX = re.compile(r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*+\]|[^/\\\n\[])++/[a-z]*+")
_LONGEST_REGEX = 200
"""Longest regular expression that is recognised, so that a text full of slashes does not take minutes."""
_BEFORE_REGEX = "(,=:[!&|?{};+"
_UNFINISHED = re.compile(
    r"(?:[=,+\-*/&|?:(\[{.<]|=>|\b(?:from|default|const|let|var|function|class|export|import))\s*\Z"
)
_COMMENTS_ONLY = re.compile(r"(?:\s|/\*.*?\*/|//[^\n]*(?:\n|\Z))*+\Z", re.DOTALL)

INCOMPLETE = -1


def end_of_braces(text: str, start: int) -> int:
    """Index just after the bracket that closes the one at `start`, or INCOMPLETE when the text ends before."""
    open_until: list[str] = []
    position = start
    while (token := _TOKEN.search(text, position)) is not None:
        position = _take(token, text, open_until)
        if position == INCOMPLETE or not open_until:
            return position
    return INCOMPLETE


def _take(token: re.Match[str], text: str, open_until: list[str]) -> int:
    """Note what a token opens or closes; where to go on, or INCOMPLETE in a template that does not end."""
    mark = token.group()
    if mark == "}" and open_until[-1:] == ["`"]:
        open_until.pop()
        return _take_template(text, token.end(), open_until)
    if mark == "`":
        return _take_template(text, token.end(), open_until)
    if mark == "/":
        return _regex_end(text, token.start())
    if mark in _CLOSERS:
        open_until.append(_CLOSERS[mark])
    elif mark in open_until:  # a bracket of another kind left open is text of JSX or a mistake: close it too
        while open_until.pop() != mark:
            pass
    return token.end()


def _take_template(text: str, position: int, open_until: list[str]) -> int:
    position, is_hole = _template_end(text, position)
    if is_hole:
        open_until.append("`")
    return position


def is_complete(source: str) -> bool:
    """Whether an import or export block can end here: its brackets are closed and it ends in a whole statement."""
    end = end_of_braces("(" + source + "\n)", 0)
    return end == len(source) + 3 and not _UNFINISHED.search(source)


def is_only_comments(source: str) -> bool:
    """Whether an expression holds nothing but comments."""
    return _COMMENTS_ONLY.match(source) is not None


def _template_end(text: str, position: int) -> tuple[int, bool]:
    """Where the literal part of a template ends, and whether a `${` follows."""
    match = _TEMPLATE_PART.match(text, position)
    if match is None or match.group(1) == "":
        return INCOMPLETE, False
    return match.end(), match.group(1) == "${"


def _regex_end(text: str, slash: int) -> int:
    """Where a regular expression that begins at this slash ends; just after the slash when it is a division."""
    before = text[max(0, slash - 80) : slash].rstrip()
    if before and before[-1] not in _BEFORE_REGEX and not before.endswith("return"):
        return slash + 1
    match = _REGEX.match(text, slash, min(len(text), slash + _LONGEST_REGEX))
    return match.end() if match else slash + 1
