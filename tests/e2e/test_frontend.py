"""The panel and the plugin: built freshly, checked for types, and used in a real browser."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "frontend" / "docusaurus-plugin-docs-chat"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def run(*command: str, cwd: Path) -> str:
    """Run one command to its end and return what it printed; a failure shows all of it."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    return output


@pytest.fixture(scope="module")
def packages() -> None:
    """Install the packages of the frontend as they are locked."""
    if shutil.which("npm") is None:
        pytest.skip("Node 20 or newer is not installed")
    if not (PLUGIN / "node_modules" / ".package-lock.json").exists():
        run("npm", "ci", "--silent", cwd=PLUGIN)


@pytest.mark.node
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("packages")
def test_the_committed_panel_is_what_its_source_builds(tmp_path: Path) -> None:
    run("node", "build.mjs", "--panel-to", str(tmp_path / "docs-chat.js"), cwd=PLUGIN)
    fresh = (tmp_path / "docs-chat.js").read_bytes()
    committed = (ROOT / "gateway" / "static" / "docs-chat.js").read_bytes()
    assert fresh == committed, "gateway/static/docs-chat.js is stale: run `make frontend`"


@pytest.mark.node
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("packages")
def test_the_frontend_has_no_type_errors_and_checks_its_options() -> None:
    """Takes some 6 s: the TypeScript compiler reads everything."""
    run("npm", "run", "--silent", "check", cwd=PLUGIN)
    run("node", "build.mjs", "--plugin-only", cwd=PLUGIN)
    run("npm", "test", "--silent", cwd=PLUGIN)


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize("part", ["panel", "plugin"])
def test_in_a_real_browser(part: str) -> None:
    """Takes some 15 s: Chromium walks through every state of the panel."""
    if not (os.environ.get("CHROMIUM") or any(shutil.which(name) for name in BROWSERS)):
        pytest.skip("Chromium is not installed: `make test-tools` installs it, or name it in CHROMIUM")
    if part == "plugin" and not (ROOT / "docs" / "build" / "index.html").exists():
        pytest.skip("docs/build is not there: `make docs-site` builds it")
    run("node", "--test", f"tests/e2e/{part}.test.mjs", cwd=ROOT)
