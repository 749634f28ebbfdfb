"""The panel and the plugin: built freshly, checked and linted, tested alone, and used in a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "frontend" / "docusaurus-plugin-docs-chat"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CELLS = list(json.loads((Path(__file__).parent / "cells.json").read_text()))
PARTS = [
    "panel",
    "chatkit",
    "focus",
    "history",
    "reading",
    "phone",
    "accessibility",
    "owners",
    "plugin",
    "drawer",
    "search",
]
NEED_DOCS = {"plugin", "drawer", "search"}
ALWAYS = ["babel-newest-react-19", "faster-newest-react-19"]
OFFLINE = re.compile("ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT")

# They build into one folder and share installed packages: never two of them at a time.
pytestmark = pytest.mark.xdist_group("frontend")


def run(*command: str, cwd: Path, timeout_s: float = 300, **environment: str) -> str:
    """Run one command to its end and return what it printed; a failure shows all of it."""
    done = subprocess.run(
        command,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        env={**os.environ, **environment},
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    return output


@pytest.fixture(scope="module")
def packages() -> None:
    """Install the packages of the frontend as they are locked."""
    if shutil.which("npm") is None:
        pytest.skip("Node 20 or newer is not installed")
    installed = PLUGIN / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < (PLUGIN / "package-lock.json").stat().st_mtime:
        run("npm", "ci", "--silent", cwd=PLUGIN)


@pytest.fixture(scope="module")
def browser() -> None:
    """A real Chromium."""
    if not (os.environ.get("CHROMIUM") or any(shutil.which(name) for name in BROWSERS)):
        pytest.skip("Chromium is not installed: `make test-tools` installs it, or name it in CHROMIUM")


@pytest.mark.node
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("packages")
def test_the_committed_panel_is_what_its_source_builds(tmp_path: Path) -> None:
    """Takes some seconds: the whole panel is bundled."""
    run("node", "build.mjs", "--panel-to", str(tmp_path / "docs-chat.js"), cwd=PLUGIN)
    committed = ROOT / "gateway" / "static"
    names = ["docs-chat.js", *(str(path.relative_to(tmp_path)) for path in (tmp_path / "locales").iterdir())]
    stale = [name for name in names if (tmp_path / name).read_bytes() != (committed / name).read_bytes()]
    assert not stale, f"stale in gateway/static, run `make frontend`: {stale}"
    assert len(names) == 1 + len(list((committed / "locales").iterdir()))


@pytest.mark.node
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize("script", ["types", "lint", "format:check"])
def test_the_frontend_is_clean(script: str) -> None:
    """The linter takes up to 15 s: it reads the types of all files."""
    run("npm", "run", "--silent", script, cwd=PLUGIN)


@pytest.mark.node
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("packages")
def test_options_state_and_markdown_do_what_they_should() -> None:
    """Takes up to 17 s: the plugin is built, and Node runs its tests in files of their own."""
    run("node", "build.mjs", "--plugin", cwd=PLUGIN)
    run("npm", "test", "--silent", cwd=PLUGIN)


@pytest.mark.node
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("packages")
def test_the_package_has_what_npm_and_typescript_expect() -> None:
    """Takes some 8 s: the package is packed, and resolved as Node and each TypeScript mode would."""
    run("npm", "run", "--silent", "package:check", cwd=PLUGIN)


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("packages", "browser")
@pytest.mark.parametrize("part", PARTS)
def test_in_a_real_browser(part: str) -> None:
    """Takes up to 60 s: Chromium walks through every state of the panel, and axe looks at each of them."""
    if part in NEED_DOCS and not (ROOT / "docs" / "build" / "index.html").exists():
        pytest.skip("docs/build is not there: `make docs-site` builds it")
    run("node", "--test", "--test-force-exit", f"tests/e2e/{part}.test.mjs", cwd=ROOT)


@pytest.mark.browser
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("packages", "browser")
@pytest.mark.parametrize("cell", CELLS if os.environ.get("DOCS_CHAT_E2E_MATRIX") else ALWAYS)
def test_on_a_freshly_made_site(cell: str) -> None:
    """Slow for good reasons: it installs Docusaurus once and builds a real site each time."""
    built = subprocess.run(
        ["node", "tests/e2e/fresh_site.mjs", cell], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    if OFFLINE.search(built.stderr):
        pytest.skip("the npm registry cannot be reached, so Docusaurus cannot be installed for a fresh site")
    assert built.returncode == 0, built.stdout + built.stderr
    run("node", "--test", "--test-force-exit", "tests/e2e/fresh_site.test.mjs", cwd=ROOT, SITE_CELL=cell)
