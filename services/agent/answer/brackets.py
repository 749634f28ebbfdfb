"""Reads `[label]` and `[label](target)` at a place in a model's Markdown, whole or not at all."""

from dataclasses import dataclass

from services.agent.answer.markup import LONGEST_LABEL, LONGEST_URL, closing_place, may_still_close


@dataclass(frozen=True, slots=True)
class Bracketed:
    """A label in brackets with the target that follows it, if one does."""

    label: str
    target: str | None
    end: int
    """Place after the whole construct."""


class Undecided(Exception):
    """More text is needed to tell."""


def read_bracketed(text: str, start: int, *, final: bool) -> Bracketed | None:
    """What stands at the `[` at `start`; None when it closes nowhere near.

    Raises:
        Undecided: If more text may still close it; never when `final`.
    """
    close = _closing(text, start, "[", "]", LONGEST_LABEL, final=final)
    if close is None:
        return None
    after = close + 1
    if after == len(text) and not final:
        raise Undecided
    label = text[start + 1 : close]
    if text[after : after + 1] != "(":
        return Bracketed(label, None, after)
    end = _closing(text, after, "(", ")", LONGEST_URL, final=final)
    return None if end is None else Bracketed(label, text[after + 1 : end], end + 1)


def _closing(text: str, start: int, opening: str, closing: str, longest: int, *, final: bool) -> int | None:
    place = closing_place(text, start, opening, closing, longest)
    if place is None and not final and may_still_close(text[start:], longest):
        raise Undecided
    return place
