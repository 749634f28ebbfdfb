"""What the JavaScript of a site's config can get at: its site, and next to nothing else."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from services.ingest.sources.source_tree.settings.confinement import Bounds
from services.ingest.sources.source_tree.settings.node_config import NodeConfigFailed, run_config

pytestmark = [pytest.mark.node, pytest.mark.timeout(120)]

LOADER = """
const path = require('path');
exports.loadSiteConfig = async ({siteDir}) => {
  const config = require(path.join(siteDir, 'docusaurus.config.js'));
  return {siteConfig: await (typeof config === 'function' ? config() : config)};
};
"""
TRIED = """
const fs = require('fs');
const tried = (what) => { try { return what() ?? 'done'; } catch (error) { return error.code; } };
const each = (paths, what) => JSON.stringify(paths.map((path) => tried(() => what(path))));
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site whose Docusaurus does no more than load its config."""
    if shutil.which("node") is None:
        pytest.skip("Node is not installed")
    site = tmp_path / "repository" / "website"
    core = site / "node_modules" / "@docusaurus" / "core"
    (core / "lib" / "server").mkdir(parents=True)
    (core / "package.json").write_text('{"name": "@docusaurus/core"}')
    (core / "lib" / "server" / "config.js").write_text(LOADER)
    (tmp_path / "repository" / "versions.js").write_text("module.exports = 'three';")
    (tmp_path / "repository" / ".env").write_text("OPENROUTER_API_KEY=sk-secret")
    (tmp_path / "elsewhere").write_text("secret")
    return site


def told_by(site: Path, script: str, **how: Any) -> Any:
    """What a config found out, told as its title."""
    (site / "docusaurus.config.js").write_text(f"{TRIED}\nmodule.exports = (async () => ({{title: {script}}}))();")
    return json.loads(run_config(site, root=site.parent, **how).values["title"])


def needs_namespaces() -> None:
    tool = shutil.which("unshare")
    if tool is None or subprocess.run([tool, "-rnmp", "-f", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system gives its users no namespaces (unshare -rnmp), so nothing is taken away")


def test_its_environment_has_no_secrets(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-secret")
    monkeypatch.setenv("NODE_OPTIONS", "--require /nowhere.js")
    told = told_by(site, "JSON.stringify(process.env)")
    assert set(told) <= {"PATH", "LANG", "LC_ALL", "TZ", "HOME", "TMPDIR", "NODE_ENV", "BABEL_ENV"}
    assert told["HOME"] != os.environ.get("HOME")


def test_its_home_is_its_own_and_gone_afterwards(site: Path) -> None:
    write = "fs.writeFileSync(process.env.HOME + '/a', 'x'); fs.writeFileSync(process.env.TMPDIR + '/b', 'x');"
    home = told_by(site, f"(() => {{ {write} return JSON.stringify(process.env.HOME); }})()")
    assert not Path(home).exists()


def test_it_writes_nowhere_else(site: Path, tmp_path: Path) -> None:
    needs_namespaces()
    places = [site / "evil", tmp_path / "evil", Path("/tmp/docs-chat-evil"), Path.home() / "docs-chat-evil"]
    told = told_by(
        site,
        f"each({json.dumps(list(map(str, places)))}, (place) => fs.writeFileSync(place, 'x'))",
    )
    assert set(told) <= {"EROFS", "EACCES"}
    assert not any(place.exists() for place in places)


def test_it_sees_no_process_of_ours(site: Path) -> None:
    needs_namespaces()
    environ = f"/proc/{os.getpid()}/environ"
    told = told_by(
        site,
        f"each([{environ!r}, {os.getpid()}], (it) => +it ? process.kill(it, 0) : fs.readFileSync(it).length)",
    )
    assert all(isinstance(code, str) and code.startswith("E") for code in told)


def test_it_reads_its_repository_but_not_what_is_hidden_there_or_lies_elsewhere(site: Path, tmp_path: Path) -> None:
    paths = [site.parent / "versions.js", site.parent / ".env", tmp_path / "elsewhere"]
    script = f"each({json.dumps(list(map(str, paths)))}, (file) => fs.readFileSync(file).length)"
    neighbour, hidden, elsewhere = told_by(site, script)
    if hidden == len("OPENROUTER_API_KEY=sk-secret"):
        pytest.skip("this system has no Landlock, so reading is not restricted")
    assert (neighbour, hidden, elsewhere) == (25, "EACCES", "EACCES")


def test_it_has_no_network(site: Path) -> None:
    needs_namespaces()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        connect = f"""await new Promise((done) => {{
          const connection = require('net').connect({port}, '127.0.0.1', () => done('connected'));
          connection.on('error', (error) => done(error.code));
        }})"""
        assert told_by(site, f"JSON.stringify({connect})") in {"ENETUNREACH", "EACCES", "ECONNREFUSED", "EPERM"}
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize(
    "eat",
    [
        "for (const eaten = [];;) eaten.push(Buffer.alloc(1 << 24, 1));",
        "for (let eaten = 'x', all = [];;) all.push({eaten: eaten + all.length});",
    ],
)
def test_eating_memory_ends_it(site: Path, eat: str) -> None:
    with pytest.raises(NodeConfigFailed, match=r".") as failed:
        told_by(site, f"(() => {{ {eat} }})()", bounds=Bounds(time_s=60, memory_bytes=384 * 1024**2))
    assert "did not load within" not in str(failed.value)


def test_printing_without_end_ends_it(site: Path) -> None:
    with pytest.raises(NodeConfigFailed) as failed:
        told_by(site, "(() => { for (;;) fs.writeSync(1, 'x'.repeat(65536)); })()", bounds=Bounds(output_bytes=1024**2))
    assert len(str(failed.value)) < 400


def test_what_it_starts_ends_with_it(site: Path) -> None:
    needs_namespaces()
    told = told_by(
        site,
        "JSON.stringify(require('child_process').spawn('sh', ['-c', 'sleep 987654 & setsid sleep 987654 &'],"
        " {detached: true, stdio: 'ignore'}).pid)",
    )
    assert isinstance(told, int)
    assert "987654" not in commands_running()


def commands_running() -> str:
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(process.read_text())
    return "\n".join(found)


@pytest.mark.parametrize("code", [0, 1, 250])
def test_whatever_code_it_ends_with_it_is_not_run_again(site: Path, code: int) -> None:
    (site / "docusaurus.config.js").write_text(f"process.stderr.write('ran '); process.exit({code});")
    with pytest.raises(NodeConfigFailed, match=r"^ran$"):
        run_config(site)


def test_it_is_ended_when_nobody_waits_any_more(site: Path) -> None:
    (site / "docusaurus.config.js").write_text("for (;;) {}")
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    with pytest.raises(NodeConfigFailed):
        run_config(site, stop=stop, bounds=Bounds(time_s=100))


def test_without_the_packages_it_says_so(site: Path) -> None:
    shutil.rmtree(site / "node_modules")
    (site / "docusaurus.config.js").write_text("module.exports = {};")
    with pytest.raises(NodeConfigFailed, match="@docusaurus/core"):
        run_config(site)
