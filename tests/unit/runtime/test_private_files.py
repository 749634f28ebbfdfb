"""What we keep is for our own user's eyes."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.database import migrated, open_database, ping
from services.agent.state.sqlite import SqliteState
from services.runtime.private_files import private_file, private_folder


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


@pytest.fixture(autouse=True)
def generous_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


async def test_the_gateway_s_database_is_private_from_its_first_moment(tmp_path: Path) -> None:
    async with migrated(open_database("", tmp_path / "data")) as database:
        await database.run(ping)
        found = modes(tmp_path / "data")
    assert {"docs-chat.sqlite3", "docs-chat.sqlite3-wal", "docs-chat.sqlite3-shm"} <= set(found)
    assert set(found.values()) == {0o600}
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("url", ["", "sqlite:///{data}/docs-chat.sqlite3"])
async def test_a_database_that_others_could_read_is_closed_to_them(tmp_path: Path, url: str) -> None:
    data = tmp_path / "data"
    data.mkdir()
    wide = sqlite3.connect(data / "docs-chat.sqlite3")
    wide.execute("PRAGMA journal_mode=WAL")
    wide.execute("CREATE TABLE kept (id)")  # keeps its -wal and -shm beside it
    assert all(mode & 0o044 for mode in modes(data).values())
    async with migrated(open_database(url.format(data=data), data)):
        assert set(modes(data).values()) == {0o600}
    wide.close()


def test_what_the_agent_keeps_is_private_too(tmp_path: Path) -> None:
    SqliteState(tmp_path / "agent" / "state.sqlite3")
    assert set(modes(tmp_path / "agent").values()) == {0o600}
    assert (tmp_path / "agent").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_many_share_stays_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    assert private_folder(shared).stat().st_mode & 0o7777 == 0o1777


def test_a_file_keeps_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("kept")
    path.chmod(0o666)
    assert private_file(path).read_text() == "kept"
    assert path.stat().st_mode & 0o777 == 0o600
