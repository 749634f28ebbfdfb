"""What an owner is told about plugins: which may change texts, and which make pages."""

from pathlib import Path

import pytest

from services.ingest.document import Severity
from services.ingest.sources.source_tree.settings.site_config import read_site_config

CONFIG = "module.exports = {{url: 'https://x.org', presets: [['classic', {{{docs}}}]], plugins: [{plugins}]}};"


def notes(folder: Path, docs: str = "", plugins: str = "", head: str = "") -> list[tuple[str, str, Severity]]:
    config = head + CONFIG.format(docs=docs, plugins=plugins)
    (folder / "docusaurus.config.js").write_text(config, encoding="utf-8")
    found = read_site_config(folder).problems
    return [(problem.code, problem.message, problem.severity) for problem in found]


@pytest.mark.parametrize(
    "docs",
    [
        "docs: {beforeDefaultRemarkPlugins: [mine]}",
        "docs: {remarkPlugins: [[mine, {a: 1}]]}",
        "blog: {rehypePlugins: [require('./plugins/mine.mjs')]}",
        "pages: {beforeDefaultRehypePlugins: ['./plugins/mine.mjs']}",
    ],
)
def test_a_text_plugin_that_is_not_known_is_told_once(tmp_path: Path, docs: str) -> None:
    (code, message, severity), *more = notes(tmp_path, docs, head="import mine from './plugins/mine.mjs';\n")
    assert (code, severity, more) == ("text-plugin-unknown", Severity.WARNING, [])
    assert "may change what pages say" in message
    assert "index the build" in message


def test_a_plugin_that_the_config_defines_is_told_too(tmp_path: Path) -> None:
    assert [code for code, *_ in notes(tmp_path, "docs: {remarkPlugins: [() => tree => tree]}")] == [
        "text-plugin-unknown"
    ]


def test_plugins_that_are_known_are_not_told(tmp_path: Path) -> None:
    docs = """docs: {remarkPlugins: [require('remark-math'), ['@docusaurus/remark-plugin-npm2yarn', {sync: true}],
              'remark-code-import', 'remark-github-admonitions-to-directives', 'remark-gfm'],
              rehypePlugins: ['rehype-katex']}"""
    assert notes(tmp_path, docs, "['@docusaurus/plugin-content-docs', {id: 'api'}], '@docusaurus/plugin-sitemap'") == []


def test_each_output_folder_of_a_generator_is_looked_for(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "pot" / "boil.api.mdx"
    page.parent.mkdir(parents=True)
    page.write_text("# Boil", encoding="utf-8")
    plugins = """['docusaurus-plugin-openapi-docs', {id: 'api', config: {
        pot: {specPath: 'pot.yaml', outputDir: 'docs/pot', versions: {'1': {outputDir: 'docs/pot/old'}}},
        pan: {specPath: 'pan.yaml', outputDir: 'docs/pan'}}}]"""
    (tmp_path / "docs" / "pan").mkdir()
    found = notes(tmp_path, plugins=plugins)
    assert [(code, severity) for code, _, severity in found] == [
        ("pages-generated", Severity.INFO),
        ("pages-not-generated", Severity.WARNING),
        ("pages-not-generated", Severity.WARNING),
    ]
    assert "'docs/pan', which is empty" in found[1][1] + found[2][1]
    assert "'docs/pot/old', which is not there" in found[1][1] + found[2][1]


@pytest.mark.parametrize(
    "plugins",
    [
        "['docusaurus-plugin-typedoc', {entryPoints: ['a.ts']}]",
        "['docusaurus-plugin-typedoc', {out: 'docs/ts'}]",
        "['redocusaurus', {specs: [{spec: 'a.yaml', route: '/api/'}]}]",
        "'docusaurus-plugin-changelog'",
        "['@graphql-markdown/docusaurus', {rootPath: './gql'}]",
        "'./plugins/news'",
        "require.resolve('./plugins/news/index.js')",
    ],
)
def test_plugins_that_make_pages_without_files_are_told(tmp_path: Path, plugins: str) -> None:
    news = tmp_path / "plugins" / "news" / "index.js"
    news.parent.mkdir(parents=True)
    news.write_text(
        "module.exports = () => ({async contentLoaded({actions}) {actions.addRoute({});}});", encoding="utf-8"
    )
    ((code, message, severity),) = notes(tmp_path, plugins=plugins)
    assert (code, severity) == ("pages-not-generated", Severity.WARNING)
    assert "index the build" in message


def test_a_preset_that_makes_pages_is_told_once_with_their_address(tmp_path: Path) -> None:
    config = (
        "module.exports = {url: 'https://x.org', presets: ['classic', ['redocusaurus', {specs: [{route: '/api/'}]}]]};"
    )
    (tmp_path / "docusaurus.config.js").write_text(config, encoding="utf-8")
    (problem,) = read_site_config(tmp_path).problems
    assert problem.code == "pages-not-generated"
    assert "'redocusaurus' may add pages at '/api/'" in problem.message


def test_a_plugin_of_the_site_without_pages_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "style.js").write_text("module.exports = () => ({configureWebpack() {return {};}});", encoding="utf-8")
    assert notes(tmp_path, plugins="'./style.js', () => ({name: 'x'})") == []
