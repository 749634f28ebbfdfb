"""Reading a config without running it."""

from typing import Any

import pytest

from services.ingest.sources.source_tree.settings.config_literals import ConfigLiterals
from services.ingest.sources.source_tree.settings.javascript_literals import read_default_export


def read(source: str, json_files: dict[str, Any] | None = None) -> ConfigLiterals:
    return ConfigLiterals(read_default_export(source, (json_files or {}).__getitem__), "docusaurus.config.js")


def test_a_usual_config_is_read_whole() -> None:
    found = read(
        """
        // @ts-check
        import {themes} from 'prism-react-renderer';
        import type {Config} from '@docusaurus/types';
        const root = '/base/';
        const versions = require('./versions.json');
        const config: Config = {
          title: "Dino's", url: `https://x.org`, baseUrl: root, trailingSlash: false,
          i18n: {defaultLocale: 'en', locales: ['en', ...['fr']]},
          presets: [['@docusaurus/preset-classic', /** @type {x} */ ({
            docs: {sidebarPath: require.resolve('./sidebars.js'), editUrl: ({path}) => `https://e/${path}`,
                   lastVersion: versions[0], remarkPlugins: [require('remark-math')]} satisfies Options,
            blog: false,
          })]] as const,
          plugins: ['sass', ['@docusaurus/plugin-content-docs', {id: 'api', path: 'api'}]],
          themeConfig: {prism: {theme: themes.github, magicComments: [{className: 'a', line: 'mark-this'}]}},
        };
        export default config;
    """,
        {"versions.json": ["2.0", "1.0"]},
    )
    assert found.problems == []
    assert found.values == {
        "title": "Dino's",
        "url": "https://x.org",
        "baseUrl": "/base/",
        "trailingSlash": False,
        "i18n": {"defaultLocale": "en", "locales": ["en", "fr"]},
        "magicComments": ["mark-this"],
        "docs": [{"lastVersion": "2.0", "remarkPlugins": ["remark-math"]}, {"id": "api", "path": "api"}],
        "blog": [],
        "pages": [{}],
    }


def test_an_environment_variable_gives_way_to_its_literal_default() -> None:
    assert (
        read("module.exports = {url: process.env.URL || 'https://x.org', baseUrl: process.env.B ?? '/b/'}").values[
            "baseUrl"
        ]
        == "/b/"
    )
    assert read("module.exports = {url: `https://${process.env.HOST || 'x.org'}`}").values["url"] == "https://x.org"


def test_what_is_computed_is_reported_with_its_line_and_not_guessed() -> None:
    found = read(
        "module.exports = {\n  url: makeUrl(),\n  title: 'T',\n  presets: [['classic', {docs: {path: process.env.D}}]]}"
    )
    assert "url" not in found.values
    assert found.values["docs"] == [{}]
    assert [(problem.code, problem.line) for problem in found.problems] == [
        ("config-undetermined", 2),
        ("config-undetermined", 4),
    ]


def test_regular_expressions_and_nested_templates_hide_nothing_that_follows() -> None:
    found = read(
        r"""
        export default {
          url: 'https://x.org', title: 'caf\u00e9',
          customFields: {quotes: /['"`{]/g, edit: ({path}) => `https://e/${path.replace(/`/g, '') || `${path}`}`},
          presets: [['classic', {docs: {path: 'handbook'}}]],
        }
    """
    )
    assert found.problems == []
    assert found.values["title"] == "café"
    assert found.values["docs"] == [{"path": "handbook"}]


def test_a_function_that_returns_the_config_is_looked_into() -> None:
    assert read("export default async function make() { return {url: 'https://x.org'}; }").values["url"]


@pytest.mark.parametrize(
    "doubled",
    ["const a{} = [...a{}, ...a{}];", "const a{} = a{} + a{};", "const a{} = {{p: a{}, q: a{}}};"],
    ids=["lists", "texts", "objects"],
)
def test_values_that_double_with_each_line_come_to_an_end(doubled: str) -> None:
    lines = "".join(doubled.format(n, n - 1, n - 1) for n in range(1, 41))
    first = "{x: 1}" if "p:" in doubled else "'ab'" if "+" in doubled else "['a', 'b']"
    found = read(f"const a0 = {first}; {lines} module.exports = {{url: 'https://x.org', i18n: {{locales: a40}}}}")
    assert found.values["url"] == "https://x.org"


def test_a_program_that_is_no_config_is_a_problem_and_no_crash() -> None:
    for source in ("", "export default", "module.exports = ((((", "const a = a; export default a", "{" * 5000):
        assert read(source).problems
