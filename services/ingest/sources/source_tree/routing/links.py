"""Where the links of a page lead, as absolute addresses."""

from collections.abc import Mapping
from pathlib import Path
from posixpath import dirname, normpath
from urllib.parse import unquote, urlsplit

from services.ingest.sources.source_tree.routing.addresses import encode_path, join_path, resolve_path
from services.ingest.sources.source_tree.routing.route_nouns import Route

_MARKDOWN = (".md", ".mdx")


class LinkResolver:
    """Links of one page.

    Args:
        route: The page.
        by_file: Routes of the page's plugin instance, version and locale by absolute file.
        site_folder: What `@site` stands for.
    """

    def __init__(self, route: Route, by_file: Mapping[str, Route], site_folder: Path) -> None:
        self._route = route
        self._by_file = by_file
        self._site_folder = str(site_folder)

    def markdown_link(self, href: str, file: Path) -> str:
        """Address of a Markdown link written in a file; empty when it leads nowhere a reader could go."""
        path, mark, rest = _split_suffix(href)
        if path.endswith(_MARKDOWN) and not _is_absolute(href):
            target = self._find_page(unquote(path), file)
            if target is not None:
                return f"{target.page.uri}{mark}{rest}"
        return self.plain_link(href)

    def plain_link(self, href: str) -> str:
        """Address of any other link, as the browser resolves it on the page."""
        if href.startswith("pathname://"):
            return self._absolute(href.removeprefix("pathname://"))
        if href.startswith("//") or _is_absolute(href):
            is_web = href.startswith(("http://", "https://", "mailto:"))
            return href if is_web else ""
        if not href:
            return ""
        if href.startswith("#"):
            return f"{self._route.page.uri}{href}"
        path, mark, rest = _split_suffix(href)
        if path.startswith("@site/") or not path:
            return ""
        if path.startswith("/"):
            base_url = self._route.content.locale.base_url
            path = path if path.startswith(base_url) else join_path(base_url, path)
        else:
            path = resolve_path(path, f"{dirname(self._route.path)}/")
        return self._absolute(path) + mark + rest

    def _absolute(self, path: str) -> str:
        return self._route.content.locale.url + (path if "%" in path else encode_path(path))

    def _find_page(self, path: str, file: Path) -> Route | None:
        content = self._route.content
        folders = [str(folder) for folder in (content.localized_folder, content.folder) if folder]
        if path.startswith("@site/"):
            candidates = [f"{self._site_folder}/{path.removeprefix('@site/')}"]
        elif path.startswith("/"):
            candidates = [f"{folder}{path}" for folder in (*folders, self._site_folder)]
        elif path.startswith(("./", "../")):
            candidates = [f"{file.parent}/{path}"]
        else:
            candidates = [f"{folder}/{path}" for folder in (str(file.parent), *folders, self._site_folder)]
        found = (self._by_file.get(normpath(candidate)) for candidate in candidates)
        return next((route for route in found if route is not None), None)


def _is_absolute(href: str) -> bool:
    try:
        return bool(urlsplit(href).scheme)
    except ValueError:
        return False


def _split_suffix(href: str) -> tuple[str, str, str]:
    """Path of a link, and from the first `?` or `#` on."""
    for index, character in enumerate(href):
        if character in "?#":
            return href[:index], character, href[index + 1 :]
    return href, "", ""
