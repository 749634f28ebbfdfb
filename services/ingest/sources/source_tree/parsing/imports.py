"""Which file of the site an import means."""

from dataclasses import dataclass
from pathlib import Path

from services.ingest.sources.source_tree.files import FileUnreadable, SiteFiles
from services.ingest.sources.source_tree.parsing.modules import Import, read_reexports

_MARKDOWN = (".md", ".mdx")
_WEBPACK_ENDINGS = (".wasm", ".mjs", ".js", ".jsx", ".ts", ".tsx", ".json")
"""What webpack adds to an import without ending, as Docusaurus sets it."""
_SCRIPT_ENDINGS = (".js", ".jsx", ".ts", ".tsx", "/index.js", "/index.jsx", "/index.ts", "/index.tsx")


@dataclass(frozen=True, slots=True)
class Partial:
    """An imported MDX file; `path` is None when it is not in the site."""

    specifier: str
    path: Path | None


class ImportResolver:
    """Finds imported files: relative to their importer, or to the site with `@site/`. Packages are not read."""

    def __init__(self, files: SiteFiles) -> None:
        self._files = files
        self._reexports: dict[Path, dict[str, Import]] = {}

    def resolve(self, importer: Path, specifier: str) -> Path | None:
        """The file of the site that a specifier names, with its ending or as webpack completes it; None: not there."""
        path = self._path(importer, specifier)
        candidates = [path, *(Path(f"{path}{end}") for end in _WEBPACK_ENDINGS)] if path is not None else []
        return next((candidate for candidate in candidates if self._files.is_file(candidate)), None)

    def resolve_script(self, importer: Path, specifier: str) -> Path | None:
        """The program of the site that a specifier names, if it is there."""
        return self._script(importer, specifier)

    def find_partial(self, importer: Path, found: Import) -> Partial | None:
        """The MDX file behind an import, also when a script re-exports it; None when it is something else."""
        if found.specifier.endswith(_MARKDOWN):
            is_whole = found.imported == "default"
            return Partial(found.specifier, self.resolve(importer, found.specifier)) if is_whole else None
        script = self._script(importer, found.specifier)
        handed_on = self._exports(script).get(found.imported) if script is not None else None
        if script is None or handed_on is None or not handed_on.specifier.endswith(_MARKDOWN):
            return None
        return Partial(handed_on.specifier, self.resolve(script, handed_on.specifier))

    def _path(self, importer: Path, specifier: str) -> Path | None:
        if specifier.startswith("@site/"):
            return self._files.absolute(specifier.removeprefix("@site/"))
        if specifier.startswith(("./", "../")):
            return self._files.absolute(str(importer.parent / specifier))
        return None

    def _script(self, importer: Path, specifier: str) -> Path | None:
        path = self._path(importer, specifier)
        if path is None:
            return None
        candidates = [path] if path.suffix in _SCRIPT_ENDINGS else [Path(f"{path}{end}") for end in _SCRIPT_ENDINGS]
        return next((candidate for candidate in candidates if self._files.is_file(candidate)), None)

    def _exports(self, script: Path) -> dict[str, Import]:
        if script not in self._reexports:
            try:
                self._reexports[script] = read_reexports(self._files.read_text(script))
            except FileUnreadable:
                self._reexports[script] = {}
        return self._reexports[script]
