"""Emoji by their shortcodes."""

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from services.ingest.sources.source_tree import parsing
from services.ingest.sources.source_tree.parsing.emoji import replace_shortcodes
from services.ingest.sources.source_tree.parsing.mdx.nodes import Kind, Node


def test_known_shortcodes_become_emoji_in_texts_and_not_in_code() -> None:
    texts = [Node(Kind.TEXT, text="Done :tada: :+1: at 10:30:00 :no_such:"), Node(Kind.INLINE_CODE, text=":tada:")]
    replace_shortcodes(Node(Kind.PARAGRAPH, children=texts))
    assert [node.text for node in texts] == ["Done 🎉 👍 at 10:30:00 :no_such:", ":tada:"]


@pytest.mark.node
def test_the_emoji_are_those_of_the_installed_docusaurus(installed_table: Callable[[str], Any]) -> None:
    ours = files(parsing).joinpath("emoji.json").read_text(encoding="utf-8")
    assert json.loads(ours) == installed_table("emoji")
