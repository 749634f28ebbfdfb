"""The folder that `docusaurus build` made, as a source: HTML, with whatever plugins added."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.ingest.document import Document, Page, PageUnreadable, Problem, Severity, SitePages
from services.ingest.sources.built_site.article import headings_of, read_article
from services.ingest.sources.built_site.dom import attribute, clear_furniture, plain_text
from services.ingest.sources.built_site.head import PageHead, encode_uri, read_head
from services.ingest.sources.built_site.survey import (
    locale_roots,
    page_title,
    site_locales,
    site_root,
    site_title,
    site_versions,
)
from services.runtime.document_kind import DocumentKind
from services.runtime.errors import InvalidSource
from services.runtime.page_addresses import origin_of

READER_VERSION = "built-3"
"""Raise it whenever the same HTML would give another document."""
MAX_PAGE_BYTES = 20 * 1024 * 1024
_SCOPES = {
    DocumentKind.DOC: (".theme-doc-markdown", "article", "main"),
    DocumentKind.BLOG: ("#__blog-post-container", "article", "main"),
    DocumentKind.PAGE: ("article", "main"),
}
_NOT_PAGES = frozenset(("404.html",))


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    head: PageHead
    digest: str


_HEADING_TAG = re.compile(rb"(?=<h[1-6])", re.I)


class BuiltSite:
    """A `Source` over a build folder.

    Args:
        folder: The build folder.
        base_url: Address of the site's root when it is served elsewhere than it was built for; empty: as built.
        include_unlisted: Index pages with `noindex` too.
    """

    def __init__(self, folder: Path, *, base_url: str = "", include_unlisted: bool = False) -> None:
        self._folder = folder.resolve()
        self._base_url = base_url
        self._include_unlisted = include_unlisted
        self._files: dict[str, _File] = {}
        self._title = ""
        self._problems: list[Problem] = []

    def scan(self) -> SitePages:
        self._problems = []
        self._files = {file.path: file for file in self._read_heads()}
        heads = {path: file.head for path, file in self._files.items()}
        if not any(head.generator.startswith("Docusaurus") for head in heads.values()):
            raise InvalidSource(f"{self._folder.name}: no HTML file made by Docusaurus was found in the build folder")
        built_root = site_root(heads)
        root = self._base_url or built_root
        if not root:
            raise InvalidSource("the pages name no canonical address; give the base URL of the site")
        self._title = site_title(heads.values())
        locales = site_locales(heads) or ("en",)
        pages, skipped = [], []
        for file in self._files.values():
            page = _page(file, _moved(_address(file, built_root or root), built_root, root), locales[0])
            reason = self._reason_to_skip(file.head)
            if reason:
                skipped.append((page, reason))
            else:
                pages.append(page)
        versions = site_versions(heads.values(), locales[0])
        pages.sort(key=lambda page: page.uri)
        roots = [replace(each, base_url=_moved(each.base_url, built_root, root)) for each in locale_roots(heads)]
        return SitePages(
            self._title,
            root,
            locales,
            versions,
            tuple(pages),
            tuple(skipped),
            tuple(self._problems),
            origins=tuple(sorted({origin_of(each.base_url) for each in roots} - {"", origin_of(root)})),
            locale_roots=tuple(each for each in roots if each.locale in locales),
        )

    def read(self, page: Page) -> Document:
        html = self._bytes(page.source_path)
        try:
            return self._read(page, html)
        except RecursionError as error:
            message = "the page cannot be parsed: it is too deeply nested"
            raise PageUnreadable(_problem("page-unreadable", message, page.source_path)) from error

    def _read(self, page: Page, html: bytes) -> Document:
        tree = LexborHTMLParser(html)
        container = next((node for css in _SCOPES[page.kind] if (node := tree.css_first(css)) is not None), None)
        if container is None:  # a page made by scripts alone: the file itself shows nothing
            return Document(page, self._title, (), (), (page.source_path,))
        scope = _article_around(tree, container)
        tags = tuple(dict.fromkeys(plain_text(tag) for tag in scope.css("a[rel=tag], footer [class^=tag_]")))
        last_updated_at = _time_of(scope, ".theme-last-updated time[datetime]")
        published_at = _time_of(scope, "header time[datetime]") if page.kind is DocumentKind.BLOG else None
        clear_furniture(scope)
        clear_furniture(container)
        headings = headings_of(scope)
        head = read_head(html)
        return Document(
            page=page,
            title=page_title(head, self._title),
            headings=tuple(headings),
            sections=read_article(container, page.uri, headings, title_inside=page.kind is not DocumentKind.BLOG),
            source_paths=(page.source_path,),
            description=head.description,
            tags=tags,
            last_updated_at=last_updated_at,
            published_at=published_at,
        )

    def raw_parts(self, page: Page) -> Sequence[bytes]:
        """The page's file, cut before each heading."""
        try:
            return _HEADING_TAG.split(self._bytes(page.source_path))
        except PageUnreadable:
            return ()

    def source_hash(self, page: Page, source_paths: Sequence[str]) -> str:
        file = self._files.get(page.source_path)
        digest = file.digest if file else ""
        facts = f"{READER_VERSION}\n{page.uri}\n{page.version}\n{page.locale}\n{self._title}\n{digest}"
        return hashlib.sha256(facts.encode()).hexdigest()

    def _read_heads(self) -> Iterator[_File]:
        for path in _html_files(self._folder):
            try:
                html = self._bytes(path)
            except PageUnreadable as unreadable:
                self._problems.append(unreadable.problem)
                continue
            head = read_head(html)
            if not head.redirects:
                yield _File(path, head, hashlib.sha256(html).hexdigest())

    def _bytes(self, path: str) -> bytes:
        file = (self._folder / path).resolve()
        if not file.is_relative_to(self._folder):
            raise PageUnreadable(_problem("outside-link", "the file is a link out of the folder", path))
        try:
            size = file.stat().st_size
            if size > MAX_PAGE_BYTES:
                message = f"the page has {size:,} bytes, more than {MAX_PAGE_BYTES:,}, and was left out"
                raise PageUnreadable(_problem("page-too-long", message, path))
            return file.read_bytes()
        except OSError as error:
            raise PageUnreadable(_problem("page-unreadable", f"cannot be read: {error.strerror}", path)) from error

    def _reason_to_skip(self, head: PageHead) -> str:
        if head.kind is None:
            return "a list, tag, search or other generated page"
        return "noindex" if head.noindex and not self._include_unlisted else ""


def _html_files(folder: Path) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        folders.sort()
        relative = Path(parent).relative_to(folder)
        yield from ((relative / name).as_posix() for name in sorted(files) if _is_page(name))


def _is_page(name: str) -> bool:
    return name.endswith(".html") and name not in _NOT_PAGES


def _address(file: _File, root: str) -> str:
    if file.head.canonical:
        return file.head.canonical
    path = file.path
    route = path.removesuffix("index.html") if path.endswith("index.html") else path.removesuffix(".html")
    return root + encode_uri(route)


def _moved(address: str, built_root: str, root: str) -> str:
    """The address below the root the site is really served from."""
    if built_root == root or not address.startswith(built_root):
        return address
    return root + address.removeprefix(built_root)


def _page(file: _File, uri: str, default_locale: str) -> Page:
    head = file.head
    is_doc = head.kind is DocumentKind.DOC
    return Page(
        uri=uri,
        source_path=file.path,
        kind=head.kind or DocumentKind.PAGE,
        locale=head.locale or default_locale,
        version=head.version if is_doc else "",
        plugin_id=head.plugin_id if is_doc else "",
    )


def _article_around(tree: LexborHTMLParser, container: LexborNode) -> LexborNode:
    """The article with the title and the tags, of which the container is the text."""
    article = tree.css_first("article")
    return article if article is not None else container


def _time_of(scope: LexborNode, css: str) -> datetime | None:
    stamp = scope.css_first(css)
    try:
        moment = datetime.fromisoformat(attribute(stamp, "datetime")) if stamp is not None else None
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


def _problem(code: str, message: str, path: str) -> Problem:
    return Problem(Severity.ERROR, code, message, path)
