"""A config computed by Node, as `--run-config` asks: with the real Docusaurus, wherever docs/ has its packages."""

import shutil
from pathlib import Path

import pytest

from services.ingest.sources.source_tree.settings.confinement import Bounds
from services.ingest.sources.source_tree.settings.node_config import NodeConfigFailed, run_config
from services.ingest.sources.source_tree.settings.site_config import read_site_config

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

COMPUTED = """
const path = ['h', 'andbook'].join('');
const config = async () => ({
  title: 'Computed',
  url: `https://${'computed'}.example`,
  baseUrl: process.env.SITE_BASE ?? '/made/',
  trailingSlash: false,
  presets: [['classic', {docs: {path, routeBasePath: '/', remarkPlugins: [function remarkMath() {}]}, blog: false}]],
});
"""
ENDINGS = {"js": "module.exports = config;", "mjs": "export default config;", "ts": "export default config as unknown;"}


@pytest.fixture
def site(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    packages = request.config.rootpath / "docs" / "node_modules"
    if shutil.which("node") is None or not (packages / "@docusaurus" / "core").is_dir():
        pytest.skip("Node or docs/node_modules is not there: `make docs-site` installs it")
    (tmp_path / "node_modules").symlink_to(packages)
    return tmp_path


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_computed_config_is_read_in_every_language(site: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_BASE", "/leaked/")
    (site / f"docusaurus.config.{ending}").write_text(COMPUTED + ENDINGS[ending])
    config = read_site_config(site, runs_config=True)
    assert (config.settings.url, config.settings.base_url) == ("https://computed.example", "/made/")
    assert (config.settings.docs[0].path, config.settings.docs[0].has_math) == ("handbook", True)
    assert (config.settings.blog, config.settings.trailing_slash) == ((), False)
    assert config.problems == ()


def test_what_a_config_prints_is_no_part_of_it(site: Path) -> None:
    noise = "console.log('{\"url\": \"https://wrong.example\"}'); console.error('loud'); process.stdout.write('x');"
    (site / "docusaurus.config.js").write_text(f"{noise}{COMPUTED}{ENDINGS['js']}")
    assert run_config(site).values["url"] == "https://computed.example"


@pytest.mark.parametrize(
    "text",
    [
        "throw new Error('no such thing');",
        "module.exports = async () => { throw new Error('no such thing'); };",
        "setTimeout(() => { throw new Error('no such thing'); }, 0); module.exports = new Promise(() => {});",
    ],
)
def test_a_config_that_throws_is_reported_and_its_literals_are_read(site: Path, text: str) -> None:
    (site / "docusaurus.config.js").write_text(text)
    config = read_site_config(site, runs_config=True, base_url="https://given.example/")
    assert config.settings.url == "https://given.example"
    problem = next(problem for problem in config.problems if problem.code == "config-not-run")
    assert "no such thing" in problem.message


@pytest.mark.parametrize(
    "text", ["while (true) {}", "module.exports = new Promise(() => setInterval(() => {}, 1000));"]
)
def test_a_config_that_never_ends_is_given_up(site: Path, text: str) -> None:
    (site / "docusaurus.config.js").write_text(text)
    with pytest.raises(NodeConfigFailed, match="did not load within"):
        run_config(site, bounds=Bounds(time_s=5))


def test_a_config_that_ends_node_is_reported(site: Path) -> None:
    (site / "docusaurus.config.js").write_text("process.exit(0);")
    with pytest.raises(NodeConfigFailed):
        run_config(site)
