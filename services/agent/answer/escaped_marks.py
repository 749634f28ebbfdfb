"""Citation marks of models that escape what they write: for HTML, for LaTeX, or as raised Markdown."""

import re

from services.agent.answer.brackets import Undecided
from services.agent.answer.marks import LABEL, NUMBERS, WrittenMark, may_be_exponent, numbers_of

ESCAPED_STARTS = "&\\$^"
_NUMBER = rf"\s*\[?\^?{LABEL}({NUMBERS})\]?\s*"
_SPELLINGS = (
    rf"&(?:#0*91|#x0*5b|lsqb|lbrack);{_NUMBER}&(?:#0*93|#x0*5d|rsqb|rbrack);",
    rf"&lt;(?:sup|cite|citation|ref|source)&gt;{_NUMBER}&lt;/(?:sup|cite|citation|ref|source)&gt;",
    rf"\\\[{_NUMBER}\\\]",
    rf"\\(?:foot)?(?:cite[pt]?|note(?:mark)?|textsuperscript|ref)[{{\[]{_NUMBER}[}}\]]",
    rf"\$\s*\^\{{?{_NUMBER}\}}?\s*\$",
    rf"\^\[{_NUMBER}\]",
    rf"\^{_NUMBER}\^",
)
_MARK = re.compile("|".join(_SPELLINGS), re.IGNORECASE)
_OPENING = re.compile(r"&(?:#0*91|#x0*5b|lsqb|lbrack|lt);|\\\[|\\[a-z]{3,15}[{\[]|\$\s*\^|\^", re.IGNORECASE)
_OPENING_PARTIAL = re.compile(r"&[#\w]{0,8}|\\[a-z]{0,15}|\$\s*", re.IGNORECASE)
_REST = re.compile(r"[^`<>]*")
_LONGEST = 60
_AFTER_A_MARK = ("", *"\n.,;:!?。，！？；\\")


def read_escaped_mark(raw: str, *, tail: str, final: bool) -> WrittenMark | None:
    """The mark at the beginning of a text; None when none stands there.

    Args:
        raw: The text, beginning with one of `ESCAPED_STARTS`.
        tail: What stands before it, blanks included.
        final: Nothing follows.

    Raises:
        Undecided: If more text is needed to tell; never when `final`.
    """
    found = _MARK.match(raw[:_LONGEST])
    if found is None:
        if not final and len(raw) < _LONGEST and _may_become_one(raw):
            raise Undecided
        return None
    if raw[0] in "$^" and may_be_exponent(tail):
        return None
    if raw.startswith("\\["):  # an escape in the middle of a sentence is what its writer wanted
        if found.end() == len(raw) and not final:
            raise Undecided
        if raw[found.end() : found.end() + 1] not in _AFTER_A_MARK:
            return None
    return WrittenMark(numbers_of(next(filter(None, found.groups()))), found.end())


def _may_become_one(raw: str) -> bool:
    opening = _OPENING.match(raw)
    if opening is None:
        return bool(_OPENING_PARTIAL.fullmatch(raw))
    return bool(_REST.fullmatch(raw, opening.end()))
