"""Reading a config without running it."""

import pytest

from services.ingest.sources.source_tree.settings.config_literals import ConfigLiterals
from services.ingest.sources.source_tree.settings.javascript_literals import read_default_export


def read(source: str, files: dict[str, str] | None = None) -> ConfigLiterals:
    def read_text(path: str) -> str:
        if path not in (files or {}):
            raise ValueError(path)
        return (files or {})[path]

    return ConfigLiterals(read_default_export(source, read_text, "docusaurus.config.js"), "docusaurus.config.js")


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
        {"versions.json": '["2.0", "1.0"]'},
    )
    assert found.problems == []
    assert found.values == {
        "title": "Dino's",
        "url": "https://x.org",
        "baseUrl": "/base/",
        "trailingSlash": False,
        "i18n": {"defaultLocale": "en", "locales": ["en", "fr"]},
        "magicComments": ["mark-this"],
        "docs": [
            {"sidebarPath": "./sidebars.js", "lastVersion": "2.0", "remarkPlugins": ["remark-math"]},
            {"id": "api", "path": "api"},
        ],
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


SITE = "export default {url: 'https://x.org', i18n, presets: [['classic', {docs: {onlyIncludeVersions}, blog: false}]]}"


@pytest.mark.parametrize(
    ("imported", "files"),
    [
        ("import i18n from './i18n.mjs'", {"i18n.mjs": "export default {locales: ['en', 'de']}"}),
        ("import i18n from './i18n'", {"i18n.ts": "const all = {locales: ['en', 'de']}; export default all"}),
        ("import i18n from './i18n.js'", {"i18n.ts": "export default {locales: ['en', 'de']} satisfies I18n"}),
        ("import i18n from './i18n.json'", {"i18n.json": '{"locales": ["en", "de"]}'}),
        ("const i18n = require('./i18n')", {"i18n.cjs": "module.exports = {locales: ['en', 'de']}"}),
        ("const {i18n} = require('./shared')", {"shared.js": "exports.i18n = {locales: ['en', 'de']}"}),
        ("const {a: i18n} = require('./shared')", {"shared.js": "module.exports = {a: {locales: ['en', 'de']}}"}),
        (
            "import {i18n} from './all'",
            {"all/index.ts": "export * from './i'", "all/i.ts": "export const i18n = {locales: ['en', 'de']}"},
        ),
        (
            "import {i18n} from './a.mjs'",
            {"a.mjs": "export {b as i18n} from './b.mjs'", "b.mjs": "export const b = {locales: ['en', 'de']}"},
        ),
        (
            "import * as all from './a.mjs'; const {i18n} = all",
            {"a.mjs": "export const i18n = {locales: ['en', 'de']}"},
        ),
        ("import more from './m.mjs'; const i18n = {locales: ['en', ...more]}", {"m.mjs": "export default ['de']"}),
        (
            "const base = require('./b.json'); const i18n = {...base, path: 'i'}",
            {"b.json": '{"locales": ["en", "de"]}'},
        ),
        (
            "import i18n from '@site/c/i18n.mjs'",
            {"c/i18n.mjs": "import l from './l.json'; export default {locales: l}", "c/l.json": '["en", "de"]'},
        ),
        (
            "const l = JSON.parse(fs.readFileSync('./l.json', 'utf8')); const i18n = {locales: l}",
            {"l.json": '["en", "de"]'},
        ),
        ("const i18n = {locales: ['en']}; i18n.locales.push('de')", {}),
        ("const i18n = {}; i18n.locales = ['en', 'de']", {}),
        ("const i18n = {locales: process.env.NODE_ENV === 'production' ? ['en', 'de'] : ['en']}", {}),
    ],
)
def test_plain_data_is_followed_wherever_it_stands(imported: str, files: dict[str, str]) -> None:
    found = read(f"{imported}; const onlyIncludeVersions = ['1.0'];\n{SITE}", files)
    locales = found.values.get("i18n", {}).get("locales")
    if "push" in imported:  # an inner list that is changed may be followed or reported, but is never taken as it was
        assert locales == ["en", "de"] or found.problems
        return
    assert locales == ["en", "de"]
    assert found.problems == []


@pytest.mark.parametrize(
    "program",
    [
        "const onlyIncludeVersions = [];\nfor (const v of all) onlyIncludeVersions.push(v);",
        "const onlyIncludeVersions = [];\nif (process.env.ALL) { onlyIncludeVersions.push('1.0'); }",
        "const onlyIncludeVersions = [];\nfill(onlyIncludeVersions);",
        "let onlyIncludeVersions = [];\nif (a) onlyIncludeVersions = ['1.0'];",
        "let onlyIncludeVersions;\nif (a) onlyIncludeVersions = ['1.0']; else onlyIncludeVersions = ['2.0'];",
        "const versions = require('./versions.json');\nconst onlyIncludeVersions = versions.filter((v) => ok(v));",
        "\nimport onlyIncludeVersions from './chosen.mjs';",
        "\nconst onlyIncludeVersions = process.env.DEV ? ['current'] : undefined;",
    ],
)
def test_versions_that_are_computed_are_named_with_their_line_and_what_to_write(program: str) -> None:
    files = {"versions.json": '["1.0"]', "chosen.mjs": "\nexport default choose()"}
    found = read(f"{program}\nconst i18n = {{locales: ['en']}};\n{SITE}", files)
    assert "onlyIncludeVersions" not in found.values["docs"][0]
    (problem,) = found.problems
    assert "`docs.onlyIncludeVersions`" in problem.message
    assert "`docs: [{onlyIncludeVersions: [current, '2.0', '1.0']}]`" in problem.message
    assert problem.line == 2
    assert problem.source_path == ("chosen.mjs" if "chosen" in program else "docusaurus.config.js")


def test_a_variable_of_the_environment_is_named() -> None:
    (problem,) = read("module.exports = {url: 'https://x.org', baseUrl: process.env.BASE}").problems
    assert "environment variable 'BASE'" in problem.message


def test_what_a_plugin_does_to_an_argument_of_the_same_name_changes_nothing() -> None:
    found = read(
        "const config = {url: 'https://x.org', plugins: [function p() { return {configureWebpack(config) {"
        " config.plugins.push(1); config.url = 2; }} }]}; export default config"
    )
    assert found.problems == []
    assert found.values["url"] == "https://x.org"


def test_modules_that_import_each_other_come_to_an_end() -> None:
    files = {"a.mjs": "import b from './b.mjs'; export default b", "b.mjs": "import a from './a.mjs'; export default a"}
    found = read("import i18n from './a.mjs'; export default {url: 'https://x.org', i18n}", files)
    assert "i18n" not in found.values
    assert [problem.code for problem in found.problems] == ["config-undetermined"]
