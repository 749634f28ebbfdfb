"""The title that Docusaurus finds at the head of a text by pattern, not by parsing."""

import re

_IMPORT_BLOCKS = re.compile(r"\A(?:import\s(?:[^\n]|\n(?!\n))*\n{2,})*+")
_ATX = re.compile(r"#[ \t]+([^ \t].*)(?:\n|\Z)")
_ATX_TAIL = re.compile(r"\s*(?:\{#*[\w-]+\}|#+)\Z", re.ASCII)
_SETEXT = re.compile(r"(.*)\n=+(?:\n|\Z)")
_CODE = re.compile(r"`([^`]*)`")


def content_title(body: str) -> str | None:
    """Title of a text that begins with an H1, after imports that end in a blank line; None when it does not.

    >>> content_title("# `a` and **b** {#id}")
    'a and **b**'
    """
    body = body.strip()
    body = _IMPORT_BLOCKS.sub("", body, count=1).strip()
    match = _ATX.match(body)
    if match:
        return _CODE.sub(r"\1", _ATX_TAIL.sub("", match[1].strip())).strip()
    match = _SETEXT.match(body)
    if match:
        return _CODE.sub(r"\1", match[1].strip()).strip()
    return None
