"""The source reader against what the real Docusaurus made of our own site; see tests/fixtures/docusaurus_sites."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from services.ingest.sources.source_tree import SourceTree

FIXTURES = Path(__file__).parents[1] / "fixtures" / "docusaurus_sites"
SITE = FIXTURES / "lighthouse"
EXPECTED: list[dict[str, Any]] = json.loads((FIXTURES / "expected.json").read_text(encoding="utf-8"))


def test_settings_are_read_from_the_literals_of_the_config() -> None:
    site = SourceTree.open(SITE).scan()
    assert site.base_url == "https://lighthouse.example/keepers/"
    assert [(version.name, version.path) for version in site.versions] == [
        ("current", "/keepers/manual/next"),
        ("v2", "/keepers/manual"),
        ("v1", "/keepers/manual/first"),
        ("current", "/keepers/"),
    ]


def test_addresses_are_those_of_the_build() -> None:
    site = SourceTree.open(SITE, include_unlisted=True).scan()
    pages = [*site.pages, *(page for page, reason in site.skipped if reason != "draft")]
    ours = {(page.source_path, page.locale, page.uri) for page in pages}
    assert ours == {(page["source"], page["locale"], _uri(page["url"])) for page in EXPECTED}


def test_titles_and_headings_are_those_of_the_build() -> None:
    tree = SourceTree.open(SITE, include_unlisted=True)
    expected = {(page["source"], page["locale"]): page for page in EXPECTED}
    for page in tree.scan().pages:
        document = tree.read(page)
        built = expected[page.source_path, page.locale]
        assert document.title == (built["title"] or ""), page.source_path
        ours = [[heading.level, heading.id] for heading in document.headings]
        assert ours == built["headings"], page.source_path


@pytest.mark.node
def test_the_expectation_is_what_docusaurus_builds_today(request: pytest.FixtureRequest) -> None:
    packages = request.config.rootpath / "docs" / "node_modules"
    if shutil.which("node") is None or not (packages / "@docusaurus" / "core").is_dir():
        pytest.skip("Node or docs/node_modules is not there: `make docs-site` installs it")
    script = FIXTURES / "make_expected.cjs"
    built = subprocess.run(["node", str(script), str(packages.parent)], capture_output=True, check=True, text=True)
    assert json.loads(built.stdout) == EXPECTED


def _uri(path: str) -> str:
    return "https://lighthouse.example" + quote(path, safe="!#$&'()*+,/:;=?@-._~")
