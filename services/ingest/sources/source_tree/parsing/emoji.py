"""Emoji shortcodes, `:tada:`, as the site's reader sees them.

The table is that of emojilib 2.4 (MIT, Mu-An Chiou), which Docusaurus 3 takes through remark-emoji; `make_tables.cjs`
beside the tests prints it from an installed Docusaurus.
"""

import json
import re
from functools import cache
from importlib.resources import files

from services.ingest.sources.source_tree.parsing.mdx.nodes import Kind, Node

_SHORTCODE = re.compile(r":(\+1|-1|[\w-]+):", re.ASCII)


def replace_shortcodes(tree: Node) -> None:
    """Replace known shortcodes by their emoji, except in code; heading ids were made before."""
    for node in tree.walk():
        if node.kind is Kind.TEXT and node.text.count(":") > 1:
            node.text = _SHORTCODE.sub(_emoji, node.text)


def _emoji(match: re.Match[str]) -> str:
    return _table().get(match[1], match[0])


@cache
def _table() -> dict[str, str]:
    table: dict[str, str] = json.loads(files(__package__).joinpath("emoji.json").read_text(encoding="utf-8"))
    return table
