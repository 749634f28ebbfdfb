"""The account of a site: what is promised, and what became of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.ingest.document import AccountEntry, AccountState, Severity, SitePages
from services.ingest.sources.source_tree.settings.site_config import read_site_config
from services.ingest.sources.source_tree.source import SourceTree

READ, LEFT_OUT = AccountState.READ, AccountState.LEFT_OUT
MISSING, NOT_UNDERSTOOD = AccountState.MISSING, AccountState.NOT_UNDERSTOOD


class Site:
    """A site that is written file by file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def config(self, docs: str = "{}", *, rest: str = "", before: str = "") -> "Site":
        return self.file(
            "docusaurus.config.js",
            f"{before}\nmodule.exports = {{url: 'https://tea.example', {rest}"
            f" presets: [['classic', {{docs: {docs}, blog: false, pages: false}}]]}}",
        )

    def file(self, path: str, content: Any = "# Page\n\nText.") -> "Site":
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return self

    def scan(self) -> SitePages:
        return SourceTree(self.folder, read_site_config(self.folder)).scan()

    def entry(self, part: str) -> AccountEntry:
        return next(entry for entry in self.scan().account if entry.part == part)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_usual_site_is_read_whole_and_nothing_stands_in_the_way(site: Site) -> None:
    site.config(rest="i18n: {defaultLocale: 'en', locales: ['en', 'fr']},").file("docs/a.md").file("docs/b.md")
    site.file("docs/draft.md", "---\ndraft: true\n---\nx")
    site.file("i18n/fr/docusaurus-plugin-content-docs/current/a.md")
    scanned = site.scan()
    entries = {entry.part: (entry.state, entry.expected, entry.read, entry.left_out) for entry in scanned.account}
    assert entries == {
        "docs default": (READ, 3, 2, 1),
        "locale en": (READ, 3, 2, 1),
        "locale fr": (READ, 3, 1, 2),
    }
    assert not any(entry.refuses for entry in scanned.account)
    assert scanned.problems == ()


@pytest.mark.parametrize("is_there", [False, True], ids=["no folder", "an empty folder"])
def test_a_listed_version_without_pages_is_an_error_and_the_default_one_refuses(site: Site, is_there: bool) -> None:
    site.config("{includeCurrentVersion: false}").file("versions.json", ["3", "2"])
    site.file("versioned_docs/version-2/a.md")
    if is_there:
        site.file("versioned_docs/version-3/picture.png", "")
    entry = site.entry("docs default 3")
    assert (entry.state, entry.refuses, entry.known_from) == (MISSING, True, "versions.json")
    assert "versioned_docs/version-3" in entry.why
    assert "`docs: [{onlyIncludeVersions: ['2']}]`" in entry.advice
    (problem,) = site.scan().problems
    assert (problem.severity, problem.code) == (Severity.ERROR, "content-missing")


def test_the_advice_for_a_missing_version_works(site: Site) -> None:
    site.config("{includeCurrentVersion: false, lastVersion: '3'}").file("versions.json", ["3", "2"])
    site.file("versioned_docs/version-2/a.md")
    line = site.entry("docs default 3").advice.split("docs-chat.site.yaml: `")[1].rstrip("`")
    scanned = site.file("docs-chat.site.yaml", line).scan()
    assert not any(entry.refuses for entry in scanned.account)
    assert [page.uri for page in scanned.pages] == ["https://tea.example/docs/a"]


def test_a_version_of_which_no_page_can_be_read_is_missing(site: Site) -> None:
    site.config().file("docs/a.md", "---\na: [\n---\nx").file("docs/b.md", "---\na: [\n---\nx")
    entry = site.entry("docs default")
    assert (entry.state, entry.expected, entry.read, entry.refuses) == (MISSING, 2, 0, True)
    assert entry.why == "2 could not be read"


def test_an_old_version_without_its_folder_is_an_error_but_does_not_hold_up_the_rest(site: Site) -> None:
    site.config().file("versions.json", ["3", "2"]).file("docs/a.md").file("versioned_docs/version-3/a.md")
    entry = site.entry("docs default 2")
    assert (entry.state, entry.refuses) == (MISSING, False)


def test_an_instance_of_a_plugin_without_its_folder_refuses(site: Site) -> None:
    plugin = "plugins: [['@docusaurus/plugin-content-docs', {id: 'api', path: 'reference'}]],"
    site.config(rest=plugin).file("docs/a.md")
    entry = site.entry("docs api")
    assert (entry.state, entry.refuses) == (MISSING, True)
    assert "`docs: [{id: api, path: folder}]`" in entry.advice


def test_versions_that_are_left_out_stand_in_the_account_with_the_reason(site: Site) -> None:
    site.config("{onlyIncludeVersions: ['2']}").file("versions.json", ["3", "2"])
    site.file("versioned_docs/version-2/a.md").file("versioned_docs/version-1/a.md")
    reasons = {entry.part: entry.why for entry in site.scan().account if entry.state is LEFT_OUT}
    assert reasons == {
        "docs default 3": "onlyIncludeVersions leaves it out",
        "docs default current": "onlyIncludeVersions leaves it out",
        "docs default 1": "versions.json does not name it",
    }


def test_a_default_version_that_is_not_served_refuses(site: Site) -> None:
    site.config("{lastVersion: '9'}").file("versions.json", ["3"]).file("docs/a.md").file(
        "versioned_docs/version-3/a.md"
    )
    entry = site.entry("docs default 9")
    assert (entry.state, entry.refuses) == (MISSING, True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sidebars.js", "module.exports = {s: ['a', {type: 'category', label: 'C', items: ['b', 'gone']}]}"),
        ("sidebars.ts", "export default {s: [{C: ['a', {type: 'doc', id: 'b'}]}, {type: 'ref', id: 'gone'}]}"),
        ("sidebars.json", {"s": ["a", {"type": "autogenerated", "dirName": "gone"}, "b"]}),
        ("sidebars.cjs", "module.exports = {s: [...require('./more.json'), {type: 'html', value: '<hr/>'}]}"),
    ],
    ids=["js", "ts", "json", "imported"],
)
def test_sidebar_entries_without_a_page_are_missed(site: Site, name: str, content: Any) -> None:
    site.config(f"{{sidebarPath: require.resolve('./{name}')}}").file(name, content).file(
        "more.json", ["a", "b", "gone"]
    )
    site.file("docs/01-a.md").file("docs/z.md", "---\nid: b\n---\nText.")
    entry = site.entry("sidebar docs default current")
    assert (entry.expected, entry.read, entry.state, entry.refuses) == (3, 2, MISSING, True)
    assert "gone" in entry.why


def test_a_few_missing_entries_are_told_and_refuse_nothing(site: Site) -> None:
    names = [f"p{number}" for number in range(20)]
    site.config("{sidebarPath: './s.json'}").file("s.json", {"s": [*names[1:], "gone"]})
    for name in names:
        site.file(f"docs/{name}.md")
    entry = site.entry("sidebar docs default current")
    assert (entry.expected, entry.read, entry.refuses) == (20, 19, False)
    assert "1 of 20 entries have no page, for example 'gone'" in entry.why


def test_a_versioned_sidebar_is_read_beside_its_version(site: Site) -> None:
    site.config().file("versions.json", ["2"]).file("docs/a.md").file("versioned_docs/version-2/sub/a.md")
    site.file("versioned_sidebars/version-2-sidebars.json", {"s": [{"type": "autogenerated", "dirName": "."}, "sub/a"]})
    entry = site.entry("sidebar docs default 2")
    assert (entry.expected, entry.read, entry.state) == (2, 2, READ)


def test_sidebars_that_are_computed_are_not_understood_and_refuse_nothing(site: Site) -> None:
    site.config("{sidebarPath: './s.js'}").file("docs/a.md").file("s.js", "\nmodule.exports = {s: ['a', ...make()]}")
    entry = site.entry("sidebar docs default current")
    assert (entry.state, entry.refuses) == (NOT_UNDERSTOOD, False)
    assert "s.js:2" in entry.why


def test_a_missing_entry_beside_computed_ones_is_told_and_refuses_nothing(site: Site) -> None:
    site.config("{sidebarPath: './s.js'}").file("docs/a.md").file("docs/b.md")
    site.file("s.js", "module.exports = {s: ['a', 'b', 'gone', ...make()]}")
    entry = site.entry("sidebar docs default current")
    assert (entry.expected, entry.read, entry.state, entry.refuses) == (3, 2, NOT_UNDERSTOOD, False)


def test_locales_whose_names_are_computed_do_not_vanish_in_silence(site: Site) -> None:
    site.config(rest="i18n: makeLocales(),").file("docs/a.md")
    site.file("i18n/fr/docusaurus-plugin-content-docs/current/a.md")
    states = {entry.part: entry.state for entry in site.scan().account}
    assert states["i18n"] is NOT_UNDERSTOOD
    assert states["locale fr"] is LEFT_OUT
    site.file("docs-chat.site.yaml", "i18n: {locales: [en, fr]}")
    scanned = site.scan()
    assert [entry.part for entry in scanned.account] == ["docs default", "locale en", "locale fr"]
    assert scanned.problems == ()


def test_presets_that_are_computed_refuse_where_there_are_docs(site: Site) -> None:
    site.file("docusaurus.config.js", "module.exports = {url: 'https://tea.example', presets: make()}").file(
        "docs/a.md"
    )
    entry = site.entry("presets")
    assert (entry.state, entry.refuses) == (NOT_UNDERSTOOD, True)
    line = entry.advice.split("`")[1]
    site.file("docs-chat.site.yaml", line)
    assert len(site.scan().pages) == 1
    assert not any(entry.refuses for entry in site.scan().account)


def test_a_blog_that_nobody_has_is_no_promise_but_one_with_a_path_is(tmp_path: Path) -> None:
    config = "module.exports = {{url: 'https://tea.example', presets: [['classic', {{blog: {blog}}}]]}}"
    site = Site(tmp_path).file("docs/a.md").file("docusaurus.config.js", config.format(blog="{}"))
    site.file("src/pages/index.tsx", "export default () => null")
    assert site.entry("blog default").state is LEFT_OUT
    pages = site.entry("pages default")
    assert (pages.state, pages.left_out) == (LEFT_OUT, 1)
    site.file("docusaurus.config.js", config.format(blog="{path: 'news'}"))
    entry = site.entry("blog default")
    assert (entry.state, entry.refuses) == (MISSING, True)
    assert "`blog: []`" in entry.advice
