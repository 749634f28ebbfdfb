"""Texts that the theme adds: titles of admonitions by language, emoji by shortcode."""

import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from services.ingest.docusaurus.emoji import replace_shortcodes
from services.ingest.docusaurus.files import SiteFiles
from services.ingest.docusaurus.mdx.nodes import Kind, Node
from services.ingest.docusaurus.theme_texts import admonition_titles

MAKE_TABLES = Path(__file__).parents[2] / "fixtures" / "tables" / "make_tables.cjs"


@pytest.mark.parametrize(
    ("locale", "tip"),
    [("en", "tip"), ("fr", "astuce"), ("fr-CA", "astuce"), ("pt", "dica"), ("zh-CN", "提示"), ("xx", "tip")],
)
def test_titles_are_those_of_the_theme_in_the_nearest_language(tmp_path: Path, locale: str, tip: str) -> None:
    assert admonition_titles(locale, None, SiteFiles(tmp_path))["tip"] == tip


def test_a_translation_of_the_site_wins(tmp_path: Path) -> None:
    (tmp_path / "code.json").write_text('{"theme.admonition.tip": {"message": "bon à savoir"}, "other": 1}')
    titles = admonition_titles("fr", tmp_path, SiteFiles(tmp_path))
    assert (titles["tip"], titles["note"]) == ("bon à savoir", "remarque")


@pytest.mark.parametrize("broken", ["[", "[]", "null", '{"theme.admonition.tip": 1}', "\x00"])
def test_a_broken_translation_file_changes_nothing(tmp_path: Path, broken: str) -> None:
    (tmp_path / "code.json").write_text(broken)
    assert admonition_titles("fr", tmp_path, SiteFiles(tmp_path))["tip"] == "astuce"


def test_known_shortcodes_become_emoji_in_texts_and_not_in_code() -> None:
    texts = [Node(Kind.TEXT, text="Done :tada: :+1: at 10:30:00 :no_such:"), Node(Kind.INLINE_CODE, text=":tada:")]
    replace_shortcodes(Node(Kind.PARAGRAPH, children=texts))
    assert [node.text for node in texts] == ["Done 🎉 👍 at 10:30:00 :no_such:", ":tada:"]


@pytest.mark.node
@pytest.mark.parametrize("table", ["emoji", "admonitions"])
def test_the_tables_are_those_of_the_installed_docusaurus(table: str, request: pytest.FixtureRequest) -> None:
    packages = request.config.rootpath / "docs"
    if shutil.which("node") is None or not (packages / "node_modules" / "@docusaurus" / "core").is_dir():
        pytest.skip("Node or docs/node_modules is not there: `make docs-site` installs it")
    command = ["node", str(MAKE_TABLES), str(packages), table]
    printed = subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8").stdout
    ours = files("services.ingest.docusaurus").joinpath(f"tables/{table}.json").read_text(encoding="utf-8")
    assert json.loads(printed) == json.loads(ours)
