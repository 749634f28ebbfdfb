"""Reading pages of a source tree: what a reader sees, and nothing else."""

import contextlib
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ingest.document import BlockKind, Document, PageUnreadable
from services.ingest.sources.source_tree.settings.site_config import read_site_config
from services.ingest.sources.source_tree.source import SourceTree


def read(folder: Path, text: str | bytes, name: str = "page.mdx", **more: Any) -> Document:
    """The document of one page of a site that also has other files, `__` in their names a slash, or other settings."""
    files = {key.replace("__", "/"): value for key, value in more.items() if isinstance(value, str)}
    for path, content in {f"docs/{name}": text, **files}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    tree = open_tree(folder, **{key: value for key, value in more.items() if not isinstance(value, str)})
    page = next(page for page in tree.scan().pages if page.source_path == f"docs/{name}")
    return tree.read(page)


def open_tree(folder: Path, **more: Any) -> SourceTree:
    settings = {"url": "https://x.org", "blog": [], "pages": [], **more}
    return SourceTree(folder, read_site_config(folder, explicit=settings))


def text_of(document: Document) -> str:
    return "\n\n".join(block.markdown for section in document.sections for block in section.blocks)


def ids_of(document: Document) -> list[str]:
    return [heading.id for heading in document.headings if heading.id]


def test_imports_exports_comments_and_attributes_are_not_text(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "import A from 'a'\nexport const b = `\n\n## no\n`\n\n{/* no */}\n"
        "\n<!-- no -->\n\n<div id='no'>\n\nYes.\n\n</div>",
    )
    assert text_of(document) == "Yes."
    assert ids_of(document) == []


def test_a_partial_is_shown_where_its_tag_stands_with_its_values(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "import Part from './_part.mdx'\n\n## Here\n\n<Part name='rope'>inner</Part>\n\n## End",
        **{"docs___part.mdx": "## Here\n\nTie the {props.name} now. {props.children}"},
    )
    assert text_of(document).startswith("Tie the rope now.")
    assert ids_of(document) == ["here", "here", "end"]
    assert document.source_paths == ("docs/page.mdx", "docs/_part.mdx")


def test_an_id_that_occurs_twice_is_never_cited(tmp_path: Path) -> None:
    document = read(tmp_path, "## First\n\na\n\n## Twice {#x}\n\nb\n\n## Again {#x}\n\nc")
    assert [section.anchor for section in document.sections] == ["first", "first", "first"]


def test_a_heading_in_a_closed_tab_is_not_cited(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "## Top\n\n<Tabs groupId='os'>\n<TabItem value='a' label='A'>\n\n## In a\n\nx\n\n</TabItem>\n"
        "<TabItem value='b' label='B'>\n\n## In b\n\ny\n\n</TabItem>\n</Tabs>",
    )
    assert [section.anchor for section in document.sections][-2:] == ["in-a", "in-a"]
    assert document.sections[-1].blocks[-1].tabs == ("os=b",)


def test_admonitions_tell_their_kind_and_title(tmp_path: Path) -> None:
    document = read(tmp_path, ":::tip Two drops\n\nOnly two.\n\n:::\n\n:::danger\nHot.\n:::")
    assert text_of(document) == "**Tip: Two drops** Only two.\n\n**Danger:** Hot."


def test_admonitions_and_shortcodes_are_shown_in_the_readers_language(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "# Top :white_check_mark:\n\n## Go :rocket:\n\n:::tip\nDeux :+1: gouttes, `:tada:`.\n:::",
        i18n={"defaultLocale": "fr"},
    )
    assert text_of(document) == "**Astuce:** Deux 👍 gouttes, `:tada:`."
    assert [(heading.id, heading.text) for heading in document.headings] == [("", "Top ✅"), ("go-rocket", "Go 🚀")]


def test_npm2yarn_shows_a_tab_for_each_package_manager(tmp_path: Path) -> None:
    plugged = {"path": "docs", "remarkPlugins": [["@docusaurus/remark-plugin-npm2yarn", {"sync": True}]]}
    document = read(tmp_path, "```bash npm2yarn\nnpm i -D rope\n```", docs=[plugged])
    blocks = document.sections[0].blocks
    assert [block.tabs for block in blocks[::2]] == [(f"npm2yarn={name}",) for name in ("npm", "yarn", "pnpm", "bun")]
    assert text_of(document).split("\n\n")[2:4] == ["**Yarn:**", "```bash\nyarn add --dev rope\n```"]


def test_without_the_plugin_npm2yarn_is_a_word_in_the_fence(tmp_path: Path) -> None:
    assert text_of(read(tmp_path, "```bash npm2yarn\nnpm i rope\n```")) == "```bash\nnpm i rope\n```"


def test_code_keeps_language_and_title_but_no_magic_comments(tmp_path: Path) -> None:
    document = read(tmp_path, '```js title="a.js" showLineNumbers\n// highlight-next-line\nrun()\n```')
    block = document.sections[0].blocks[0]
    assert (block.kind, block.code_language) == (BlockKind.CODE, "js")
    assert block.markdown == '```js title="a.js"\nrun()\n```'


def test_code_and_tables_in_a_list_become_blocks_of_their_own(tmp_path: Path) -> None:
    document = read(tmp_path, "1. One\n\n   ```sh\n   go\n   ```\n\n2. Two\n   - deep")
    assert [block.markdown for block in document.sections[0].blocks] == [
        "1. One",
        "```sh\ngo\n```",
        "2. Two\n   - deep",
    ]


def test_tables_of_html_become_markdown(tmp_path: Path) -> None:
    document = read(tmp_path, "<table><tr><th>A</th><th>B</th></tr><tr><td>`x|y`</td><td>z</td></tr></table>")
    assert document.sections[0].blocks[0].kind is BlockKind.TABLE


def test_the_cells_of_a_table_in_a_table_stand_once(tmp_path: Path) -> None:
    inner = "<table><tr><td>knot</td></tr></table>"
    document = read(tmp_path, f"<table><tr><th>A</th></tr><tr><td>{inner}</td></tr></table>")
    assert text_of(document).count("knot") == 1


def test_links_to_files_become_addresses(tmp_path: Path) -> None:
    document = read(tmp_path, "[o](./other.md#x) [s](/docs/z) [u](https://e.org) [a](#here)", **{"docs__other.md": ""})
    (tmp_path / "docs" / "other.md").write_text("---\nslug: /moved\n---\n")
    tree = open_tree(tmp_path)
    page = next(page for page in tree.scan().pages if page.source_path == "docs/page.mdx")
    assert text_of(tree.read(page)) == (
        "[o](https://x.org/docs/moved#x) [s](https://x.org/docs/z) [u](https://e.org) [a](https://x.org/docs/page#here)"
    )
    assert document.page.uri == page.uri


def test_a_file_outside_the_site_is_never_shown(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (tmp_path / "secret.md").write_text("secret")
    (site / "docs").mkdir(parents=True)
    os.symlink(tmp_path / "secret.md", site / "docs" / "_link.md")
    os.symlink(tmp_path / "secret.md", site / "docs" / "linked.md")
    document = read(
        site,
        "import A from '../../secret.md'\nimport B from '@site/../secret.md'\nimport C from './_link.md'\n"
        "import D from '!!raw-loader!../../secret.md'\n\n<A/>\n\n<B/>\n\n<C/>\n\n<CodeBlock>{D}</CodeBlock>\n\nend",
    )
    assert text_of(document) == "end"
    assert {problem.code for problem in document.problems} == {"partial-missing", "include-missing"}
    assert all(page.source_path != "docs/linked.md" for page in open_tree(site).scan().pages)


def test_partials_that_import_each_other_end(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "import A from './_a.mdx'\n\n<A/>\n\nend",
        **{
            "docs___a.mdx": "import B from './_b.mdx'\n\na\n\n<B/>",
            "docs___b.mdx": "import A from './_a.mdx'\n\nb\n\n<A/>",
        },
    )
    assert text_of(document) == "a\n\nb\n\nend"
    assert [problem.code for problem in document.problems] == ["partial-missing"]


@pytest.mark.parametrize(
    "text", ["<a " * 3000, "{\n" * 3000, "{'" * 3000, "[" * 3000, "> " * 3000, "<b>\n" * 3000, ":::note\n" * 300]
)
def test_text_that_never_closes_is_read_or_refused(tmp_path: Path, text: str) -> None:
    with contextlib.suppress(PageUnreadable):
        assert read(tmp_path, text).page.source_path == "docs/page.mdx"


def test_a_binary_or_broken_page_is_reported_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "binary.md").write_bytes(bytes(range(256)) * 50)
    (tmp_path / "docs" / "yaml.md").write_text("---\na: [\n---\n")
    read(tmp_path, b"caf\xe9 \x00 ok")
    site = open_tree(tmp_path).scan()
    assert [page.source_path for page in site.pages] == ["docs/page.mdx"]
    assert {(problem.code, problem.source_path) for problem in site.problems} == {
        ("page-unreadable", "docs/binary.md"),
        ("front-matter-invalid", "docs/yaml.md"),
    }


def test_a_page_that_broke_since_the_scan_is_unreadable(tmp_path: Path) -> None:
    read(tmp_path, "x")
    tree = open_tree(tmp_path)
    page = tree.scan().pages[0]
    (tmp_path / "docs" / "page.mdx").unlink()
    with pytest.raises(PageUnreadable):
        tree.read(page)


def test_two_files_with_one_address_are_reported(tmp_path: Path) -> None:
    read(tmp_path, "a", **{"docs__other.md": ""})
    (tmp_path / "docs" / "b.md").write_text("---\nslug: page\n---\n")
    assert "duplicate-route" in {problem.code for problem in open_tree(tmp_path).scan().problems}


def test_the_hash_changes_with_files_partials_settings_and_routes_only(tmp_path: Path) -> None:
    document = read(tmp_path, "import A from './_a.mdx'\n\n<A/>", **{"docs___a.mdx": "a"})

    def hash_now(**more: Any) -> str:
        tree = open_tree(tmp_path, **more)
        tree.scan()
        return tree.source_hash(document.page, document.source_paths)

    first = hash_now()
    assert hash_now() == first
    assert hash_now(title="New") != first
    (tmp_path / "docs" / "_a.mdx").write_text("b")
    second = hash_now()
    assert second != first
    (tmp_path / "docs" / "new.md").write_text("x")
    assert hash_now() not in {first, second}


PIECES = st.sampled_from(
    [
        "# ",
        "## a\n",
        "\n\n",
        "\n",
        "<Tabs>",
        "</Tabs>",
        "<a b={`",
        "`}",
        "{",
        "}",
        "{/*",
        "*/}",
        "<!--",
        "-->",
        ":::note",
        ":::",
        "```",
        "`",
        "[x](y)",
        "![",
        "](",
        "**",
        "_",
        "~~",
        "",
        " a ",
        " b ",
        "\n",
        "-",
        "-",
        "\n",
        "- ",
        "1. ",
        "> ",
        "    ",
        "import A from './page.mdx'\n",
        "<A/>",
        "export const x = 1",
        "$",
        "$$",
        "[^1]",
        "[^1]: n",
        "<br/>",
        "<details>",
        "&amp;",
        "\\",
        "é",
        "\x00",
        "---\n",
        "===\n",
    ]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(pieces=st.lists(PIECES, max_size=40), is_mdx=st.booleans())
def test_any_text_is_read_and_its_anchors_are_its_headings(tmp_path: Path, pieces: list[str], is_mdx: bool) -> None:
    front_matter = "---\ntitle: Any\n---\n" if is_mdx else "---\nmdx:\n  format: md\n---\n"
    document = read(tmp_path, front_matter + "".join(pieces))
    assert {section.anchor for section in document.sections} <= {"", *ids_of(document)}
