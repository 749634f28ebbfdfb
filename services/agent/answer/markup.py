"""What counts as a mark, a link, a fence or a tag in a model's Markdown, and how far each may reach."""

import re

LONGEST_LABEL = 500
LONGEST_CODE_SPAN = 1500
LONGEST_TAG = 500
LONGEST_URL = 2000
LONGEST_LINE = 4000

URL_START = re.compile(r"https?://|www\.", re.IGNORECASE)
URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'`\[\]{}|\\^【】]*", re.IGNORECASE)
URL_PREFIXES = ("https://", "http://", "www.")
PLAIN = re.compile(r"[^\s`~\[<\\&$^!hHwW［【〔⟦(（⁰¹²³⁴⁵⁶⁷⁸⁹\d]+")
TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)([^<>]*)>")
_HARMLESS_TAGS_TEXT = """
b br code details em i kbd li ol p strong sub summary sup u ul
"""
HARMLESS_TAGS = frozenset(_HARMLESS_TAGS_TEXT.split())
_HTML_TAGS_TEXT = """
a abbr address applet area article aside audio base bdi bdo big blink blockquote body button canvas caption
center col colgroup data datalist dd del dfn dialog dir div dl dt embed fieldset figcaption figure font footer
form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe img input ins isindex keygen label legend link
main map mark marquee math menu meta meter nav noframes noscript object optgroup option output param picture pre
progress q rp rt ruby s samp script section select slot small source span strike style svg table tbody td
template textarea tfoot th thead time title tr track tt var video wbr xml
"""
HTML_TAGS = frozenset(_HTML_TAGS_TEXT.split())


def closing_place(text: str, start: int, opening: str, closing: str, longest: int) -> int | None:
    """Where the bracket at `start` closes, or None: not yet, not in this paragraph, or too far away."""
    depth, position = 0, start
    end = min(len(text), start + longest)
    while position < end:
        character = text[position]
        if character == "\\":
            position += 1
        elif character == opening:
            depth += 1
        elif character == closing:
            depth -= 1
            if depth == 0:
                return position
        elif character == "\n" and text[position : position + 2] == "\n\n":
            return None
        position += 1
    return None


def may_still_close(text: str, longest: int) -> bool:
    """Whether more text could still close a bracket at the start of `text`."""
    return len(text) < longest and "\n\n" not in text


def without_trailing_punctuation(address: str) -> str:
    trimmed = address.rstrip(".,;:!?*_~")
    while trimmed.endswith(")") and trimmed.count(")") > trimmed.count("("):
        trimmed = trimmed[:-1].rstrip(".,;:!?*_~")
    return trimmed or address
