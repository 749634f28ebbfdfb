"""Where the walk is: the module, the values passed to it, the tabs around it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from services.ingest.document import Block, Problem, Severity
from services.ingest.sources.source_tree.evaluating.names import Budget, Names
from services.ingest.sources.source_tree.parsing.imports import Partial
from services.ingest.sources.source_tree.parsing.mdx.nodes import Node
from services.ingest.sources.source_tree.parsing.modules import Import, Module
from services.ingest.sources.source_tree.routing.links import LinkResolver
from services.ingest.sources.source_tree.settings.site_settings import Npm2YarnSettings


@dataclass(frozen=True, slots=True)
class HeadingShown:
    """A heading of the rendered page."""

    level: int
    id: str
    text: str
    is_hidden: bool = False
    """It stands in a tab that is not open at first, so the browser cannot scroll to it."""


@dataclass(frozen=True, slots=True)
class IdShown:
    """An id of something that is not a heading; it may take a heading's place as the target of a fragment."""

    id: str


Shown = HeadingShown | IdShown | Block


@dataclass(frozen=True, slots=True)
class Resources:
    """What all modules of one page share."""

    links: LinkResolver
    read_module: Callable[[Path], Module]
    read_raw: Callable[[Path], str]
    resolve_import: Callable[[Path, str], Path | None]
    resolve_script: Callable[[Path, str], Path | None]
    find_partial: Callable[[Path, Import], Partial | None]
    magic_comments: tuple[str, ...]
    admonition_keywords: tuple[str, ...]
    admonition_titles: Mapping[str, str]
    """Default titles by kind, in the page's language."""
    npm2yarn: Npm2YarnSettings | None
    site_folder: Path
    code_folder: Path | None = None
    """What `<rootDir>` stands for in code blocks that name a file; None when no plugin of the site reads it."""
    github_alerts: str = ""
    """The remark plugin that makes admonitions of GitHub's alerts; empty when there is none."""
    problems: dict[Problem, None] = field(default_factory=dict)
    source_paths: dict[str, None] = field(default_factory=dict)
    renders: list[int] = field(default_factory=lambda: [0])
    """Number of partials rendered so far."""
    budget: Budget = field(default_factory=Budget)
    """Steps that the page's expressions may take."""


@dataclass(frozen=True, slots=True)
class Context:
    """Where the walk is."""

    module: Module
    resources: Resources
    source_path: str
    names: Names
    children: tuple[tuple[Node, ...], "Context"] | None = None
    """What stands between the tags of the partial that is being rendered, and where it was written."""
    tabs: tuple[str, ...] = ()
    is_hidden: bool = False
    is_lazy: bool = False
    """In a tab that is not rendered before it is opened: its headings are not in the page."""
    above: tuple[Path, ...] = ()
    """Modules that are being rendered, this one included; a cycle ends here."""
    removed: Node | None = None
    """The heading that Docusaurus takes out of the text."""
    footnotes: list[str] = field(default_factory=list)
    """Names of the footnotes referred to so far, in order."""

    def imported(self, name: str) -> Import | None:
        """Import behind a tag's name; `All.default` is the default of a namespace."""
        found = self.module.imports.get(name)
        if found is None and "." in name:
            namespace, member = name.split(".", 1)
            found = self.module.imports.get(namespace)
            if found is not None:
                return Import(found.specifier, member) if found.imported == "*" else None
        return found

    def within_tab(self, tab: str, *, is_hidden: bool, is_lazy: bool) -> "Context":
        """The same place inside a tab."""
        return replace(
            self,
            tabs=(*self.tabs, tab),
            is_hidden=self.is_hidden or is_hidden,
            is_lazy=self.is_lazy or (is_lazy and is_hidden),
        )

    def report(self, code: str, message: str, line: int = 0, severity: Severity = Severity.WARNING) -> None:
        """Note a problem once."""
        self.resources.problems[Problem(severity, code, message, self.source_path, line)] = None


Flow = Callable[[Iterable[Node], Context], Iterator[Shown]]
"""The walk itself, given to those who write a node with blocks inside."""
