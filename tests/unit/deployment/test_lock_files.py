"""What is installed is what was locked: every file by its hash, from whichever registry an operator uses."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LOCKS = ("requirements.lock", "requirements-dev.lock")


@pytest.mark.parametrize("name", LOCKS)
def test_every_requirement_is_one_version_with_hashes_and_names_no_registry(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    requirements = [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    assert len(requirements) > 50
    wrong = [
        line
        for line in requirements
        if not re.fullmatch(r"[a-z0-9._-]+(\[[a-z,-]+])?==\S+( ; [^-]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*", line)
    ]
    assert wrong == []
    assert "://" not in text


@pytest.mark.parametrize("name", LOCKS)
def test_what_the_tests_add_leaves_the_locked_versions_alone(name: str) -> None:
    runtime = set((ROOT / LOCKS[0]).read_text("utf-8").splitlines())
    assert {line for line in runtime if "==" in line} <= set((ROOT / name).read_text("utf-8").splitlines())


@pytest.mark.parametrize("file", ["Makefile", "Dockerfile"])
def test_locked_files_are_installed_by_their_hashes(file: str) -> None:
    installs = [line for line in (ROOT / file).read_text("utf-8").splitlines() if re.search(r" -r requirements", line)]
    assert installs
    assert all("--require-hashes" in line for line in installs)


@pytest.mark.parametrize(
    "folder", ["docs", "frontend/docusaurus-plugin-docs-chat", "tests/clients/js", "tests/clients/ts"]
)
def test_locked_javascript_packages_name_no_registry(folder: str) -> None:
    packages = json.loads((ROOT / folder / "package-lock.json").read_text("utf-8"))["packages"].values()
    assert not any("://" in package.get("resolved", "") for package in packages)
