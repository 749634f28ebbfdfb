"""Where the names of a page come from: its exports, its imports, its front matter, and what is passed to it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.ingest.document import Problem, Severity
from services.ingest.sources.source_tree.evaluating.evaluator import Evaluator
from services.ingest.sources.source_tree.evaluating.names import Names, TooMuchToEvaluate
from services.ingest.sources.source_tree.evaluating.values import UNKNOWN, FileText, ThemeComponent
from services.ingest.sources.source_tree.files import FileUnreadable
from services.ingest.sources.source_tree.js_yaml import YamlInvalid, load_yaml
from services.ingest.sources.source_tree.parsing.modules import Import, Module, read_imports, read_reexports
from services.ingest.sources.source_tree.parsing.tsx import definitions
from services.ingest.sources.source_tree.showing.context import Resources
from services.runtime.errors import shown

_DATA_ENDINGS = (".json", ".yaml", ".yml")
_THEMES = ("@theme/", "@theme-original/", "@theme-init/", "@docusaurus/")
MAX_SCRIPTS = 100
"""Most programs of the site that are looked into for one page."""


@dataclass(frozen=True, slots=True)
class _Program:
    """A module whose names are asked for."""

    path: Path
    source: str
    imports: Mapping[str, Import]


def page_names(module: Module, resources: Resources, source_path: str, props: Mapping[str, Any] | None = None) -> Names:
    """Names of a page or a partial.

    Args:
        module: Its parsed file.
        resources: What the modules of the page share.
        source_path: The page's own file, for the problems.
        props: What is passed to a partial.
    """
    finder = _Finder(resources, source_path)
    given = {"props": dict(props or {}), "frontMatter": _front_matter(module)}
    program = _Program(module.path, module.program, module.imports)
    return finder.names(program).with_values(given)


def _front_matter(module: Module) -> dict[str, Any]:
    """Values of the front matter as the page's expressions see them."""
    values = module.front_matter.values
    return {
        str(key): value if isinstance(value, (str, int, float, list, dict)) else module.front_matter.text(str(key))
        for key, value in values.items()
    }


class _Finder:
    def __init__(self, resources: Resources, source_path: str) -> None:
        self._resources = resources
        self._source_path = source_path
        self._scripts: dict[Path, Names] = {}

    def names(self, program: _Program) -> Names:
        """Names of a module, found when they are asked for."""
        defined = definitions(program.source) if program.source else {}

        def find(name: str) -> Any:
            if name in defined:
                return Evaluator(made).value(defined[name])
            if name in program.imports:
                return self._imported(program, program.imports[name])
            if name.startswith("require("):
                loaded = self._imported(program, Import(name[8:-1], "default"))
                return {"default": loaded} if isinstance(loaded, FileText) else loaded
            return UNKNOWN

        made = Names(find, UNKNOWN, self._resources.budget)
        return made

    def _imported(self, program: _Program, found: Import) -> Any:
        loaders, _, rest = found.specifier.rpartition("!")
        specifier, _, query = rest.partition("?")
        if "raw-loader" in loaders or query == "raw":
            return self._file_text(program.path, specifier, found.specifier)
        if specifier.startswith(_THEMES):
            is_component = found.imported == "default"
            return ThemeComponent(specifier.rpartition("/")[2]) if is_component else UNKNOWN
        path = self._resources.resolve_import(program.path, specifier)
        if path is not None and path.name.endswith(_DATA_ENDINGS):
            return _member(self._data(path), found.imported)
        script = self._resources.resolve_script(program.path, specifier)
        return self._exported(script, found.imported) if script is not None else UNKNOWN

    def _file_text(self, importer: Path, specifier: str, written: str) -> Any:
        path = self._resources.resolve_import(importer, specifier)
        try:
            if path is None:
                raise FileUnreadable("it is not in the site")
            return FileText(self._resources.read_raw(path), path.suffix.lstrip("."))
        except FileUnreadable as error:
            message = f"The file {shown(written)} was not included: {error}."
            self._resources.problems[Problem(Severity.WARNING, "include-missing", message, self._source_path)] = None
            return ""

    def _data(self, path: Path) -> Any:
        try:
            text = self._resources.read_raw(path)
            return json.loads(text) if path.suffix == ".json" else load_yaml(text)
        except (FileUnreadable, YamlInvalid, ValueError, RecursionError):
            return UNKNOWN

    def _exported(self, script: Path, name: str) -> Any:
        """What a program of the site exports under a name."""
        if script not in self._scripts:
            if len(self._scripts) >= MAX_SCRIPTS:
                return UNKNOWN
            try:
                source = self._resources.read_raw(script)
            except FileUnreadable:
                return UNKNOWN
            imports = read_imports(source)
            self._scripts[script] = self.names(_Program(script, source, imports | read_reexports(source)))
        try:
            return self._scripts[script].value(name)
        except (TooMuchToEvaluate, RecursionError):
            return UNKNOWN


def _member(value: Any, imported: str) -> Any:
    """What an import of data binds: the whole of it, or a part by its name."""
    if imported in {"default", "*"} or not isinstance(value, dict):
        return value
    return value.get(imported, UNKNOWN)
