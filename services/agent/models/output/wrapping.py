"""What some models wrap a whole answer in: a JSON object, a fence of Markdown, a role or thoughts under words.

Only the beginning of an answer tells, so it is held back until it has. What merely looks like a wrapping is left whole:
an example of JSON or Markdown has no citation mark inside, and thoughts under a heading end at a heading of the answer.
"""

import json
import re
from dataclasses import dataclass

from services.agent.models.output.opening import CITATION_MARK, LONGEST_MONOLOGUE, first_words_end
from services.agent.models.output.tokens import MoreNeeded

INVISIBLE = "\ufeff\u200b\u2060"
"""A byte order mark and blanks without width, which some servers leave before an answer."""
_LONGEST_UNTOLD = 2000
"""Characters of a fenced beginning without a citation mark after which it is taken for code."""

_ROLE = re.compile(
    r"assistant[ \t]*final(?:[ \t]*message)?(?=[^a-z])"
    r"|(?:#{1,4} *|\*\*)?(?i:assistant|ai(?: assistant)?|chatbot|bot|(?:final )?answer)(?:\*\*)? *[:：](?:\*\*)?(?=\s)"
    r"|#{2,4} (?i:response|output) *:"
    r"|(?:assistant|model)[ \t]*(?=\n)"
)
_QUESTION = re.compile(r"(?:\*\*)?question(?:\*\*)? ?:[^\n]*[?？][*_ ]*(?:\n|$)", re.IGNORECASE)
"""The question as it stands in the prompt, which small models repeat."""
_ASKS = re.compile(r"(?:\*\*)?question(?:\*\*)? ?:", re.IGNORECASE)
_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*([\w-]*)[ \t]*\n")
_FENCE_PARTIAL = re.compile(r"(?:`{1,2}|~{1,2}|(?:`{3,}|~{3,})[^\n`]{0,40})")
_FENCED_THOUGHT = re.compile(r"\s*<(think|thinking|thoughts?|reasoning|reflection)>", re.IGNORECASE)
_TAG_PARTIAL = re.compile(r"\s*(?:<[a-z]{0,10})?", re.IGNORECASE)
_INNER_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})[ \t]*\w", re.MULTILINE)
_MARK = re.compile(r"(?<=[\s.`*)\"'”])\[\^?\d{1,2}\](?=[\s.,;:!?)\[])")
_LEAST_WORDS = 3
"""Words before a citation mark on its line, without which it may be the index of an array."""
_NO_LANGUAGE = frozenset(("", "text", "txt", "plaintext"))

_ANSWER_FIELDS = ("answer", "final_answer", "response", "reply")
_OTHER_FIELDS = ("reasoning", "thought", "thoughts", "thinking", "analysis", "question")
_SOURCE_FIELDS = ("citations", "sources", "passages", "references")
_OBJECT = re.compile(rf'\s*\{{\s*"(?:{"|".join((*_ANSWER_FIELDS, *_OTHER_FIELDS))})"\s*:')
_OBJECT_PARTIAL = re.compile(r'\s*(?:\{\s*(?:"\w{0,20}"?\s*)?)?')

_THOUGHT_HEADING = re.compile(
    r"[#>*_ ]{0,5}(?:thoughts?(?: process)?|thinking(?: process)?|reasoning|chain of thought|analysis|scratchpad)"
    r"[*_ ]{0,3}(?:[:：]|\.\.\.|…|\n)",
    re.IGNORECASE,
)
_ANSWER_HEADING = re.compile(
    r"(?:^|\n)[ \t]*(?:[#*_>]+[ \t]*)?(?:final[ _]answer|answer|final response|response)[*_]*[ \t]*"
    r"(?:[:：][*_]*|(?=\n))(?=[^*_])"
    r"|\.\.\.\s?done thinking\.(?=\s)",
    re.IGNORECASE,
)
_DETAILS = re.compile(
    r"<details\b[^<>]*(?:reason|think)[^<>]*>|<details\b[^<>]*>\s*<summary>[^<>]*(?:thought|think|reason)",
    re.IGNORECASE,
)
_DETAILS_PARTIAL = re.compile(
    r"<(?:d(?:e(?:t[a-z]{0,4})?)?(?:\s[^<>]*)?)?|<details\b[^<>]*>\s*(?:<[^<>]*>?[^<>]{0,40})?", re.I
)
_DETAILS_END = re.compile(r"</details>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Inside:
    """What a wrapping holds, as far as it has come."""

    text: str
    fence: str = ""
    """Marks of the fence around it, whose end is still to come."""


def inside(held: str, *, final: bool) -> Inside | None:
    """What the wrapping at the beginning of an answer holds; None when nothing wraps it.

    Args:
        held: The answer so far.
        final: Nothing follows.

    Raises:
        MoreNeeded: If more text is needed to tell; never when `final`.
    """
    text = held.lstrip()
    if text[:1] and text[0] in INVISIBLE:
        return Inside(text.lstrip(INVISIBLE))
    if text[:1] in ("`", "~"):
        return _in_fence(text, final=final)
    if text[:1] == "{":
        return _in_object(text, final=final)
    if text[:1] == "<":
        return _behind_details(text, final=final)
    if not final and not first_words_end(text):
        raise MoreNeeded
    if not final and "\n" not in text and _ASKS.match(text) and len(text) <= _LONGEST_UNTOLD:
        raise MoreNeeded
    if role := _ROLE.match(text) or _QUESTION.match(text):
        return Inside(text[role.end() :])
    if _THOUGHT_HEADING.match(text):
        return _behind(_ANSWER_HEADING, text, final=final)
    return None


def answer_heading(text: str, *, final: bool) -> int | None:
    """Where the answer begins below a heading of its own, as `Final answer:`; None when there is none."""
    found = _ANSWER_HEADING.search(text + "\n" if final else text)
    return found.end() if found else None


def _behind(end: "re.Pattern[str]", text: str, *, final: bool) -> Inside | None:
    """What follows thoughts that end at a pattern; thoughts without an end are left to be shown."""
    if found := end.search(text + "\n" if final else text):
        return Inside(text[found.end() :])
    if not final and len(text) <= LONGEST_MONOLOGUE:
        raise MoreNeeded
    return None


def _behind_details(text: str, *, final: bool) -> Inside | None:
    if _DETAILS.match(text):
        return _behind(_DETAILS_END, text, final=final)
    if not final and _DETAILS_PARTIAL.fullmatch(text):
        raise MoreNeeded
    return None


def _in_fence(text: str, *, final: bool) -> Inside | None:
    opening = _FENCE.match(text)
    if opening is None:
        if not final and _FENCE_PARTIAL.fullmatch(text):
            raise MoreNeeded
        return None
    marks, info, rest = opening[1], opening[2].lower(), text[opening.end() :]
    if not final and (_TAG_PARTIAL.fullmatch(rest) or (info in ("", "json") and _OBJECT_PARTIAL.fullmatch(rest))):
        raise MoreNeeded
    if thought := _FENCED_THOUGHT.match(rest):
        end = re.compile(rf"</{thought[1]}>\s*\n[ \t]*{marks}[ \t]*\n+(?=[^\n])", re.IGNORECASE)
        return _behind(end, rest, final=final)
    if info in ("", "json") and _OBJECT.match(rest):
        return _in_fenced_object(rest, marks, final=final)
    if info in ("markdown", "md"):
        return _in_markdown(rest, marks, final=final)
    return _in_bare_fence(rest, marks, final=final) if info in _NO_LANGUAGE else None


def _in_fenced_object(text: str, marks: str, *, final: bool) -> Inside | None:
    """An answer that is a fenced object and nothing else, and cites; any other is an example."""
    end = _fence_end(text, marks, final=final)
    if end and text[end.end() :].strip():
        return None
    found = _in_object(text[: end.start()] if end else text, final=final)
    return found if found and CITATION_MARK.search(found.text) else None


def _in_markdown(text: str, marks: str, *, final: bool) -> Inside | None:
    """A fenced answer cites, or has code of its own; what is closed before it did is an example."""
    end = _fence_end(text, marks, final=final)
    tells = [*_marks_in_prose(text), *(inner.start() for inner in _INNER_FENCE.finditer(text))]
    if tells and (end is None or min(tells) < end.start()):
        return Inside(text, marks)
    if end is None and not final and len(text) <= _LONGEST_UNTOLD:
        raise MoreNeeded
    return None


def _in_bare_fence(text: str, marks: str, *, final: bool) -> Inside | None:
    """Without the word for Markdown the fence must hold the whole answer."""
    end = _fence_end(text, marks, final=final)
    if end and text[end.end() :].strip():
        return None
    if not final and len(text) <= _LONGEST_UNTOLD:
        raise MoreNeeded
    return Inside(text, marks) if end and _marks_in_prose(text) else None


def _fence_end(text: str, marks: str, *, final: bool) -> "re.Match[str] | None":
    return re.search(rf"^[ \t]*{marks}[ \t]*\n", text + "\n" if final else text, re.MULTILINE)


def _marks_in_prose(text: str) -> list[int]:
    return [mark.start() for mark in _MARK.finditer(text) if _is_in_prose(text, mark.start())]


def _is_in_prose(text: str, at: int) -> bool:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return len(line.split()) >= _LEAST_WORDS or not line.isascii()


def _in_object(text: str, *, final: bool) -> Inside | None:
    if not final and _OBJECT_PARTIAL.fullmatch(text):
        raise MoreNeeded
    if not _OBJECT.match(text):
        return None
    if not final and len(text) <= LONGEST_MONOLOGUE:
        raise MoreNeeded
    answer = _answer_of(text)
    return Inside(answer) if answer else None


def _answer_of(text: str) -> str:
    """The answer in an object that may have been cut off, with the marks that stand in a field of their own."""
    found, rest = _parsed(text)
    answer = next((each for name in _ANSWER_FIELDS if isinstance(each := found.get(name), str)), "")
    if answer and not CITATION_MARK.search(answer):
        numbers: list[object] = next((each for name in _SOURCE_FIELDS if isinstance(each := found.get(name), list)), [])
        answer += " " + "".join(f"[{number}]" for number in numbers if isinstance(number, int))
    return f"{answer}{rest}".rstrip()


def _parsed(text: str) -> tuple[dict[str, object], str]:
    decoder = json.JSONDecoder(strict=False)
    text = text.lstrip()
    for missing in ("", '"}', "}", "]}"):
        try:
            found, end = decoder.raw_decode(text + missing)
        except ValueError:
            continue
        return (found, (text + missing)[end:]) if isinstance(found, dict) else ({}, "")
    return {}, ""
