"""Markdown as a reader sees it, on one line: for lists of results, which have no room for its blocks."""

import re

from services.language.markdown import is_admonition, is_table_rule, list_item, with_fences

_COMMENT = re.compile(r"<!--.*?-->|\{/\*.*?\*/\}", re.DOTALL)
_IMAGE_OR_LINK = re.compile(
    r"""
    !?\[ ( (?:[^\[\]]|\[[^\[\]]*\])* ) \]                                  # its text
    (?: \( [^()\s]* (?:\([^()]*\)[^()\s]*)* (?:\s+"[^"]*")? \) | \[[^\[\]]*\] )  # its target
    """,
    re.VERBOSE,
)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_STRONG = re.compile(r"(\*{1,3}|~~)(?=\S)(.+?)(?<=\S)\1")
_UNDERLINED = re.compile(r"(?<!\w)(_{1,3})(?=\S)(.+?)(?<=\S)\1(?!\w)")
_CODE_SPAN = re.compile(r"(`+)(.+?)\1")
_BARS = re.compile(r"(?<!\\)\|")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_BLANKS = re.compile(r"\s+")
_PLACE = "\ufdd0"
"""Where code stood: a character that no text may have."""


def plain_text(markdown: str) -> str:
    """The words of a text in Markdown without its marks, on one line. Code keeps every character but line ends.

    >>> plain_text("**Run** [it](/x) with `a_b_c`:\\n\\n```bash title=x\\nnpm i *\\n```\\n| a | b |\\n|---|---|")
    'Run it with a_b_c: npm i * a b'
    """
    lines = []
    for line, fence, goes_on in with_fences(_COMMENT.sub(" ", markdown).splitlines()):
        if fence is None:
            lines.append(_prose(line))
        elif goes_on and not line.lstrip(" \t>").startswith(fence.marks):
            lines.append(line)
    return _BLANKS.sub(" ", " ".join(lines)).strip()


def _prose(line: str) -> str:
    bare = line.strip()
    if is_table_rule(bare) and "-" in bare:
        return ""
    if is_admonition(bare):
        return bare.lstrip(": \t").partition(" ")[2].strip("[]{} ")
    bare = bare.lstrip("> ").lstrip("#").strip() if bare[:1] in "#>" else bare
    if item := list_item(bare):
        bare = item.text
    codes: list[str] = []

    def put_aside(found: re.Match[str]) -> str:
        codes.append(found[2].strip())
        return _PLACE

    text = _without_marks(_CODE_SPAN.sub(put_aside, bare.replace(_PLACE, "")))
    return re.sub(_PLACE, lambda _: codes.pop(0), text)


def _without_marks(text: str) -> str:
    for _ in range(2):  # an image inside a link
        text = _IMAGE_OR_LINK.sub(r"\1", text)
    text = _TAG.sub("", text)
    text = _UNDERLINED.sub(r"\2", _STRONG.sub(r"\2", text))
    return _ESCAPED.sub(r"\1", _BARS.sub(" ", text))
