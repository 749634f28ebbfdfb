"""Where settings come from, and who wins."""

from pathlib import Path

import pytest

from services.ingest.docusaurus.config.site_config import read_site_config
from services.runtime.errors import InvalidSource

CONFIG = """
module.exports = {url: 'https://read.org', baseUrl: '/r/', presets: [['classic', {docs: {path: 'd'}, blog: false}]]}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "docusaurus.config.js").write_text(CONFIG)
    return tmp_path


def test_what_the_owner_wrote_wins_field_by_field(site: Path) -> None:
    (site / "docs-chat.site.yaml").write_text("base_url: /w/\ndocs:\n  - routeBasePath: /\n")
    settings = read_site_config(site).settings
    assert (settings.url, settings.base_url) == ("https://read.org", "/w/")
    assert (settings.docs[0].path, settings.docs[0].route_base_path) == ("d", "/")
    assert settings.blog == ()


def test_the_callers_settings_replace_the_file(site: Path) -> None:
    (site / "docs-chat.site.yaml").write_text("url: https://file.org")
    assert read_site_config(site, explicit={"url": "https://caller.org"}).settings.url == "https://caller.org"


def test_the_callers_base_url_wins_over_everything(site: Path) -> None:
    settings = read_site_config(site, base_url="https://given.org/g/").settings
    assert (settings.url, settings.base_url) == ("https://given.org", "/g/")


def test_a_url_that_nobody_knows_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "docusaurus.config.ts").write_text("export default {url: makeUrl()}")
    with pytest.raises(InvalidSource, match=r"docs-chat\.site\.yaml"):
        read_site_config(tmp_path)


def test_a_folder_without_a_config_is_no_site(tmp_path: Path) -> None:
    with pytest.raises(InvalidSource, match="no Docusaurus site"):
        read_site_config(tmp_path)


@pytest.mark.parametrize("text", ["url: [", "- a", "url: ftp://x", "docs: [{include: ['" + "*" * 100 + "']}]"])
def test_settings_that_are_wrong_are_named(site: Path, text: str) -> None:
    (site / "docs-chat.site.yaml").write_text(text)
    with pytest.raises(InvalidSource):
        read_site_config(site)


def test_future_v4_switches_mdx_1_habits_off() -> None:
    settings = read_site_config(Path(), explicit={"url": "https://x.org", "future_v4": True}).settings
    assert not settings.markdown.mdx1_compat.heading_ids


def test_content_beside_the_site_is_read_when_a_trusted_person_names_it(site: Path) -> None:
    assert read_site_config(site).roots == ()
    named = read_site_config(site, explicit={"docs": [{"path": "../docs"}]}).roots
    assert named == (site / "../docs",)
