"""What Docusaurus does to the raw text before any parser sees it."""

import re
from collections.abc import Sequence

from services.ingest.sources.source_tree.settings.site_settings import Mdx1Compat

_MDX_CODE_BLOCKS = tuple(
    re.compile(rf"(^|\n)[ ]*{fence}[ ]*mdx-code-block\n(.*?)\n[ ]*{fence}(\n|\Z)", re.DOTALL)
    for fence in ("```", "````")
)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADING_LINE = re.compile(r"(?:^|\n)#{1,6}(?!#).*")


def preprocess(text: str, compat: Mdx1Compat, admonition_keywords: Sequence[str] | None) -> str:
    """Unwrap `mdx-code-block` fences, escape heading ids, turn admonition titles into labels."""
    if "mdx-code-block" in text:
        for pattern in _MDX_CODE_BLOCKS:
            text = pattern.sub(lambda match: match[1] + match[2] + match[3], text)
    if compat.heading_ids and "{#" in text:
        text = _HEADING_LINE.sub(_escape_heading_id, text)
    if compat.admonitions and admonition_keywords and ":::" in text:
        text = _label_admonitions(text, admonition_keywords)
    return text


def without_front_matter(text: str) -> tuple[str, int]:
    """The text the Markdown parser sees, and the number of lines cut off above it."""
    match = _FRONT_MATTER.match(text) if text.startswith("---") else None
    if match is None:
        return text, 0
    return text[match.end() :], match.group().count("\n")


def _escape_heading_id(match: re.Match[str]) -> str:
    return match.group().replace("{#", "\\{#", 1).replace("\\\\{#", "\\{#", 1)


def _label_admonitions(text: str, keywords: Sequence[str]) -> str:
    names = "|".join(re.escape(keyword) for keyword in keywords)
    pattern = re.compile(rf"^((?:> ?)*)([ ]+|\t+)?(:{{3,}}(?:{names})) +(.*)$", re.MULTILINE)
    return pattern.sub(lambda match: f"{match[1]}{match[2] or ''}{match[3]}[{match[4]}]", text)
