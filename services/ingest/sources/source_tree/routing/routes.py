"""All routes of a site that come from Markdown: every locale, instance, version and file."""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from services.ingest.document import Page, Problem, Severity, Version
from services.ingest.sources.source_tree.files import MAX_PAGE_BYTES, FileUnreadable, SiteFiles
from services.ingest.sources.source_tree.parsing.front_matter import (
    FrontMatter,
    FrontMatterError,
    normalised,
    read_front_matter,
)
from services.ingest.sources.source_tree.routing.addresses import apply_trailing_slash, encode_path, join_path
from services.ingest.sources.source_tree.routing.globs import matcher
from services.ingest.sources.source_tree.routing.page_slugs import doc_ids, doc_slug, page_slug, post_slug
from services.ingest.sources.source_tree.routing.route_nouns import (
    PLUGIN_NAMES,
    Content,
    DocIds,
    Locale,
    Route,
    Scanned,
    SiteRoutes,
)
from services.ingest.sources.source_tree.routing.versions import DocsVersion, read_versions, version_path
from services.ingest.sources.source_tree.settings.permission import is_near
from services.ingest.sources.source_tree.settings.site_settings import (
    BlogSettings,
    ContentSettings,
    DocsSettings,
    PagesSettings,
    SiteSettings,
)
from services.ingest.sources.source_tree.settings.undetermined import SETTINGS_FILE
from services.runtime.document_kind import DocumentKind
from services.runtime.errors import shown

_NOT_TRANSLATED = "fallback copy: not translated"


def find_routes(
    site: SiteSettings, files: SiteFiles, *, include_unlisted: bool = False, outside_advice: str = ""
) -> SiteRoutes:
    """Find all pages; reads front matter, not texts.

    Args:
        site: Its settings.
        files: Its files.
        include_unlisted: Index pages that are built but hidden from listings.
        outside_advice: What helps when content lies outside the files; empty where the caller may name another folder.
    """
    return _Finder(site, files, include_unlisted=include_unlisted, outside_advice=outside_advice).find()


def site_locales(site: SiteSettings, files: SiteFiles) -> list[Locale]:
    """The site's locales, the default one first."""
    i18n = site.i18n
    locales = []
    for name in i18n.all_locales:
        config = i18n.locale_configs.get(name)
        own_part = "" if name == i18n.default_locale else name
        base_url = join_path(site.base_url, own_part, "/")
        if config is not None and config.base_url is not None:
            base_url = join_path(config.base_url, "/")
        folder = Path(posixpath.normpath(files.folder / i18n.path / ((config and config.path) or name)))
        translates = (
            config.translate if config is not None and config.translate is not None else files.is_folder(folder)
        )
        url = ((config and config.url) or site.url).rstrip("/")
        locales.append(Locale(name, url, base_url, folder if translates else None))
    return locales


class _Finder:
    def __init__(self, site: SiteSettings, files: SiteFiles, *, include_unlisted: bool, outside_advice: str) -> None:
        self._site = site
        self._files = files
        self._include_unlisted = include_unlisted
        self._outside_advice = outside_advice
        self._front_matters: dict[Path, FrontMatter | None] = {}
        self._listings: dict[tuple[Path, str, str], tuple[list[str], int]] = {}
        self._found = SiteRoutes()

    def find(self) -> SiteRoutes:
        for content in self._contents():
            relative_paths, programs = self._listing(content)
            self._found.scanned.append(Scanned(content, len(relative_paths), programs))
            for relative_path in relative_paths:
                route = self._route(content, relative_path)
                if route is not None:
                    self._found.routes.append(route)
        self._drop_duplicates()
        self._note_untranslated()
        self._found.problems = list(dict.fromkeys(self._found.problems))
        return self._found

    def _contents(self) -> Iterator[Content]:
        locales = site_locales(self._site, self._files)
        for docs in self._site.docs:
            versions, problems = read_versions(docs, self._files)
            self._found.problems += problems
            self._found.versions += self._versions(docs, versions, locales[0])
            for locale in locales:
                for version in versions:
                    yield self._docs_content(docs, version, locale)
        others: Sequence[tuple[DocumentKind, ContentSettings]] = [
            *((DocumentKind.BLOG, blog) for blog in self._site.blog),
            *((DocumentKind.PAGE, pages) for pages in self._site.pages),
        ]
        for kind, settings in others:
            for locale in locales:
                path = join_path(locale.base_url, settings.route_base_path)
                folder, localized = self._folders(kind, settings, settings.path, locale, "")
                yield Content(kind, settings, locale, folder, localized, path)

    def _versions(self, docs: DocsSettings, versions: list[DocsVersion], locale: Locale) -> list[Version]:
        return [
            Version(version.name, version.label, version.is_last, docs.id, version_path(locale.base_url, docs, version))
            for version in versions
        ]

    def _docs_content(self, docs: DocsSettings, version: DocsVersion, locale: Locale) -> Content:
        folder, localized = self._folders(DocumentKind.DOC, docs, version.folder, locale, version.localized_folder)
        path = version_path(locale.base_url, docs, version)
        return Content(DocumentKind.DOC, docs, locale, folder, localized, path, version.name)

    def _folders(
        self, kind: DocumentKind, settings: ContentSettings, path: str, locale: Locale, below: str
    ) -> tuple[Path, Path | None]:
        folder = self._files.absolute(path)
        if not self._files.contains(folder):
            own_id = "" if settings.id == "default" else f"id: {settings.id}, "
            yaml = f"{PLUGIN_NAMES[kind]}: [{{{own_id}path: {settings.path}}}]"
            advice = self._outside_advice or _outside_advice(self._files.folder, folder, yaml)
            self._found.outside[folder] = advice
            message = f"The content folder {shown(path)} lies outside the site folder and was not read. {advice}"
            self._found.problems.append(Problem(Severity.ERROR, "content-outside-site", message))
        if locale.folder is None:
            return folder, None
        suffix = "" if settings.id == "default" else f"-{settings.id}"
        return folder, locale.folder / f"docusaurus-plugin-content-{PLUGIN_NAMES[kind]}{suffix}" / below

    def _listing(self, content: Content) -> tuple[list[str], int]:
        """Markdown files of the default-language folder that are pages, and how many others are programs."""
        key = (content.folder, content.kind, content.settings.id)
        if key not in self._listings:
            included, excluded = matcher(content.settings.include), matcher(content.settings.exclude)
            pages = [path for path in self._files.walk(content.folder) if included(path) and not excluded(path)]
            markdown = [path for path in pages if path.endswith((".md", ".mdx"))]
            is_pages = content.kind is DocumentKind.PAGE
            programs = [path for path in pages if is_pages and path.endswith((".js", ".jsx", ".ts", ".tsx"))]
            self._listings[key] = markdown, len(programs)
        return self._listings[key]

    def _route(self, content: Content, relative_path: str) -> Route | None:
        translated = content.localized_folder / relative_path if content.localized_folder else None
        is_translated = translated is not None and self._files.is_file(translated)
        file = translated if translated is not None and is_translated else content.folder / relative_path
        front_matter = self._front_matter(file)
        if front_matter is None:
            return None
        if content.kind is DocumentKind.DOC and content.locale.name == self._site.i18n.default_locale:
            self._note_doc(content, relative_path, front_matter)
        slug, fallback_title = _slug(content, relative_path, front_matter)
        permalink = join_path(content.path, slug)
        path = apply_trailing_slash(permalink, self._site.trailing_slash, content.locale.base_url)
        is_page = isinstance(content.settings, PagesSettings)
        uri = content.locale.url + (path if is_page and "%" in path else encode_path(path))
        page = Page(
            uri=uri,
            source_path=self._files.relative(file),
            kind=content.kind,
            locale=content.locale.name,
            version=content.version,
            plugin_id=content.settings.id,
        )
        reason = self._skip_reason(content, page, front_matter, is_translated=is_translated)
        return Route(page, path, file, content, fallback_title, reason)

    def _note_doc(self, content: Content, relative_path: str, front_matter: FrontMatter) -> None:
        known = self._found.doc_ids.setdefault((content.settings.id, content.version), DocIds())
        known.ids |= doc_ids(relative_path, front_matter)
        folder = posixpath.dirname(relative_path)
        while folder and folder not in known.folders:
            known.folders.add(folder)
            folder = posixpath.dirname(folder)

    def _skip_reason(self, content: Content, page: Page, front_matter: FrontMatter, *, is_translated: bool) -> str:
        if front_matter.flag("draft"):
            return "draft"
        if front_matter.flag("unlisted") and not self._include_unlisted:
            return "unlisted"
        if content.locale.name != self._site.i18n.default_locale and not is_translated:
            return _NOT_TRANSLATED
        if content.kind is DocumentKind.PAGE and "%" in page.uri and not front_matter.values.get("slug"):
            return "broken in Docusaurus: pages whose file name needs percent-encoding are not found"
        return ""

    def _front_matter(self, file: Path) -> FrontMatter | None:
        if file not in self._front_matters:
            self._front_matters[file] = self._read_front_matter(file)
        return self._front_matters[file]

    def _read_front_matter(self, file: Path) -> FrontMatter | None:
        try:
            front_matter = read_front_matter(normalised(self._files.read_text(file, MAX_PAGE_BYTES)))
            return FrontMatter(front_matter.values, "")
        except FileUnreadable as error:
            code, reason = "page-unreadable", str(error)
        except FrontMatterError as error:
            code, reason = "front-matter-invalid", str(error)
        source_path = self._files.relative(file)
        message = f"The page was left out: {reason}."
        self._found.problems.append(Problem(Severity.ERROR, code, message, source_path))
        return None

    def _drop_duplicates(self) -> None:
        """Of two files that claim one address, Docusaurus shows either; the first is kept, the other reported."""
        by_uri: dict[str, Route] = {}
        kept = []
        for route in self._found.routes:
            first = by_uri.get(route.page.uri) if not route.skip_reason else None
            if first is None:
                kept.append(route)
                if not route.skip_reason:
                    by_uri[route.page.uri] = route
                continue
            message = f"{route.page.source_path} and {first.page.source_path} have the same address {route.page.uri}."
            problem = Problem(Severity.WARNING, "duplicate-route", message, route.page.source_path)
            self._found.problems.append(problem)
        self._found.routes = kept

    def _note_untranslated(self) -> None:
        """Tell each page of the default locale which locales serve its own text, below their own roots."""
        copies: dict[tuple[str, str, str, str], list[Route]] = {}
        for route in self._found.routes:
            if route.skip_reason == _NOT_TRANSLATED:
                copies.setdefault(route.source_key, []).append(route)
        self._found.routes = [
            route if route.skip_reason else _with_copies(route, copies.get(route.source_key, ()))
            for route in self._found.routes
        ]


def _with_copies(route: Route, copies: Sequence[Route]) -> Route:
    below = _below_root(route)
    locales = tuple(copy.page.locale for copy in copies if _below_root(copy) == below)
    return replace(route, page=replace(route.page, untranslated_in=locales)) if locales else route


def _below_root(route: Route) -> str:
    return route.page.uri.removeprefix(route.content.locale.root.base_url)


def _outside_advice(site: Path, folder: Path, yaml: str) -> str:
    both = Path(posixpath.commonpath([site, folder]))
    if not is_near(site, folder):
        return f"Write into a file and give it with --settings: `{yaml}`"
    return (
        f"Name the folder that holds both ({both}), or write into {SETTINGS_FILE} or a file that you give with "
        f"--settings: `{yaml}`"
    )


def _slug(content: Content, relative_path: str, front_matter: FrontMatter) -> tuple[str, str]:
    """Slug of a page below its content's path, and the title it has when it names none."""
    match content.settings:
        case DocsSettings() as docs:
            return doc_slug(relative_path, front_matter, strips_prefixes=docs.number_prefix_parser)
        case BlogSettings():
            return post_slug(relative_path, front_matter)
        case _:
            return page_slug(relative_path, front_matter), ""
