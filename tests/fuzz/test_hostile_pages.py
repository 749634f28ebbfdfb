"""No page hangs, crashes or leaves the promises of a reader: what `make fuzz` hunts for, in a repeatable form."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.fuzz.reading import READERS

MANY = 2_500
SHAPES: dict[str, Callable[[int], str]] = {
    "tags that never close": lambda n: "<b>" * n,
    "tags cut off": lambda n: "<a b='" * n,
    "nested components": lambda n: "<Tabs>\n<TabItem value='a'>\n\n" * (n // 20) + "x",
    "nested blocks": lambda n: "<div>\n\n" * n + "x" + "\n\n</div>" * n,
    "closing tags alone": lambda n: "</b>" * n,
    "braces": lambda n: "{" * n,
    "braces with strings": lambda n: "{'" * n,
    "templates in templates": lambda n: "{`${" * n,
    "expressions like regular expressions": lambda n: "{/[" * n,
    "comments before a name": lambda n: "{" + "/**/" * n + "x}",
    "a program of blank lines": lambda n: "export const a = {" + "\n" * n + "}",
    "brackets": lambda n: "[" * n,
    "images": lambda n: "![" * n,
    "links in links": lambda n: "[a](" * n,
    "emphasis": lambda n: "**a_b" * n,
    "backticks of all lengths": lambda n: "".join("`" * (i % 50 + 1) + "a" for i in range(n // 10)),
    "quotes in quotes": lambda n: "> " * n,
    "lists in lists": lambda n: "".join("  " * (i % 200) + "- a\n" for i in range(n // 20)),
    "list marks on a line": lambda n: "- " * n,
    "containers that never close": lambda n: ":::note\n" * n,
    "text directives": lambda n: ":a[b]{c} " * n,
    "the same heading": lambda n: "## same\n\n" * n,
    "heading ids": lambda n: "## " + "{#a}" * n,
    "one word": lambda n: "x" * n,
    "one line of words": lambda n: "word " * n,
    "blank lines": lambda n: "\n" * n,
    "rows": lambda n: "|a|b|\n|-|-|\n" + "|c|d|\n" * n,
    "columns": lambda n: "|a" * n + "|\n" + "|-" * n + "|\n" + "|c" * n + "|\n",
    "fences": lambda n: "```\n" * n,
    "one line of code": lambda n: "```js\n" + "x" * n + "\n```",
    "comments that never end": lambda n: "<!--" * n,
    "a program that never ends": lambda n: "export const a = {\n" + "\na\n" * n,
    "formulas": lambda n: "$a " * n,
    "footnotes": lambda n: "".join(f"[^{i}] " for i in range(n // 12)) + "\n\n[^1]: a\n",
    "definitions of footnotes": lambda n: "[^1]: " * n,
    "definitions of links": lambda n: "[a]: b\n\n" + "[a]" * n,
    "attributes": lambda n: "<a " + "b={c} " * n + "/>",
    "front matter that never ends": lambda n: "---\n" + "a: [\n" * n,
    "shortcodes": lambda n: ":tada:" * n,
    "commands": lambda n: "```bash npm2yarn\n" + "npm i a && " * n + "\n```",
    "zeros": lambda n: "a\x00" * n,
    "marks upon marks": lambda n: "a" + "\u0301" * n,
    "cells in cells": lambda n: "<table><tr><td>" * n,
    "list items in list items": lambda n: "<ul><li>" * n,
    "headings with ids": lambda n: "".join(f"<h2 id='a{i}'>a</h2>x" for i in range(n // 10)),
    "spans in spans": lambda n: "<span>" * n + "a",
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_page_made_to_be_hard_is_read_or_refused(shape: str, reader: str, tmp_path: Path) -> None:
    READERS[reader](tmp_path, SHAPES[shape](MANY).encode())


@pytest.mark.parametrize("reader", READERS)
def test_a_line_of_ten_megabytes_is_read_or_refused(reader: str, tmp_path: Path) -> None:
    READERS[reader](tmp_path, b"word <b> " * (10_000_000 // 9))


LEAVES = st.sampled_from(
    [
        *("text", "**bold**", "`code`", "[link](./a.md#b)", "![alt](x.png)", "<br/>", "{1 + 1}", "{'text'}", "$a$"),
        *("&amp;", "\\{", "[^1]", ":tada:", ":a[b]", "https://e.org/a_(b)", "\x00", "\ufeff", "é", "中文", "👍"),
        *("| a | b |\n|---|---|\n| c | `x|y` |", "```js title='a' {1}\nx\n```", "```\n", "$$\na\n$$", "[^1]: note"),
        *("import A from './a.mdx'", "export const a = 1", "<A/>", "<!-- c -->", "{/* c */}", "***", "=====", "    x"),
    ]
)
WRAPPERS = st.sampled_from(
    [
        "## {} {{#id}}",
        "<div id='x'>\n\n{}\n\n</div>",
        "<Tabs groupId='g'>\n<TabItem value='a' label='A'>\n\n{}\n\n</TabItem>\n</Tabs>",
        "<details>\n<summary>{}</summary>\n\nx\n\n</details>",
        ":::tip[{}]\n\nx\n\n:::",
        "- {}",
        "1. {}",
        "> {}",
        "<p>{}",
        "<table><tr><td>{}",
        "<ul><li>{}</li></ul>",
        "<h2 id='a'>{}</h2>",
        "<pre><code class='language-js'>{}</code></pre>",
    ]
)


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def wrap(wrapper: str, parts: list[str], joint: str) -> str:
        return wrapper.format(joint.join(parts))

    return st.builds(wrap, WRAPPERS, st.lists(inner, min_size=1, max_size=4), st.sampled_from(["\n", "\n\n", " "]))


PAGES = st.lists(st.recursive(LEAVES, _wrapped, max_leaves=12), max_size=6).map("\n\n".join)


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(page=PAGES, cut=st.integers(0, 400))
@example(page="", cut=0)
def test_any_nesting_cut_anywhere_is_read_or_refused(reader: str, tmp_path: Path, page: str, cut: int) -> None:
    content = page.encode("utf-8", "surrogatepass")
    READERS[reader](tmp_path, content[: len(content) - cut])


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(reader: str, tmp_path: Path, content: bytes) -> None:
    READERS[reader](tmp_path, content)
