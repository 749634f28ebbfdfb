"""Where settings come from, and who wins."""

from pathlib import Path

import pytest

from services.ingest.document import Severity
from services.ingest.sources.source_tree.settings.site_config import read_site_config
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


@pytest.mark.parametrize("content", [None, "[", "[" * 100_000], ids=["missing", "broken", "nested"])
def test_a_json_file_that_cannot_be_read_is_a_problem_and_no_crash(site: Path, content: str | None) -> None:
    if content is not None:
        (site / "versions.json").write_text(content)
    (site / "docusaurus.config.js").write_text(
        "const versions = require('./versions.json'); module.exports = {url: 'https://x.org', title: versions[0]}"
    )
    config = read_site_config(site)
    assert config.settings.url == "https://x.org"
    assert [problem.code for problem in config.problems] == ["config-undetermined"]


def test_a_url_that_nobody_knows_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "docusaurus.config.ts").write_text("export default {url: makeUrl()}")
    with pytest.raises(InvalidSource, match=r"docs-chat\.site\.yaml"):
        read_site_config(tmp_path)


def test_a_folder_without_a_config_is_no_site(tmp_path: Path) -> None:
    with pytest.raises(InvalidSource, match="not a Docusaurus site"):
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


@pytest.mark.parametrize(
    ("path", "opens"),
    [
        ("../docs", True),
        ("../../docs", True),
        ("../.ssh", False),
        ("../.git/docs", False),
        ("/", False),
        ("/etc", False),
    ],
)
def test_a_site_file_opens_what_lies_near_and_nothing_that_is_hidden(tmp_path: Path, path: str, opens: bool) -> None:
    site = tmp_path / "a" / "site"
    site.mkdir(parents=True)
    (site / "docusaurus.config.js").write_text(CONFIG)
    (site / "docs-chat.site.yaml").write_text(f"docs: [{{path: '{path}'}}]")
    assert (site / path in read_site_config(site).roots) is opens


def test_a_site_file_does_not_open_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    site = tmp_path / "home" / "site"
    site.mkdir(parents=True)
    (site / "docusaurus.config.js").write_text(CONFIG)
    (site / "docs-chat.site.yaml").write_text("docs: [{path: ..}]")
    assert read_site_config(site).roots == ()


@pytest.mark.parametrize(
    ("config", "settled"),
    [
        ("i18n: make()", "i18n: {locales: [en, fr]}"),
        ("i18n: {locales: make()}", "i18n: {locales: [en, fr]}"),
        ("presets: [['classic', {docs: {lastVersion: make()}}]]", "docs: [{lastVersion: '1'}]"),
        ("presets: [['classic', {docs: {lastVersion: make()}}]]", "docs: {last_version: '1'}"),
        ("presets: [['classic', {docs: {id: 'api', lastVersion: make()}}]]", "docs: [{id: api, lastVersion: '1'}]"),
        ("presets: make()", "docs: [{path: docs}]"),
        ("trailingSlash: make()", "trailingSlash: false"),
        ("presets: [['classic', {docs: make()}]]", "docs: [{path: docs}]"),
    ],
)
def test_a_warning_goes_once_its_setting_is_given(tmp_path: Path, config: str, settled: str) -> None:
    (tmp_path / "docusaurus.config.js").write_text(f"module.exports = {{url: 'https://x.org', {config}}}")
    assert [problem.code for problem in read_site_config(tmp_path).problems] == ["config-undetermined"]
    (tmp_path / "docs-chat.site.yaml").write_text("title: Something else")
    assert [problem.code for problem in read_site_config(tmp_path).problems] == ["config-undetermined"]
    (tmp_path / "docs-chat.site.yaml").write_text(settled)
    assert read_site_config(tmp_path).problems == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("trailingSlahs: false", "did you mean `trailingSlash`?"),
        ("trailing_slahs: false", "did you mean `trailingSlash`?"),
        ("docs: [{routBasePath: /}]", "did you mean `docs.routeBasePath`?"),
        ("i18n: {localeConfigs: {fr: {basUrl: /f/}}}", "did you mean `i18n.localeConfigs.fr.baseUrl`?"),
        ("docs: {versions: {'1.0': {lable: old}}}", "did you mean `docs.versions.1.0.label`?"),
        ("markdown: {mdx1Compat: {coments: false}}", "did you mean `markdown.mdx1Compat.comments`?"),
    ],
)
def test_a_misspelt_setting_is_named_with_the_one_that_was_meant(site: Path, text: str, named: str) -> None:
    (site / "docs-chat.site.yaml").write_text(text)
    problems = [problem for problem in read_site_config(site).problems if problem.code == "unknown-setting"]
    assert [problem.severity for problem in problems] == [Severity.WARNING]
    assert named in problems[0].message


def test_options_of_docusaurus_that_change_no_address_are_listed_once(site: Path) -> None:
    text = "{docs: [{editUrl: https://x.org}], favicon: f.ico, future: {v4: true}}"
    (site / "docs-chat.site.yaml").write_text(text)
    (problem,) = [problem for problem in read_site_config(site).problems if problem.code == "unknown-setting"]
    assert problem.severity is Severity.INFO
    assert "`docs.editUrl`, `favicon`" in problem.message


def test_one_part_of_i18n_in_the_site_file_leaves_the_rest_as_the_config_has_it(site: Path) -> None:
    (site / "docusaurus.config.js").write_text(
        "export default {url: 'https://x.org', i18n: {defaultLocale: 'en', locales: ['en', 'fr']}}"
    )
    (site / "docs-chat.site.yaml").write_text("i18n: {localeConfigs: {fr: {baseUrl: /f/}}}")
    assert read_site_config(site).settings.i18n.all_locales == ("en", "fr")
