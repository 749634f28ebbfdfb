"""What is told of folders that are followed, and what is not."""

import os
from pathlib import Path

import pytest

from cli.saves import Saves, followed


def write(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("text")
    return path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = Path(os.path.realpath(tmp_path)) / "site"
    for name in ("docs/a.md", "node_modules/tool/index.js", ".docusaurus/routes.js", "build/index.html"):
        write(folder / name)
    write(folder / "docusaurus.config.ts")
    os.utime(folder / "docs/a.md", (0, 0))  # polling sees times in whole seconds
    return folder


def test_neither_packages_nor_builds_nor_hidden_folders_are_followed(site: Path) -> None:
    paths = followed([site, site / "gone"])
    assert (paths.whole, paths.flat) == ((str(site / "docs"),), (str(site),))


def test_a_folder_named_build_is_followed_where_it_is_no_build(site: Path) -> None:
    (site / "docusaurus.config.ts").unlink()
    assert str(site / "build") in followed([site]).whole


@pytest.mark.parametrize("polls", [False, True], ids=["events", "polling"])
async def test_what_is_saved_while_nobody_waits_is_told_later_and_noise_is_not(site: Path, polls: bool) -> None:
    async with Saves(followed([site]), polls=polls) as saves:
        for noise in ("docs/.a.md.swp", "docs/a.md~", "docs/node_modules/b.md", ".env"):
            write(site / noise)
        expected = {
            str(write(site / "docs/a.md")),
            str(write(site / "docs/new/b.md")),
            str(write(site / "sidebars.ts")),
        }
        told: set[str] = set()
        while not expected <= told:
            told |= await saves.wait()
    assert told <= expected | {str(site / "docs/new")}


async def test_waiting_ends_when_its_time_is_over(site: Path) -> None:
    async with Saves(followed([site])) as saves:
        assert await saves.wait(0.01) == set()
