"""Indexed pages as plain HTML, so that citations of a site that is not deployed yet open somewhere.

`make up` indexes the project's own documentation without building it; these pages stand in for the built ones. They
show what readers' answers are made of: the indexed text, under the same paths and heading ids.
"""

from collections.abc import Iterator, Sequence
from html import escape

from docs_chat.retriever.v1 import documents_pb2 as documents
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])

_PAGE = """<!doctype html>
<html lang="{locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="stylesheet" href="/preview.css">
</head>
<body>
<header><a href="/">docs-chat</a> Preview of the indexed text; the built site has the same headings.</header>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


def render_document(document: documents.Document, chunks: Sequence[documents.Chunk]) -> str:
    """One indexed page as HTML with its heading ids.

    Args:
        document: The page.
        chunks: All its chunks in reading order.

    Returns:
        A whole HTML page; of the indexed text, only Markdown's own markup reaches the browser as markup.
    """
    body = "\n".join(_sections(chunks))
    return _PAGE.format(locale=escape(document.locale, quote=True), title=escape(document.title), body=body)


def _sections(chunks: Sequence[documents.Chunk]) -> Iterator[str]:
    shown: tuple[str, ...] = ()
    anchors: set[str] = set()
    for chunk in chunks:
        path = tuple(chunk.heading_path)
        for depth in range(_shared_depth(shown, path), len(path)):
            is_own = depth == len(path) - 1 and chunk.anchor and chunk.anchor not in anchors
            identity = f' id="{escape(chunk.anchor, quote=True)}"' if is_own else ""
            anchors |= {chunk.anchor} if is_own else set()
            yield f"<h{min(depth + 2, 6)}{identity}>{escape(path[depth])}</h{min(depth + 2, 6)}>"
        shown = path
        yield str(_MARKDOWN.render(chunk.text))


def _shared_depth(before: tuple[str, ...], path: tuple[str, ...]) -> int:
    depth = 0
    while depth < min(len(before), len(path)) and before[depth] == path[depth]:
        depth += 1
    return depth
