"""Reading files of a site, and only of the site: what lies outside its folders is treated as absent."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

MAX_FILE_BYTES = 2_000_000
"""Longest file that is read at once."""
MAX_PAGE_BYTES = 10_000_000
"""Longest page, which is read in parts."""
MAX_FOLDER_DEPTH = 40
MAX_FILES = 200_000


class FileUnreadable(Exception):
    """A file is missing, outside the site, too large or not text; the message says which."""


class SiteFiles:
    """The files below the site folder and the content folders its settings name.

    Args:
        folder: Site folder, the one with `docusaurus.config.*`.
        roots: Further folders that may be read, such as `../docs`.
    """

    def __init__(self, folder: Path, roots: Sequence[Path] = ()) -> None:
        self.folder = Path(os.path.abspath(folder))
        self._roots = tuple(dict.fromkeys(os.path.realpath(root) for root in (folder, *roots)))

    def contains(self, path: str | Path) -> bool:
        """Whether a path, symbolic links followed, lies in the site."""
        try:
            real = os.path.realpath(path)
        except ValueError:  # a NUL in the path
            return False
        return any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in self._roots)

    def is_file(self, path: str | Path) -> bool:
        """Whether a path, however odd or long, is a file of the site."""
        return os.path.isfile(path) and self.contains(path)

    def is_folder(self, path: str | Path) -> bool:
        """Whether a path, however odd or long, is a folder of the site."""
        return os.path.isdir(path) and self.contains(path)

    def relative(self, path: str | Path) -> str:
        """Path relative to the site folder, with `/`."""
        return os.path.relpath(path, self.folder).replace(os.sep, "/")

    def absolute(self, relative_path: str) -> Path:
        """Path of a file named relative to the site folder."""
        return Path(os.path.normpath(self.folder / relative_path))

    def read_bytes(self, path: str | Path, max_bytes: int = MAX_FILE_BYTES) -> bytes:
        """Bytes of a file of the site.

        Raises:
            FileUnreadable: If it is not there, not in the site, or too large.
        """
        try:
            if not self.contains(path):
                raise FileUnreadable("it lies outside the site folder")
            if os.path.getsize(path) > max_bytes:
                raise FileUnreadable(f"it is larger than {max_bytes:,} bytes")
            if not os.path.isfile(path):
                raise FileUnreadable("it is not a regular file")
            return Path(path).read_bytes()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "bad path"
            raise FileUnreadable(f"it cannot be read: {reason}") from error

    def read_text(self, path: str | Path, max_bytes: int = MAX_FILE_BYTES) -> str:
        """Text of a file of the site, UTF-8.

        Raises:
            FileUnreadable: Also if it is binary; a few broken bytes become U+FFFD as in Docusaurus.
        """
        raw = self.read_bytes(path, max_bytes)
        text = raw.decode("utf-8", errors="replace")
        if text.count("\x00") > 8 or text.count("\ufffd") > max(16, len(text) // 20):
            raise FileUnreadable("it is not UTF-8 text")
        return text.replace("\x00", "\ufffd")

    def walk(self, folder: Path) -> Iterator[str]:
        """Relative paths, with `/`, of all files below a folder; links are followed while they stay in the site."""
        if not self.is_folder(folder):
            return
        waiting: list[tuple[str, str, frozenset[str]]] = [(str(folder), "", frozenset())]
        count = 0
        while waiting:
            path, prefix, above = waiting.pop()
            real = os.path.realpath(path)
            if real in above or len(above) > MAX_FOLDER_DEPTH:
                continue
            folders = []
            for entry in sorted(_entries(path), key=lambda entry: entry.name):
                if entry.is_symlink() and not self.contains(entry.path):
                    continue
                if entry.is_dir():
                    folders.append((entry.path, f"{prefix}{entry.name}/", above | {real}))
                elif entry.is_file():
                    count += 1
                    if count > MAX_FILES:
                        return
                    yield f"{prefix}{entry.name}"
            waiting += reversed(folders)


def _entries(path: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            return [entry for entry in entries if not entry.name.startswith(".") and entry.name != "node_modules"]
    except OSError:
        return []
