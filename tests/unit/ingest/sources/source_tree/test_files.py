"""Paths that settings and pages name are asked about safely, whatever they are."""

from pathlib import Path

import pytest

from services.ingest.sources.source_tree.files import FileUnreadable, SiteFiles


@pytest.mark.parametrize("name", ["x" * 5000, "a/" * 3000, "nul\x00inside", "\ud800", ".." * 9, ""])
def test_an_odd_path_is_neither_a_file_nor_a_crash(tmp_path: Path, name: str) -> None:
    files = SiteFiles(tmp_path / "site")
    path = files.absolute(f"docs/{name}")
    assert not files.is_file(path)
    assert not files.is_folder(path)
    assert list(files.walk(path)) == []
    with pytest.raises(FileUnreadable):
        files.read_bytes(path)


def test_a_link_out_of_the_site_is_no_folder_of_it(tmp_path: Path) -> None:
    site, beside = tmp_path / "site", tmp_path / "beside"
    site.mkdir()
    beside.mkdir()
    (site / "out").symlink_to(beside)
    (site / "inside").mkdir()
    files = SiteFiles(site)
    assert files.is_folder(site / "inside")
    assert not files.is_folder(site / "out")
