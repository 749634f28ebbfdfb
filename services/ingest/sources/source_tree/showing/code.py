"""Code blocks as a reader sees them: language and title kept, magic comments and line ranges not."""

import re

from services.ingest.document import Block, BlockKind

_TITLE = re.compile(r"""title=(?:"([^"]*)"|'([^']*)')""")
_RANGE = re.compile(r"\{[\d,-]+\}")
_COMMENT_STYLES = (
    (r"//\s*", ""),
    (r"/\*\s*", r"\s*\*/"),
    (r"\{\s*/\*\s*", r"\s*\*/\s*\}"),
    (r"#\s*", ""),
    (r"<!--\s*", r"\s*-->"),
    (r"--\s*", ""),
    (r"%\s*", ""),
    (r";\s*", ""),
    (r"REM\s+", ""),
    (r"'\s*", ""),
)


def code_block(text: str, info: str, magic_comments: tuple[str, ...], tabs: tuple[str, ...], title: str = "") -> Block:
    """A fenced block from its code and its info string, `js title="a.js" {1,3}`."""
    language, _, meta = info.partition(" ")
    if language.startswith("{") or "=" in language:
        language, meta = "", info
    language = language.partition("{")[0]
    match = _TITLE.search(meta)
    title = title or ((match[1] or match[2] or "") if match else "")
    text = text.strip("\n")
    if language and not _RANGE.search(meta):
        text = without_magic_comments(text, magic_comments)
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`{3,}", text)), 3)
    opening = f'{fence}{language} title="{title}"' if title else f"{fence}{language}"
    return Block(BlockKind.CODE, f"{opening}\n{text}\n{fence}", language, tabs)


def without_magic_comments(text: str, words: tuple[str, ...]) -> str:
    """Code without the lines that only say what to highlight."""
    if not any(word in text for word in words):
        return text
    names = "|".join(re.escape(word) for word in words)
    styles = "|".join(f"{opening}(?:{names}){closing}" for opening, closing in _COMMENT_STYLES)
    line = re.compile(rf"\s*(?:{styles})\s*\Z")
    return "\n".join(part for part in text.split("\n") if not line.match(part))
