"""Code blocks whose text is that of a file, as remark-code-import and remark-code-snippets read it.

`file=./x.js`, with `#L3`, `#L3-L6` or `#L3-`, or with `start=MARK end=MARK`; `<rootDir>` is the site folder, or what
the plugin's `rootDir` says. Other plugins of the kind name the file by `src=`, `snippet=` or `path=`.
"""

import os
import re
from pathlib import Path

from services.ingest.sources.source_tree.files import FileUnreadable
from services.ingest.sources.source_tree.showing.context import Context
from services.runtime.errors import shown

_WORDS = re.compile(r"(?:[^\s\\]|\\.)+")
_KEYS = ("file", "src", "snippet", "path", "source")
_LINES = re.compile(r"(?P<path>.+?)(?:#(?:L(?P<first>\d{1,7})(?P<dash>-)?)?(?:L?(?P<last>\d{1,7}))?)?\Z", re.DOTALL)
_QUOTES = "\"'"


def code_of_file(info: str, line: int, context: Context) -> str | None:
    """Text of the file that a code block names in its info string; None when it names none."""
    if context.resources.code_folder is None:
        return None
    words = [word.replace("\\ ", " ") for word in _WORDS.findall(info)]
    given = {key: value.strip(_QUOTES) for key, mark, value in (word.partition("=") for word in words) if mark}
    named = next((given[key] for key in _KEYS if given.get(key)), None)
    if named is None:
        return None
    match = _LINES.match(named)
    path = _path(match["path"] if match else named, context)
    try:
        lines = context.resources.read_raw(path).replace("\r\n", "\n").removesuffix("\n").split("\n")
    except FileUnreadable as error:
        context.report("include-missing", f"The file {shown(named)} was not included: {error}.", line)
        return ""
    if "start" in given or "end" in given:
        lines = _between(lines, given.get("start", ""), given.get("end", ""))
    elif match and match["first"]:
        first = int(match["first"])
        last = int(match["last"] or (len(lines) if match["dash"] else first))
        lines = lines[max(0, first - 1) : last]
    return "\n".join(lines)


def _path(named: str, context: Context) -> Path:
    folder = context.resources.code_folder or context.module.path.parent
    if named.startswith("<rootDir>"):
        return folder / named.removeprefix("<rootDir>").lstrip("/")
    if named.startswith("@site/"):
        return context.resources.site_folder / named.removeprefix("@site/")
    beside = context.module.path.parent / named
    return beside if os.path.exists(beside) else folder / named


def _between(lines: list[str], start: str, end: str) -> list[str]:
    """Lines between the one that holds the first mark and the one that holds the second."""
    first = next((index + 1 for index, line in enumerate(lines) if start and start in line), 0)
    last = next((index for index, line in enumerate(lines[first:], first) if end and end in line), len(lines))
    return lines[first:last]
