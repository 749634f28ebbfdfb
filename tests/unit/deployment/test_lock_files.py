"""Locked JavaScript packages: nothing is said about where they are fetched from, so that any registry will do."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOCKS = [
    path.relative_to(ROOT).as_posix()
    for folder in ("docs", "frontend/docusaurus-plugin-docs-chat", "tests/clients/js")
    for path in (ROOT / folder).glob("package-lock.json")
]


def test_every_folder_with_packages_has_a_lock() -> None:
    assert len(LOCKS) == 3


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_registry(lock: str) -> None:
    packages = json.loads((ROOT / lock).read_text())["packages"].values()
    assert not any("://" in package.get("resolved", "") for package in packages)
