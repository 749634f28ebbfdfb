"""What the head of a built page says: address, locale, plugin, version. Cheap: the body is not parsed."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from selectolax.lexbor import LexborHTMLParser

from services.ingest.sources.built_site.dom import attribute, classes
from services.runtime.document_kind import DocumentKind

_BADGE = re.compile(rb"theme-doc-version-badge[^>]*>([^<]{1,200})<")
_SAFE_IN_URI = "!#$%&'()*+,-./:;=?@_~"  # what JavaScript's encodeURI keeps, and what is encoded already


@dataclass(frozen=True, slots=True)
class PageHead:
    """The head of a page, as far as it is needed."""

    canonical: str
    """Absolute address, percent-encoded; empty when the page names none."""
    html_title: str
    description: str
    locale: str
    plugin: str
    """`docs`, `blog`, `pages`, another plugin's name, or empty."""
    plugin_id: str
    version: str
    version_label: str
    doc_id: str
    page_classes: frozenset[str]
    noindex: bool
    redirects: bool
    generator: str

    @property
    def kind(self) -> DocumentKind | None:
        """Kind of a page with a text of its own; None for lists, tags, searches and other generated pages."""
        if "docs-doc-page" in self.page_classes and self.doc_id:  # a category's generated index has no id
            return DocumentKind.DOC
        if "blog-post-page" in self.page_classes:
            return DocumentKind.BLOG
        return DocumentKind.PAGE if self.plugin == "pages" else None


def read_head(html: bytes) -> PageHead:
    """Read the head of an HTML file."""
    end = html.find(b"<body")
    tree = LexborHTMLParser(html[: end if end >= 0 else 1_000_000])
    metas = {attribute(meta, "name").lower(): attribute(meta, "content") for meta in tree.css("meta[name]")}
    root_classes = classes(tree.root) if tree.root is not None else []
    badge = _BADGE.search(html)
    title = tree.css_first("title")
    canonical = tree.css_first("link[rel=canonical]")
    return PageHead(
        canonical=encode_uri(attribute(canonical, "href")) if canonical is not None else "",
        html_title=" ".join(title.text().split()) if title is not None else "",
        description=metas.get("description", ""),
        locale=metas.get("docusaurus_locale", ""),
        plugin=_after(root_classes, "plugin-", but_not="plugin-id-"),
        plugin_id=_after(root_classes, "plugin-id-"),
        version=metas.get("docusaurus_version", ""),
        version_label=_label(badge[1].decode(errors="replace")) if badge else "",
        doc_id=_after(root_classes, "docs-doc-id-"),
        page_classes=frozenset(root_classes),
        noindex="noindex" in metas.get("robots", "").lower(),
        redirects=tree.css_first("meta[http-equiv=refresh]") is not None,
        generator=metas.get("generator", ""),
    )


def encode_uri(uri: str) -> str:
    """An address as `encodeURI` writes it; what is already encoded stays."""
    return quote(uri, safe=_SAFE_IN_URI)


def _after(names: list[str], prefix: str, *, but_not: str = "\0") -> str:
    found = (name for name in names if name.startswith(prefix) and not name.startswith(but_not))
    return next(found, "").removeprefix(prefix)


def _label(badge: str) -> str:
    """`Version: 2.0` → `2.0`, in any language."""
    return re.split(r"[:：]", badge, maxsplit=1)[-1].strip()
