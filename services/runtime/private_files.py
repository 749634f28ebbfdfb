"""Files and folders that only the user of this process may read, also those that were made by an earlier version."""

import logging
import os
import stat
from pathlib import Path

logger = logging.getLogger(__name__)

_SQLITE_SUFFIXES = ("", "-wal", "-shm", "-journal", ".lock")


def private_folder(path: Path) -> Path:
    """The folder, made when it is not there, with mode 0700.

    A folder of somebody else, or one that many share such as `/tmp`, keeps its mode: it is not ours to close.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    about = path.stat()
    if about.st_uid == os.geteuid() and not about.st_mode & stat.S_ISVTX:
        _narrow(path, 0o700)
    return path


def private_file(path: Path) -> Path:
    """The file, made empty when it is not there, with mode 0600.

    Raises:
        OSError: If it cannot be made.
    """
    os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    _narrow(path, 0o600)
    return path


def private_sqlite(path: Path) -> Path:
    """An SQLite file and its companions with mode 0600; what SQLite makes later takes the mode of the file.

    Raises:
        OSError: If the file cannot be made.
    """
    private_file(path)
    for suffix in _SQLITE_SUFFIXES:
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            _narrow(companion, 0o600)
    return path


def _narrow(path: Path, mode: int) -> None:
    """Take the rights of others away; some mounted file systems know no rights, and that is said."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & ~mode:
            path.chmod(mode)
    except OSError as error:
        logger.warning("others may read this", extra={"path": str(path), "error": error.strerror})
