"""An MDX module: a parsed file with its heading ids, its imports and its constants."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cachetools import LRUCache

from services.ingest.sources.source_tree.files import MAX_FILE_BYTES, MAX_PAGE_BYTES, FileUnreadable, SiteFiles
from services.ingest.sources.source_tree.parsing.emoji import replace_shortcodes
from services.ingest.sources.source_tree.parsing.front_matter import FrontMatter, normalised, read_front_matter
from services.ingest.sources.source_tree.parsing.heading_ids import assign_heading_ids, find_content_title
from services.ingest.sources.source_tree.parsing.heading_slugs import Slugger
from services.ingest.sources.source_tree.parsing.large_pages import Uncuttable
from services.ingest.sources.source_tree.parsing.mdx.nodes import Kind, Node
from services.ingest.sources.source_tree.parsing.mdx.parse import Dialect, parse_parts, parse_tree
from services.ingest.sources.source_tree.settings.site_settings import ContentSettings, SiteSettings

_IMPORT = re.compile(
    r"(?:^|;)[ \t]*import\s+(?P<clause>[^'\";]{1,1000}?)\s+from\s*(?P<quote>['\"])(?P<specifier>[^'\"\n]+)(?P=quote)",
    re.M,
)
_REEXPORT = re.compile(
    r"(?:^|;)[ \t]*export\s*\{(?P<names>[^{}]*)\}(?:\s*from\s*(?P<quote>['\"])(?P<specifier>[^'\"\n]+)(?P=quote))?",
    re.M,
)
_ESCAPED = re.compile(r"\\(.)")
_NAMED = re.compile(r"([\w$]+)(?:\s+as\s+([\w$]+))?")
CACHED_MODULES = 256


@dataclass(frozen=True, slots=True)
class Import:
    """Where a name comes from."""

    specifier: str
    imported: str
    """`default`, `*`, or the name of an export."""


@dataclass(frozen=True, slots=True)
class Module:
    """One parsed file. Trees are shared between the pages that import it: do not change them."""

    path: Path
    front_matter: FrontMatter
    tree: Node
    content_title: Node | None
    """The H1 that Docusaurus takes for the page's title, if there is one."""
    imports: dict[str, Import]
    program: str
    """The JavaScript that stands between the text: imports and exports."""


class ModuleReader:
    """Parses each file once and keeps the latest few hundred, until they change on disk."""

    def __init__(self, site: SiteSettings, files: SiteFiles) -> None:
        self._site = site
        self._files = files
        self._modules: LRUCache[tuple[object, ...], Module] = LRUCache(CACHED_MODULES)

    def read(self, path: Path, content: ContentSettings, *, removes_title: bool) -> Module:
        """Parse a file as the given plugin instance does.

        Raises:
            FileUnreadable: If it cannot be read.
            FrontMatterError: If its front matter cannot be read.
            ParserOverwhelmed: If it has too many tags or braces that are never closed.
        """
        status = path.stat() if self._files.is_file(path) else None
        key = (path, status and (status.st_mtime_ns, status.st_size), type(content), content.id, removes_title)
        module = self._modules.get(key)
        if module is None:
            module = self._modules[key] = self._parse(path, content, removes_title=removes_title)
        return module

    def read_page(self, path: Path, content: ContentSettings, *, removes_title: bool) -> Iterator[Module]:
        """Parse the file of a page; a long one comes in parts, so that only one of them has to be held at a time.

        Raises:
            FileUnreadable: Also if it is too long, or cannot be cut.
            FrontMatterError: If its front matter cannot be read.
            ParserOverwhelmed: If it has too many tags or braces that are never closed.
        """
        if not self._files.is_file(path) or path.stat().st_size <= MAX_FILE_BYTES:
            yield self.read(path, content, removes_title=removes_title)
            return
        text = normalised(self._files.read_text(path, MAX_PAGE_BYTES))
        front_matter = read_front_matter(text)
        slugger = Slugger(maintain_case=self._site.markdown.maintain_case)
        program = ""
        title, is_first = None, True
        try:
            for tree in parse_parts(text, self._dialect(path, content, front_matter)):
                title = find_content_title(tree) if is_first else title
                self._number(tree, slugger, title if removes_title else None)
                program = "\n".join(filter(None, (program, _program(tree))))
                yield Module(path, front_matter, tree, title, read_imports(program), program)
                is_first = False
        except Uncuttable as error:
            raise FileUnreadable(str(error)) from error

    def _parse(self, path: Path, content: ContentSettings, *, removes_title: bool) -> Module:
        text = normalised(self._files.read_text(path))
        front_matter = read_front_matter(text)
        tree = parse_tree(text, self._dialect(path, content, front_matter))
        title = find_content_title(tree)
        slugger = Slugger(maintain_case=self._site.markdown.maintain_case)
        self._number(tree, slugger, title if removes_title else None)
        program = _program(tree)
        return Module(path, front_matter, tree, title, read_imports(program), program)

    def _number(self, tree: Node, slugger: Slugger, removed: Node | None) -> None:
        assign_heading_ids(tree, slugger, without=removed)
        if self._site.markdown.emoji:
            replace_shortcodes(tree)

    def _dialect(self, path: Path, content: ContentSettings, front_matter: FrontMatter) -> Dialect:
        chosen = front_matter.values.get("mdx")
        name = chosen.get("format") if isinstance(chosen, dict) else None
        name = name if name in {"md", "mdx", "detect"} else self._site.markdown.format
        if name == "detect":
            name = "mdx" if path.suffix == ".mdx" else "md"
        return Dialect(
            format="md" if name == "md" else "mdx",
            compat=self._site.markdown.mdx1_compat,
            admonition_keywords=content.admonition_keywords,
            has_math=content.has_math,
        )


def _program(tree: Node) -> str:
    return "\n".join(node.text for node in tree.walk() if node.kind is Kind.ESM)


def read_imports(source: str) -> dict[str, Import]:
    """Names that the import statements of a piece of JavaScript bind."""
    imports: dict[str, Import] = {}
    for match in _IMPORT.finditer(source):
        imports |= _bindings(match["clause"], _ESCAPED.sub(r"\1", match["specifier"]))
    return imports


def read_reexports(source: str) -> dict[str, Import]:
    """Imports that a JavaScript file re-exports; components it defines itself are not read."""
    imports = read_imports(source)
    exports: dict[str, Import] = {}
    for match in _REEXPORT.finditer(source):
        for local, exported in _NAMED.findall(match["names"]):
            if match["specifier"]:
                exports[exported or local] = Import(_ESCAPED.sub(r"\1", match["specifier"]), local)
            elif local in imports:
                exports[exported or local] = imports[local]
    return exports


def _bindings(clause: str, specifier: str) -> dict[str, Import]:
    """Names that one import statement binds: `A`, `* as A`, `{a, b as c}`, or a default and one of the others."""
    names: dict[str, Import] = {}
    before, _, braces = clause.partition("{")
    for part in before.split(","):
        words = part.split()
        if len(words) == 1:
            names[words[0]] = Import(specifier, "default")
        elif len(words) == 3 and words[:2] == ["*", "as"]:
            names[words[2]] = Import(specifier, "*")
    for match in _NAMED.finditer(braces):
        names[match[2] or match[1]] = Import(specifier, match[1])
    return names
