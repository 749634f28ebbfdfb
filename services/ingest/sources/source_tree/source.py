"""A Docusaurus site read from its sources: Markdown, MDX and settings, without Node."""

import hashlib
import itertools
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from services.ingest.document import Document, Page, PageUnreadable, Problem, Severity, SitePages
from services.ingest.sources.source_tree.files import MAX_PAGE_BYTES, FileUnreadable, SiteFiles
from services.ingest.sources.source_tree.parsing.content_title import content_title
from services.ingest.sources.source_tree.parsing.dates import moment_of
from services.ingest.sources.source_tree.parsing.front_matter import FrontMatterError
from services.ingest.sources.source_tree.parsing.imports import ImportResolver
from services.ingest.sources.source_tree.parsing.mdx.budget import ParserOverwhelmed
from services.ingest.sources.source_tree.parsing.modules import Module, ModuleReader
from services.ingest.sources.source_tree.routing.account import site_account
from services.ingest.sources.source_tree.routing.addresses import encode_path
from services.ingest.sources.source_tree.routing.links import LinkResolver
from services.ingest.sources.source_tree.routing.page_slugs import post_date
from services.ingest.sources.source_tree.routing.route_nouns import Locale, Route, SiteRoutes
from services.ingest.sources.source_tree.routing.routes import find_routes, site_locales
from services.ingest.sources.source_tree.settings.site_config import SiteConfig
from services.ingest.sources.source_tree.settings.site_settings import ContentSettings, SiteSettings
from services.ingest.sources.source_tree.showing.admonition_titles import admonition_titles
from services.ingest.sources.source_tree.showing.blocks import write_flow
from services.ingest.sources.source_tree.showing.components import write_module
from services.ingest.sources.source_tree.showing.context import Context, HeadingShown, Resources, Shown
from services.ingest.sources.source_tree.showing.page_names import page_names
from services.ingest.sources.source_tree.showing.sections import cut_into_sections
from services.runtime.document_kind import DocumentKind
from services.runtime.errors import InvalidSource
from services.runtime.page_addresses import origin_of

PARSER_VERSION = 5
"""Raise it whenever the same file would be read differently: the next run then parses every page again."""

_HEADING_LINE = re.compile(rb"^(?=#{1,6} )", re.M)


class SourceTree:
    """The source tree of a site.

    Args:
        folder: Site folder, the one with `docusaurus.config.*`.
        config: Settings of the site, folders beside it that may be read, and problems, which `scan` passes on.
        include_unlisted: Index pages that are built but hidden from listings.
    """

    def __init__(self, folder: Path, config: SiteConfig, *, include_unlisted: bool = False) -> None:
        self._settings = config.settings
        self._files = SiteFiles(folder, config.roots)
        self._config = config
        self._include_unlisted = include_unlisted
        self._modules = ModuleReader(config.settings, self._files)
        self._imports = ImportResolver(self._files)
        self._routes: dict[str, Route] = {}
        self._by_content: dict[tuple[str, str, str, str], dict[str, Route]] = {}
        self._titles: dict[str, dict[str, str]] = {}
        self._fingerprint = ""

    @property
    def folders(self) -> tuple[Path, ...]:
        """The site folder, then the content folders outside of it that are there and may be read."""
        settings, files = self._settings, self._files
        contents = [content.path for content in (*settings.docs, *settings.blog, *settings.pages)]
        named = dict.fromkeys(files.absolute(path) for path in (*contents, settings.i18n.path))
        outside = [path for path in named if not path.is_relative_to(files.folder) and files.is_folder(path)]
        return (files.folder, *outside)

    def scan(self) -> SitePages:
        """Find the pages.

        Raises:
            InvalidSource: If the folder is not there or holds no page.
        """
        if not self._files.folder.is_dir():
            raise InvalidSource("the site folder is not there; give the folder that holds docusaurus.config.*")
        found = find_routes(
            self._settings,
            self._files,
            include_unlisted=self._include_unlisted,
            outside_advice=self._config.outside_advice,
        )
        account, missing = site_account(self._settings, self._files, found, self._config.undetermined)
        self._titles = {}
        self._remember(found)
        self._imports = ImportResolver(self._files)
        routes = sorted(self._routes.values(), key=lambda route: route.page.uri)
        settings = self._settings
        return SitePages(
            title=settings.title,
            base_url=settings.url + encode_path(settings.base_url),
            locales=settings.i18n.all_locales,
            versions=tuple(found.versions),
            pages=tuple(route.page for route in routes),
            skipped=tuple((route.page, route.skip_reason) for route in found.routes if route.skip_reason),
            problems=(*self._config.problems, *found.problems, *missing),
            origins=_other_origins(settings),
            locale_roots=tuple(locale.root for locale in site_locales(settings, self._files)),
            account=tuple(account),
        )

    def _remember(self, found: SiteRoutes) -> None:
        self._routes = {route.page.uri: route for route in found.routes if not route.skip_reason}
        self._by_content = {}
        digest = hashlib.sha256(f"{PARSER_VERSION}\n{self._settings.model_dump_json()}\n".encode())
        for locale in {route.content.locale.name: route.content.locale for route in found.routes}.values():
            digest.update(f"{locale.name}\t{self._admonition_titles(locale)}\n".encode(errors="replace"))
        for route in found.routes:
            key = route.content.key
            if route.skip_reason != "draft":
                self._by_content.setdefault(key, {})[str(route.file)] = route
            digest.update(f"{route.page.uri}\t{route.page.source_path}\t{route.skip_reason}\n".encode(errors="replace"))
        self._fingerprint = digest.hexdigest()

    def read(self, page: Page) -> Document:
        """Parse one page of the scan.

        Raises:
            PageUnreadable: If it cannot be parsed.
        """
        route = self._routes.get(page.uri)
        if route is None:
            message = "The page is not in the latest scan of the site."
            raise PageUnreadable(Problem(Severity.ERROR, "page-unknown", message, page.source_path))
        try:
            return self._read(route)
        except (FileUnreadable, FrontMatterError) as error:
            message = f"The page cannot be read: {error}."
        except ParserOverwhelmed:
            message = "The page cannot be parsed: it has too many tags or braces that are never closed."
        except RecursionError:
            message = "The page cannot be parsed: it is too deeply nested."
        raise PageUnreadable(Problem(Severity.ERROR, "page-unreadable", message, page.source_path))

    def _read(self, route: Route) -> Document:
        is_post = route.page.kind is DocumentKind.BLOG
        resources = self._resources(route)
        parts = self._modules.read_page(route.file, route.content.settings, removes_title=is_post)
        module = next(parts)
        title, values = self._title(route, module), module.front_matter
        shown: list[Shown] = _title_shown(route, module, title)
        for part in itertools.chain((module,), parts):
            context = Context(
                module=part,
                resources=resources,
                source_path=route.page.source_path,
                names=page_names(part, resources, route.page.source_path),
                above=(route.file,),
                removed=part.content_title if is_post else None,
            )
            shown += write_module(context, write_flow)
        headings, sections = cut_into_sections(shown)
        return Document(
            page=route.page,
            title=title,
            headings=headings,
            sections=sections,
            source_paths=tuple(resources.source_paths),
            description=values.text("description") or "",
            tags=_tags(values.values.get("tags")),
            last_updated_at=_last_update(values.values.get("last_update")),
            published_at=post_date(route.page.source_path, values) if is_post else None,
            problems=tuple(resources.problems),
        )

    def raw_parts(self, page: Page) -> Sequence[bytes]:
        """The page's own file, cut before each line that looks like a heading."""
        route = self._routes.get(page.uri)
        try:
            return _HEADING_LINE.split(self._files.read_bytes(route.file, MAX_PAGE_BYTES)) if route is not None else ()
        except FileUnreadable:
            return ()

    def source_hash(self, page: Page, source_paths: Sequence[str]) -> str:
        """Hash of the files a page was made from, the settings, the routes and the version of the parser."""
        digest = hashlib.sha256(f"{self._fingerprint}\n{page.uri}\n".encode(errors="replace"))
        for source_path in source_paths or (page.source_path,):
            try:
                content = self._files.read_bytes(self._files.absolute(source_path), MAX_PAGE_BYTES)
                digest.update(f"{source_path}\t{len(content)}\n".encode(errors="replace"))
                digest.update(content)
            except FileUnreadable:
                digest.update(f"{source_path}\tgone\n".encode(errors="replace"))
        return digest.hexdigest()

    def _resources(self, route: Route) -> Resources:
        source_paths = {route.page.source_path: None}

        def read_module(path: Path) -> Module:
            source_paths[self._files.relative(path)] = None
            removes_title = route.page.kind is DocumentKind.BLOG and route.content.folder in path.parents
            return self._modules.read(path, route.content.settings, removes_title=removes_title)

        def read_raw(path: Path) -> str:
            source_paths[self._files.relative(path)] = None
            return self._files.read_text(path)

        by_file = self._by_content.get(route.content.key, {})
        return Resources(
            links=LinkResolver(route, by_file, self._files.folder),
            read_module=read_module,
            read_raw=read_raw,
            resolve_import=self._imports.resolve,
            resolve_script=self._imports.resolve_script,
            find_partial=self._imports.find_partial,
            magic_comments=self._settings.magic_comments,
            admonition_keywords=route.content.settings.admonition_keywords or (),
            admonition_titles=self._admonition_titles(route.content.locale),
            npm2yarn=route.content.settings.npm2yarn,
            site_folder=self._files.folder,
            code_folder=self._code_folder(route.content.settings),
            github_alerts=route.content.settings.github_alerts,
            source_paths=source_paths,
        )

    def _code_folder(self, settings: ContentSettings) -> Path | None:
        return self._files.absolute(settings.code_root or ".") if settings.reads_code else None

    def _admonition_titles(self, locale: Locale) -> dict[str, str]:
        if locale.name not in self._titles:
            self._titles[locale.name] = admonition_titles(locale.name, locale.folder, self._files)
        return self._titles[locale.name]

    def _title(self, route: Route, module: Module) -> str:
        title = module.front_matter.text("title")
        if title is None:
            title = content_title(module.front_matter.body)
        return route.fallback_title if title is None else title


def _other_origins(settings: SiteSettings) -> tuple[str, ...]:
    """Domains that locales have for themselves."""
    origins = {origin_of(locale.url) for locale in settings.i18n.locale_configs.values() if locale.url}
    return tuple(sorted(origins - {"", origin_of(settings.url)}))


def _title_shown(route: Route, module: Module, title: str) -> list[Shown]:
    """The title a page shows above its text, when that is not in the text itself."""
    match route.page.kind:
        case DocumentKind.DOC if module.content_title is None and not module.front_matter.flag("hide_title"):
            return [HeadingShown(1, "", title)] if title else []
        case DocumentKind.BLOG:
            return [HeadingShown(1, "", title)]
        case _:
            return []


def _tags(tags: Any) -> tuple[str, ...]:
    found = []
    for tag in tags if isinstance(tags, list) else []:
        label = tag.get("label") if isinstance(tag, Mapping) else tag
        if isinstance(label, str | int | float):
            found.append(str(label))
    return tuple(found)


def _last_update(value: Any) -> datetime | None:
    text = value.get("date") if isinstance(value, Mapping) else None
    return moment_of(text) if isinstance(text, str) else None
