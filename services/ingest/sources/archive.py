"""A site in a .zip, .tar or .tar.gz: unpacked into a temporary folder, within limits, never outside it."""

import contextlib
import io
import stat
import tarfile
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from services.runtime.errors import InvalidSource, shown

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")
_BLOCK_BYTES = 1024 * 1024
_MAX_RATIO = 200
_RATIO_COUNTS_FROM_BYTES = 16 * 1024 * 1024
_MAX_PATH_PARTS = 64


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may unpack to."""

    max_bytes: int = 2 * 1024**3
    max_files: int = 200_000


class Stopped(Exception):
    """Nobody waits for what was being made."""


class _Allowance:
    """Counts what has been unpacked and stops at a limit."""

    def __init__(self, limits: ArchiveLimits, packed_bytes: int, stop: threading.Event) -> None:
        self._limits = limits
        self._stop = stop
        self._most_bytes = limits.max_bytes
        if packed_bytes * _MAX_RATIO > _RATIO_COUNTS_FROM_BYTES:
            self._most_bytes = min(limits.max_bytes, packed_bytes * _MAX_RATIO)
        else:
            self._most_bytes = min(limits.max_bytes, _RATIO_COUNTS_FROM_BYTES)
        self._bytes = 0
        self._files = 0

    def check_stop(self) -> None:
        if self._stop.is_set():
            raise Stopped

    def add_file(self) -> None:
        self.check_stop()
        self._files += 1
        if self._files > self._limits.max_files:
            raise InvalidSource(f"the archive holds more than {self._limits.max_files:,} files")

    def add_bytes(self, count: int) -> None:
        self.check_stop()
        self._bytes += count
        if self._bytes > self._most_bytes:
            raise InvalidSource(
                f"the archive unpacks to more than {self._most_bytes:,} bytes; is it a zip bomb? "
                "Unpack it and give the folder, or raise INGEST_ARCHIVE_MAX_BYTES"
            )


def is_archive(path: Path) -> bool:
    """Whether the name is that of an archive we can read."""
    return path.name.lower().endswith(SUFFIXES)


@contextlib.contextmanager
def unpacked(path: Path, limits: ArchiveLimits, stop: threading.Event | None = None) -> Iterator[Path]:
    """The folder an archive was unpacked into; it is removed on the way out, whatever happens.

    Links, devices and files with unsafe names are left out.

    Args:
        path: The archive.
        limits: What it may unpack to.
        stop: Ends the unpacking when it is set.

    Raises:
        InvalidSource: If the archive is broken, or larger than the limits allow.
        Stopped: If it was stopped.
    """
    with tempfile.TemporaryDirectory(prefix="docs-chat-", ignore_cleanup_errors=True) as folder:
        allowance = _Allowance(limits, path.stat().st_size, stop or threading.Event())
        unpack = _unpack_zip if path.name.lower().endswith(".zip") else _unpack_tar
        try:
            unpack(path, Path(folder), allowance)
        except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, RuntimeError, ValueError) as error:
            raise InvalidSource(f"{shown(path.name)} cannot be unpacked: {error}") from error
        yield Path(folder)


def _unpack_zip(path: Path, folder: Path, allowance: _Allowance) -> None:
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            allowance.add_file()
            mode = entry.external_attr >> 16
            is_plain = stat.S_IFMT(mode) in {0, stat.S_IFREG}
            target = _target(folder, entry.filename)
            if entry.is_dir() or not is_plain or target is None:
                continue
            with archive.open(entry) as content:
                _copy(content, target, allowance)


def _unpack_tar(path: Path, folder: Path, allowance: _Allowance) -> None:
    with path.open("rb") as packed, tarfile.open(fileobj=_Watched(packed, allowance), mode="r:*") as archive:
        for entry in archive:
            allowance.add_file()
            target = _target(folder, entry.name)
            content = archive.extractfile(entry) if entry.isreg() and target is not None else None
            if content is not None and target is not None:
                _copy(content, target, allowance)
            else:
                allowance.add_bytes(entry.size)  # passing over it unpacks it, too


class _Watched(io.RawIOBase):
    """The packed bytes; reading them ends when nobody waits any more, also in the middle of a file that is left out."""

    def __init__(self, packed: BinaryIO, allowance: _Allowance) -> None:
        self._packed = packed
        self._allowance = allowance

    def read(self, size: int = -1) -> bytes:
        self._allowance.check_stop()
        return self._packed.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._packed.seek(offset, whence)

    def tell(self) -> int:
        return self._packed.tell()


def _target(folder: Path, name: str) -> Path | None:
    """Where an entry goes; None when its name is not a plain relative path."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    unsafe = not parts or len(parts) > _MAX_PATH_PARTS or any(_is_unsafe(part) for part in parts)
    return None if unsafe else folder.joinpath(*parts)


def _is_unsafe(part: str) -> bool:
    return part in {"..", "/"} or "\0" in part or (len(part) == 2 and part[1] == ":")


def _copy(content: IO[bytes], target: Path, allowance: _Allowance) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        while block := content.read(_BLOCK_BYTES):
            allowance.add_bytes(len(block))
            file.write(block)
