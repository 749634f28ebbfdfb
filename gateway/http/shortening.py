"""What a caller wrote, short enough for an error: errors are printed, logged, and carried in headers of bounded size.

A piece quoted inside a sentence goes through `services.runtime.errors.shown` instead.
"""

MAX_ECHO_CHARS = 64
"""Longest piece of a caller's own input that an error repeats."""


def shortened(text: str, limit: int = MAX_ECHO_CHARS) -> str:
    """The beginning of a text, with a mark where it was cut.

    >>> shortened("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= limit else text[: limit - 1] + "…"
