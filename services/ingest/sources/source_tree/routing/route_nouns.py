"""What the scan of a site finds: locales, content folders, and a route for each page."""

from dataclasses import dataclass, field
from pathlib import Path

from services.ingest.document import LocaleRoot, Page, Problem, Version
from services.ingest.sources.source_tree.routing.addresses import encode_path
from services.ingest.sources.source_tree.settings.site_settings import ContentSettings
from services.runtime.document_kind import DocumentKind

PLUGIN_NAMES = {DocumentKind.DOC: "docs", DocumentKind.BLOG: "blog", DocumentKind.PAGE: "pages"}
"""What each kind's plugin is called in configs and in names of folders."""


@dataclass(frozen=True, slots=True)
class Locale:
    """One language of the site."""

    name: str
    url: str
    base_url: str
    folder: Path | None
    """Folder of its translations; None when it has none or does not translate."""

    @property
    def root(self) -> LocaleRoot:
        """Where it is served."""
        return LocaleRoot(self.name, self.url + encode_path(self.base_url))


@dataclass(frozen=True, slots=True)
class Content:
    """A content folder as one locale and version serve it."""

    kind: DocumentKind
    settings: ContentSettings
    locale: Locale
    folder: Path
    localized_folder: Path | None
    path: str
    """URL path its slugs are joined to."""
    version: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells it from the site's other content folders: kind, plugin instance, version and locale."""
        return self.kind.value, self.settings.id, self.version, self.locale.name


@dataclass(frozen=True, slots=True)
class Route:
    """A page with everything that is known before it is parsed."""

    page: Page
    path: str
    """Served path, raw, trailing slash applied."""
    file: Path
    content: Content
    fallback_title: str
    skip_reason: str = ""
    """Why it is not to be indexed; empty when it is."""

    @property
    def source_key(self) -> tuple[str, str, str, str]:
        """Equal for the routes at which a site serves one file in several locales."""
        kind, plugin_id, version, _ = self.content.key
        return kind, plugin_id, version, str(self.file)


@dataclass(slots=True)
class DocIds:
    """Ids and folders of the docs of one version, drafts too: what sidebars may name."""

    ids: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)

    def has_folder(self, folder: str) -> bool:
        """Whether there is a doc below a folder; `.` stands for all."""
        return bool(self.ids) if folder in {".", ""} else folder.strip("/").removeprefix("./") in self.folders


@dataclass(frozen=True, slots=True)
class Scanned:
    """A content folder that was looked through, with what was found."""

    content: Content
    files: int
    """Markdown files that are pages."""
    programs: int
    """Pages that are JavaScript."""


@dataclass(slots=True)
class SiteRoutes:
    """What the scan found."""

    routes: list[Route] = field(default_factory=list)
    scanned: list[Scanned] = field(default_factory=list)
    outside: dict[Path, str] = field(default_factory=dict)
    """Content folders that may not be read, with what helps."""
    doc_ids: dict[tuple[str, str], DocIds] = field(default_factory=dict)
    """By instance and version, from the default language."""
    versions: list[Version] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
