"""Archives: read within limits, never outside the folder, always cleaned up."""

import io
import os
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest

from services.ingest.sources.archive import ArchiveLimits, Stopped, unpacked
from services.runtime.errors import InvalidSource


def zip_of(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tar_with(path: Path, *entries: tarfile.TarInfo, content: bytes = b"secret") -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for entry in entries:
            entry.size = len(content) if entry.isreg() else 0
            archive.addfile(entry, io.BytesIO(content) if entry.isreg() else None)
    return path


def entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def test_what_was_unpacked_is_there_inside_and_gone_after(tmp_path: Path) -> None:
    with unpacked(zip_of(tmp_path / "a.zip", **{"docs/a.md": b"# A"}), ArchiveLimits()) as folder:
        assert (folder / "docs" / "a.md").read_bytes() == b"# A"
    assert not folder.exists()


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/etc/evil", "..\\evil", "C:\\evil", "C:/evil"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, b"evil")
    tar = tar_with(tmp_path / "a.tar.gz", entry(name))
    for path in (tmp_path / "a.zip", tar):
        with unpacked(path, ArchiveLimits()) as folder:
            assert files_in(folder) == []


def test_links_and_devices_are_left_out(tmp_path: Path) -> None:
    path = tar_with(
        tmp_path / "a.tar.gz",
        entry("link", tarfile.SYMTYPE, "/etc/passwd"),
        entry("hard", tarfile.LNKTYPE, "/etc/passwd"),
        entry("device", tarfile.CHRTYPE),
        entry("pipe", tarfile.FIFOTYPE),
        entry("real.md"),
    )
    with unpacked(path, ArchiveLimits()) as folder:
        assert files_in(folder) == ["real.md"]


def test_a_symbolic_link_in_a_zip_is_left_out(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with unpacked(tmp_path / "a.zip", ArchiveLimits()) as folder:
        assert files_in(folder) == []


def test_a_bomb_is_stopped_and_cleaned_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    os.mkdir(tmp_path / "temporary")
    bomb = zip_of(tmp_path / "bomb.zip", big=b"\0" * (40 * 1024 * 1024))
    with pytest.raises(InvalidSource, match="zip bomb"), unpacked(bomb, ArchiveLimits()):
        pass
    assert files_in(tmp_path / "temporary") == []


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", **{f"{n}.md": b"" for n in range(11)})
    with pytest.raises(InvalidSource, match="more than 10 files"), unpacked(path, ArchiveLimits(max_files=10)):
        pass


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz"])
def test_a_broken_archive_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x1f\x8b not an archive")
    with pytest.raises(InvalidSource, match="cannot be unpacked"), unpacked(tmp_path / name, ArchiveLimits()):
        pass


class AfterLooks(threading.Event):
    """Set once it has been looked at so many times."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self._looks = looks

    def is_set(self) -> bool:
        self._looks -= 1
        return self._looks < 0


@pytest.mark.parametrize("looks", [0, 1, 3, 10])
@pytest.mark.parametrize("name", ["many.zip", "large.zip", "large.tar.gz", "left-out.tar.gz"])
def test_unpacking_ends_between_files_and_in_the_middle_of_one(
    tmp_path: Path, name: str, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    os.mkdir(tmp_path / "temporary")
    content = os.urandom(16 * 1024 * 1024)
    if name == "many.zip":
        path = zip_of(tmp_path / name, **{f"{n}.md": b"x" for n in range(20)})
    elif name == "large.zip":
        path = zip_of(tmp_path / name, large=content)
    else:
        path = tar_with(tmp_path / name, entry("../out" if "left" in name else "large.md"), content=content)
    with pytest.raises(Stopped), unpacked(path, ArchiveLimits(), AfterLooks(looks)):
        pass
    assert files_in(tmp_path / "temporary") == []


def test_what_is_left_out_counts_too(tmp_path: Path) -> None:
    bomb = tar_with(tmp_path / "bomb.tar.gz", entry("../bomb"), content=b"\0" * (40 * 1024 * 1024))
    with pytest.raises(InvalidSource, match="zip bomb"), unpacked(bomb, ArchiveLimits()):
        pass
