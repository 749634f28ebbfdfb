"""Titles of admonitions in the language of the page."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from services.ingest.sources.source_tree import showing
from services.ingest.sources.source_tree.files import SiteFiles
from services.ingest.sources.source_tree.showing.admonition_titles import admonition_titles


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


@pytest.mark.node
def test_the_titles_are_those_of_the_installed_docusaurus(installed_table: Callable[[str], Any]) -> None:
    ours = files(showing).joinpath("admonition_titles.json").read_text(encoding="utf-8")
    assert json.loads(ours) == installed_table("admonitions")
