"""Lines that end an answer, or its wrapping: a tool call in bare words, the reader's next question made up.

A line counts only where it can be nothing else. Examples of calls, introduced by a colon, stay; so does `User: name`
in a list of settings.
"""

import re
from enum import Enum, auto

from services.agent.models.output.tokens import MoreNeeded


class LineKind(Enum):
    """What begins at the beginning of a line."""

    PLAIN = auto()
    CALL = auto()
    FOREIGN = auto()
    """Somebody else's turn."""
    WRAPPER_ENDS = auto()
    """The end of the fence around the whole answer."""


_TOOLS = r"(?:functions?\.|default_api\.|tools?\.)?(?:search_docs|read_page)"
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*([\w-]*)[ \t]*\n\s*")
_FENCE_PARTIAL = re.compile(r"[ \t]*(?:`{1,2}|~{1,2}|(?:`{3,}|~{3,})[ \t]*[\w-]{0,20}[ \t]*(?:\n\s*)?)?")
_TOOL_FENCE = re.compile(r"tools?[_-]?(?:code|calls?|use)|function[_-]?calls?", re.IGNORECASE)
_CODE = re.compile(rf"[ \t]*(?:print\s*\(\s*|\[\s*)?{_TOOLS}(?:\(\s*(?:\w+\s*=|[\"'{{)])|:\d+\s*\{{)")
_CODE_PARTIAL = re.compile(
    r"[ \t]*(?:print\s*\(\s*|\[\s*)?(?:[a-z_]{0,12}\.)?(?:[a-z_]{0,11})(?:\(\s*\w{0,20}\s*|:\d*\s*)?"
)
_JSON = re.compile(
    r"[ \t]*[\[{][\s\[{]*(?:\"[\w.-]*\"[\s:,{\[]*)*?"
    rf"\"(?:name|tool|tool_name|function|action|recipient_name)\"\s*:\s*\"{_TOOLS}\""
)
_JSON_PARTIAL = re.compile(r"[ \t]*[\[{][\s\[{]*(?:\"[\w.-]*\"?[\s:,{\[]*)*")
_LONGEST_JSON = 160
_TURN = re.compile(
    r"(?:\#{2,4} ?(?:instruction|user|human)|[*_]{0,2}human[*_]{0,2}) ?:"
    r"|(?P<asks>[*_]{0,2}(?:user|question)[*_]{0,2} ?:[*_]{0,2})",
    re.IGNORECASE,
)
_TURN_PARTIAL = re.compile(r"#{1,4} ?[a-z]{0,11} ?|[*_]{0,2}[a-z]{0,8}[*_]{0,2} ?", re.IGNORECASE)
_TURN_WORDS = ("instruction", "user", "human", "question")
_ASKED = re.compile(r"[?？][*_]*\s*(?:$|[\[<])")
_ANSWERED = re.compile(r"[*_#\s]*(?:assistant|ai|bot|model|answer)[*_]{0,2} ?:", re.IGNORECASE)
_ANSWERED_PARTIAL = re.compile(r"[*_#\s]*[a-z]{0,9}[*_]{0,2} ?", re.IGNORECASE)
_LONGEST_TURN = 400


def read_line(raw: str, *, after_blank: bool, introduced: bool, wrapper: str, final: bool) -> LineKind:
    """What begins at the beginning of a line of an answer.

    Args:
        raw: The line and what follows it, as far as it has come.
        after_blank: An empty line stands before it.
        introduced: The text before it ends in a colon.
        wrapper: Marks of the fence around the answer; empty where there is none.
        final: Nothing follows.

    Raises:
        MoreNeeded: If more text is needed to tell; never when `final`.
    """
    first = raw.lstrip(" \t")[:1]
    if not first and not final:
        raise MoreNeeded
    if wrapper and first == wrapper[0] and _ends_wrapper(raw, wrapper, final=final):
        return LineKind.WRAPPER_ENDS
    if first in ("`", "~", "{", "[") or (first in "fsrpdt" and first):
        return _call(raw, introduced=introduced, final=final)
    if first and ((after_blank and first in "*_UuHhQq") or first == "#"):
        return _foreign(raw, final=final)
    return LineKind.PLAIN


def _ends_wrapper(raw: str, wrapper: str, *, final: bool) -> bool:
    """A bare fence that nothing or an empty line follows; one that text follows opens a block of code."""
    line, newline, following = raw.partition("\n")
    if not newline and not final and set(line.strip()) == {wrapper[0]}:
        raise MoreNeeded
    if line.strip() != wrapper:
        return False
    if newline and not following.strip(" \t") and not final:
        raise MoreNeeded
    return not following.strip() or following.lstrip(" \t").startswith("\n")


def _call(raw: str, *, introduced: bool, final: bool) -> LineKind:
    fence = _FENCE.match(raw)
    if fence is None and raw.lstrip()[0] in "`~":
        if not final and _FENCE_PARTIAL.fullmatch(raw):
            raise MoreNeeded
        return LineKind.PLAIN
    if fence and not final and fence.end() == len(raw):
        raise MoreNeeded
    is_tool_fence = bool(fence and _TOOL_FENCE.fullmatch(fence[2]))
    if fence and introduced and not is_tool_fence:
        return LineKind.PLAIN
    body = raw[fence.end() :] if fence else raw
    if _CODE.match(body) or _JSON.match(body[:_LONGEST_JSON]):
        return LineKind.CALL
    undecided = _CODE_PARTIAL.fullmatch(body) or (len(body) < _LONGEST_JSON and _JSON_PARTIAL.fullmatch(body))
    if undecided and not final:
        raise MoreNeeded
    return LineKind.PLAIN


def _foreign(raw: str, *, final: bool) -> LineKind:
    turn = _TURN.match(raw)
    if turn is None:
        if not final and _TURN_PARTIAL.fullmatch(raw) and _may_name_a_turn(raw):
            raise MoreNeeded
        return LineKind.PLAIN
    if not turn["asks"]:
        return LineKind.FOREIGN
    line, newline, following = raw.partition("\n")
    if not newline and not final and len(line) < _LONGEST_TURN:
        raise MoreNeeded
    if _ASKED.search(line):
        return LineKind.FOREIGN
    if not final and _ANSWERED_PARTIAL.fullmatch(following):
        raise MoreNeeded
    is_last = final and not following.strip()
    return LineKind.FOREIGN if is_last or _ANSWERED.match(following) else LineKind.PLAIN


def _may_name_a_turn(raw: str) -> bool:
    word = raw.strip("#*_ ").lower()
    return any(name.startswith(word) for name in _TURN_WORDS)
