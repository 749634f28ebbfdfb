"""What lies in a folder, and why we think so."""

from pathlib import Path

import pytest

from services.ingest.sources.recognise import SourceKind, recognise
from services.runtime.errors import InvalidSource

PAGE = '<html><head><meta name="generator" content="Docusaurus v3.10.2"></head></html>'


def put(folder: Path, name: str, text: str = "") -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder


def test_a_config_makes_a_source_tree_even_beside_its_build(tmp_path: Path) -> None:
    put(put(tmp_path, "docusaurus.config.ts"), "build/index.html", PAGE)
    found = recognise(tmp_path)
    assert (found.kind, found.folder) == (SourceKind.SOURCE_TREE, tmp_path)
    assert found.reason == "the folder has docusaurus.config.ts"
    assert recognise(tmp_path, wanted=SourceKind.BUILT_SITE).folder == tmp_path / "build"


def test_html_of_docusaurus_makes_a_built_site(tmp_path: Path) -> None:
    found = recognise(put(tmp_path, "index.html", PAGE))
    assert (found.kind, found.reason) == (SourceKind.BUILT_SITE, "index.html was made by Docusaurus")


def test_a_build_of_one_page_is_not_taken_for_the_page(tmp_path: Path) -> None:
    assert recognise(put(tmp_path, "guide/index.html", PAGE)).folder == tmp_path


def test_a_build_inside_the_only_folder_of_an_archive_is_found(tmp_path: Path) -> None:
    put(put(tmp_path, "site/index.html", PAGE), "site/404.html", PAGE)
    assert recognise(tmp_path).folder == tmp_path / "site"


def test_the_only_site_of_a_repository_is_found(tmp_path: Path) -> None:
    put(put(tmp_path, "website/docusaurus.config.js"), "website/node_modules/x/docusaurus.config.js")
    assert recognise(tmp_path).folder == tmp_path / "website"


def test_of_two_sites_one_has_to_be_named(tmp_path: Path) -> None:
    put(put(tmp_path, "one/docusaurus.config.js"), "two/docusaurus.config.js")
    with pytest.raises(InvalidSource, match=r"2 Docusaurus sites.*one, two"):
        recognise(tmp_path)


def test_settings_of_the_caller_make_any_folder_a_source_tree(tmp_path: Path) -> None:
    assert recognise(put(tmp_path, "docs/a.md"), has_settings=True).kind is SourceKind.SOURCE_TREE


def test_other_html_is_no_site(tmp_path: Path) -> None:
    with pytest.raises(InvalidSource, match="no HTML file made by Docusaurus"):
        recognise(put(tmp_path, "index.html", "<html></html>"))
