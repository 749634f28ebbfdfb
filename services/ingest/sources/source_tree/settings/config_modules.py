"""The files a config consists of: itself, and the modules of plain data that it imports."""

import json
from collections.abc import Callable, Iterator
from posixpath import dirname, join, normpath, splitext

from services.ingest.sources.source_tree.settings.literals import as_literal

MAX_MODULES = 60
MAX_CHARS = 500_000
MAX_TOTAL_CHARS = 3_000_000
_ENDINGS = (".ts", ".mts", ".cts", ".js", ".mjs", ".cjs", ".tsx", ".jsx", ".json")


class ModuleUnreadable(Exception):
    """A module that cannot be followed; the message says why."""


class ConfigModules:
    """Texts of modules, as far as they belong to the site.

    Args:
        read_text: Text of a file by its path relative to the site folder; raises ValueError when there is none.
    """

    def __init__(self, read_text: Callable[[str], str]) -> None:
        self._read_text = read_text
        self._texts: dict[str, str | None] = {}
        self._chars = 0

    def find(self, module: str, importer: str) -> tuple[str, str]:
        """Path and text of a module.

        Args:
            module: As the import names it.
            importer: Path of the file that imports it.

        Raises:
            ModuleUnreadable: If it is a package, is not there, or all of it is too much.
        """
        if not module.startswith((".", "@site/")):
            raise ModuleUnreadable("it is a package")
        if module.startswith("@site/"):
            path = normpath(module.removeprefix("@site/"))
        else:
            path = normpath(join(dirname(importer), module))
        for candidate in _candidates(path):
            text = self._text(candidate)
            if text is not None:
                return candidate, text
        raise ModuleUnreadable("it is not there")

    def json(self, module: str, importer: str) -> object:
        """The literal value of a JSON file.

        Raises:
            ModuleUnreadable: Also if it is not JSON.
        """
        try:
            return as_literal(json.loads(self.find(module, importer)[1]))
        except (ValueError, RecursionError) as error:
            raise ModuleUnreadable("it is not JSON") from error

    def _text(self, path: str) -> str | None:
        if path not in self._texts:
            if len([text for text in self._texts.values() if text is not None]) >= MAX_MODULES:
                raise ModuleUnreadable(f"the config consists of more than {MAX_MODULES} files")
            try:
                text = self._read_text(path)
            except ValueError:
                self._texts[path] = None
                return None
            self._chars += len(text)
            if len(text) > MAX_CHARS or self._chars > MAX_TOTAL_CHARS:
                raise ModuleUnreadable("it is too long")
            self._texts[path] = text
        return self._texts[path]


def _candidates(path: str) -> Iterator[str]:
    """Files that an import may mean; TypeScript imports `./a.ts` as `./a.js`."""
    stem, ending = splitext(path)
    if ending in _ENDINGS:
        yield path
    if ending in {".js", ".mjs", ".cjs"}:
        yield stem + ending.replace("j", "t")
    yield from (path + added for added in _ENDINGS)
    yield from (f"{path}/index{added}" for added in _ENDINGS)
