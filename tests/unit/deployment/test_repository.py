"""What stands around the code is true: files that are named exist, and lists are complete."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
PANEL = ROOT / "frontend" / "docusaurus-plugin-docs-chat"


def tracked(pattern: str) -> list[str]:
    """Files of the repository that a pattern of git's attributes names."""
    listed = subprocess.run(
        ["git", "ls-files", f":(glob)**/{pattern}", f":(glob){pattern}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode != 0:
        pytest.skip("this is no git checkout, or git is not installed")
    return listed.stdout.splitlines()


@pytest.mark.parametrize("path", sorted((ROOT / ".github").rglob("*.yml")), ids=lambda path: path.name)
def test_forms_and_workflows_are_yaml(path: Path) -> None:
    assert isinstance(yaml.safe_load(path.read_text("utf-8")), dict)


def test_continuous_integration_runs_what_we_run() -> None:
    steps = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"]["check"]["steps"]
    assert steps[-1] == {"run": ".ci/run"}
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_dependabot_looks_into_folders_that_have_something() -> None:
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text("utf-8"))["updates"]
    manifests = {
        "npm": "package.json",
        "gomod": "go.mod",
        "docker": "Dockerfile",
        "github-actions": ".github/workflows",
    }
    for update in updates:
        for folder in update.get("directories") or [update["directory"]]:
            assert (ROOT / folder.strip("/") / manifests[update["package-ecosystem"]]).exists(), folder


def test_every_pattern_of_the_attributes_names_something() -> None:
    lines = (ROOT / ".gitattributes").read_text("utf-8").splitlines()
    patterns = [line.split()[0] for line in lines if line.strip() and not line.startswith(("#", "* "))]
    assert [pattern for pattern in patterns if not tracked(pattern)] == []


def test_hooks_run_from_the_environment_and_download_nothing() -> None:
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    for hook in repositories[0]["hooks"]:
        program = hook["entry"].split()[0]
        assert hook["language"] == "system"
        assert (Path(sys.executable).parent / Path(program).name).exists() or shutil.which(program), program


def test_the_development_container_sets_up_by_targets_that_exist() -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text("utf-8"))
    makefile = (ROOT / "Makefile").read_text("utf-8").replace("$(VENV)", ".venv")
    command, *targets = container["postCreateCommand"].split()
    assert command == "make"
    assert [target for target in targets if not re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE)] == []


def test_every_benchmark_has_a_line() -> None:
    readme = (ROOT / "benchmarks/README.md").read_text("utf-8")
    files = [path for kind in ("*.py", "*.mjs", "*.jsonl") for path in (ROOT / "benchmarks").glob(kind)]
    named = {path.stem for path in files if not path.stem.startswith("__")}
    assert {name for name in named if f"`{name}`" not in readme} == set()
    assert set(re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE)) <= named


def test_every_kind_of_test_has_a_line() -> None:
    readme = (ROOT / "tests/README.md").read_text("utf-8")
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and not path.name.startswith("__")}
    assert set(re.findall(r"^\| `(\w+)/` \|", readme, re.MULTILINE)) == folders


def test_decisions_are_numbered_and_each_has_a_line() -> None:
    folder = ROOT / "docs/adr"
    pages = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [page[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    assert re.findall(r"^\| \[\d+]\(([\w.-]+)\)", (folder / "README.md").read_text("utf-8"), re.MULTILINE) == pages


@pytest.mark.parametrize("page", sorted((ROOT / "docs/adr").rglob("*.md")), ids=lambda page: page.stem)
def test_links_between_decisions_lead_somewhere(page: Path) -> None:
    links = re.findall(r"]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", ["question", "page"])
def test_the_rooms_on_the_way_are_there(page: str) -> None:
    text = (ROOT / f"docs/docs/how-it-works/{page}.md").read_text("utf-8")
    rooms = set(re.findall(r"`((?:services|gateway)/[\w./]+)`", text))
    assert rooms
    assert {room for room in rooms if not (ROOT / room).exists()} == set()


def test_the_notices_name_what_is_bundled_in_its_version() -> None:
    notices = (ROOT / "THIRD_PARTY_NOTICES.md").read_text("utf-8")
    bundled = json.loads((PANEL / "package.json").read_text("utf-8"))["devDependencies"]
    assert re.search(rf"\[marked][^|]* {re.escape(bundled['marked'])},", notices)
    for table in re.findall(r"`(\w+/\w+\.json|\w+\.py|tests/fixtures/[\w/.]+)`", notices):
        assert tracked(table) or tracked(f"**/{table}"), table
