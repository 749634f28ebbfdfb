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
"""Characters of a regular expression that are looked at, so that a text full of slashes costs no minutes."""
_BEFORE_REGEX = "(,=:[!&|?{};+"
_UNFINISHED = re.compile(
    r"(?:[=,+\-*/&|?:(\[{.<]|=>|\b(?:from|default|const|let|var|function|class|export|import))\s*\Z"
)
_COMMENTS_ONLY = re.compile(r"(?:\s|/\*.*?\*/|//[^\n]*(?:\n|\Z))*+\Z", re.DOTALL)

INCOMPLETE = -1


def end_of_braces(text: str, start: int) -> int:
    """Index just after the bracket that closes the one at `start`, or INCOMPLETE when the text ends before."""
    stack: list[str] = []
    position = start
    while True:
        match = _TOKEN.search(text, position)
        if match is None:
            return INCOMPLETE
        mark, position = match.group(), match.end()
        if mark == "`" or (mark == "}" and stack and stack[-1] == "`"):
            if mark == "}":
                stack.pop()
            position, is_hole = _template_end(text, position)
            if is_hole:
                stack.append("`")
            elif position == INCOMPLETE:
                return INCOMPLETE
        elif mark in _CLOSERS:
            stack.append(_CLOSERS[mark])
        elif mark in "})]":
            if mark in stack:  # a bracket of another kind left open is text of JSX or a mistake: close it too
                while stack.pop() != mark:
                    pass
            if not stack:
                return position
        elif mark == "/":
            position = _regex_end(text, match.start())


def is_complete(source: str) -> bool:
    """Whether an import or export block can end here: brackets are closed and nothing is awaited."""
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
    """Where a regular expression that begins at this slash ends; just after the slash when it divides."""
    before = text[max(0, slash - 80) : slash].rstrip()
    if before and before[-1] not in _BEFORE_REGEX and not before.endswith("return"):
        return slash + 1
    match = _REGEX.match(text, slash, min(len(text), slash + _LONGEST_REGEX))
    return match.end() if match else slash + 1
