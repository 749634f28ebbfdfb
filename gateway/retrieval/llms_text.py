"""A site as a list for language models, `llms.txt`: its pages as links.

Source:
    The proposal at https://llmstxt.org: a title, a summary as a quotation, sections with lists of links.
"""

import re
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from docs_chat.retriever.v1 import documents_pb2 as documents
from docs_chat.retriever.v1 import passages_pb2

_KINDS = {
    documents.DOCUMENT_KIND_DOC: "Docs",
    documents.DOCUMENT_KIND_PAGE: "Pages",
    documents.DOCUMENT_KIND_UNSPECIFIED: "Pages",
    documents.DOCUMENT_KIND_BLOG: "Blog",
}
_LINK_SPECIALS = re.compile(r"([\[\]\\])")


def llms_txt(profile: documents.SiteProfile, pages: Sequence[documents.DocumentSummary], *, pages_url: str = "") -> str:
    """The pages of a site as links, by kind.

    Args:
        profile: The site.
        pages: What to list, in order.
        pages_url: Where a page is served as Markdown, for example `https://chat.example.com/v1/pages.md`; empty links
            to the pages themselves.
    """
    parts = [f"# {_line(profile.title or profile.site)}", f"> Documentation at {profile.base_url}"]
    for heading in dict.fromkeys(_KINDS.values()):
        own = [page for page in pages if _KINDS[page.kind] == heading]
        if own:
            parts += [f"## {heading}", "\n".join(_entry(profile.site, page, pages_url) for page in own)]
    return "\n\n".join(parts) + "\n"


def _entry(site: str, page: documents.DocumentSummary, pages_url: str) -> str:
    title = _LINK_SPECIALS.sub(r"\\\1", _line(page.title) or urlsplit(page.uri).path)
    target = f"{pages_url}?site={quote(site)}&uri={quote(page.uri, safe='')}" if pages_url else page.uri
    told = [f"version {page.version}" if page.version else "", page.locale if page.locale else ""]
    remark = ", ".join(filter(None, told))
    return f"- [{title}]({target})" + (f": {remark}" if remark else "")


def released(profile: documents.SiteProfile, version: str = "", locale: str = "") -> passages_pb2.Scope:
    """What to list: the released versions, or the one that is named; the default locale, or the one that is named."""
    versions = [version] if version else [each.name for each in profile.versions if each.is_last]
    return passages_pb2.Scope(versions=versions, locale=locale or (profile.locales[0] if profile.locales else ""))


def _line(text: str) -> str:
    return " ".join(text.split())
