"""Inline content as Markdown, and as plain text for headings."""

import re
from collections.abc import Callable, Sequence

from services.ingest.document import Severity
from services.ingest.sources.source_tree.evaluating.values import FileText
from services.ingest.sources.source_tree.parsing.imports import Partial
from services.ingest.sources.source_tree.parsing.mdx.nodes import INLINE_KINDS, Kind, Node
from services.ingest.sources.source_tree.showing.api.names import api_component
from services.ingest.sources.source_tree.showing.context import Context
from services.ingest.sources.source_tree.showing.expansion import CHILDREN
from services.ingest.sources.source_tree.showing.expressions import attribute_text, evaluate

UNSEEN_ELEMENTS = frozenset(
    (
        *("script", "style", "svg", "iframe", "noscript", "template", "head", "input", "object"),
        *("video", "audio", "canvas", "Head", "DocCardList", "TOCInline"),
    )
)
BLOCK_ELEMENTS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "center", "details", "div", "fieldset", "figcaption", "figure"),
        *("footer", "form", "header", "hr", "main", "nav", "p", "pre", "section", "summary"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd"),
        *("table", "thead", "tbody", "tfoot", "tr", "th", "td"),
        *("Tabs", "TabItem", "Admonition", "CodeBlock", "Details", "Heading"),
    )
)
SHOWN_ATTRIBUTES = (
    *("title", "label", "heading", "header", "subtitle", "question", "summary", "description", "text", "content"),
    *("answer", "message", "caption", "alt"),
)
"""Attributes whose text components usually show, in the order in which they usually stand."""
_OF_THEME = frozenset(
    (
        *(
            "CodeBlock",
            "Tabs",
            "TabItem",
            "Admonition",
            "Details",
            "Heading",
            "ThemedImage",
            "IdealImage",
            "MDXComponents",
        ),
        *("DocCardList", "DocCard", "TOCInline", "Mermaid", "Layout", "ColorModeToggle", "SearchBar"),
    )
)
"""Components of the theme that are read, or show links only."""
_MARKS = {Kind.STRONG: "**", Kind.EMPHASIS: "*", Kind.STRIKE: "~~"}
_STYLES = {"strong": "**", "b": "**", "em": "*", "i": "*", "del": "~~", "s": "~~"}
_SPACE = re.compile(r"[ \t]*\n[ \t]*")
MAX_DEPTH = 150


def is_inline(node: Node, context: Context) -> bool:
    """Whether a node can be part of a line of text."""
    if node.kind in INLINE_KINDS:
        return True
    if node.kind is Kind.EXPRESSION:
        return node.text.strip() not in CHILDREN
    return node.kind is Kind.ELEMENT and not is_block_element(node, context)


def is_block_element(node: Node, context: Context) -> bool:
    """Whether an element, or anything in it, makes blocks of its own."""
    for inner in node.walk():
        if inner.kind is Kind.ELEMENT:
            if inner.name in BLOCK_ELEMENTS or api_component(inner, context):
                return True
            if find_partial(inner, context) is not None:
                return True
            if any(isinstance(value, FileText) for value in inner.attributes.values()):
                return True
        elif inner.kind not in INLINE_KINDS and inner.kind is not Kind.EXPRESSION:
            return True
    return False


def find_partial(node: Node, context: Context) -> Partial | None:
    """The imported MDX file that a tag stands for; tags of components begin with a capital."""
    found = context.imported(node.name) if node.name[:1].isupper() else None
    return context.resources.find_partial(context.module.path, found) if found is not None else None


def markdown(nodes: Sequence[Node], context: Context, depth: int = 0) -> str:
    """Inline nodes as Markdown, on one line except for hard breaks."""
    text = _joined([(node, _markdown(node, context, depth)) for node in nodes])
    return text if depth else _SPACE.sub(lambda match: "\n" if match.group().startswith("  ") else " ", text).strip()


def _joined(shown: Sequence[tuple[Node, str]]) -> str:
    """Texts of nodes as one; components side by side are things of their own, so a space parts their texts."""
    text, was_component = "", False
    for node, part in shown:
        is_component = node.kind is Kind.ELEMENT and node.name[:1].isupper()
        touches = bool(text and part) and not text[-1].isspace() and not part[0].isspace()
        text += f" {part}" if touches and is_component and was_component else part
        was_component = is_component if part else was_component
    return text


def plain(nodes: Sequence[Node], context: Context, depth: int = 0) -> str:
    """Inline nodes as the text a reader sees."""
    text = "".join(_plain(node, context, depth) for node in nodes)
    return text if depth else " ".join(text.split())


def _markdown(node: Node, context: Context, depth: int) -> str:
    if depth > MAX_DEPTH:
        return ""
    match node.kind:
        case Kind.STRONG | Kind.EMPHASIS | Kind.STRIKE:
            return _wrapped(_MARKS[node.kind], node.children, context, depth)
        case Kind.LINK:
            return _link(node.children, node.href, context, depth, is_markdown=True)
        case Kind.ELEMENT:
            return _element(node, context, depth)
        case Kind.TEXT_DIRECTIVE if node.info == "simple":
            return f":{node.name}"
        case kind if kind in _LEAVES:
            return _LEAVES[kind](node, context)
        case _:
            return markdown(node.children, context, depth + 1)


def _plain(node: Node, context: Context, depth: int) -> str:
    if depth > MAX_DEPTH:
        return ""
    match node.kind:
        case Kind.TEXT | Kind.INLINE_CODE | Kind.MATH:
            return node.text
        case Kind.TEXT_DIRECTIVE if node.info == "simple":
            return f":{node.name}"
        case Kind.EXPRESSION:
            return expression_text(node, context)
        case Kind.ELEMENT if node.name in UNSEEN_ELEMENTS or node.name == "br":
            return ""
        case Kind.ELEMENT if node.name == "Translate" and not node.children:
            return attribute_text(node.attributes.get("description"), context.names)
        case Kind.FOOTNOTE_REFERENCE:
            return str(footnote_number(node.name, context))
        case Kind.IMAGE | Kind.COMMENT:
            return ""
        case _:
            return plain(node.children, context, depth + 1)


def expression_text(node: Node, context: Context) -> str:
    """What an expression shows: nothing, with a problem, when only the running site knows."""
    text = evaluate(node.text, context.names)
    if text is None:
        message = "An expression whose value only the running site knows was left out."
        context.report("expression-dropped", message, node.line, Severity.INFO)
        return ""
    return text


def code_span(text: str) -> str:
    """Inline code, fenced by more backticks than it holds."""
    text = " ".join(text.split("\n"))
    if "`" not in text:
        return f"`{text}`" if text.strip() else text
    fence = "`" * (max(len(run) for run in re.findall("`+", text)) + 1)
    return f"{fence} {text} {fence}"


def footnote_number(name: str, context: Context) -> int:
    """Number of a footnote: the order in which footnotes are first referred to."""
    if name not in context.footnotes:
        context.footnotes.append(name)
    return context.footnotes.index(name) + 1


def _image(node: Node, _: Context) -> str:
    alt = node.text.strip()
    return f"*{alt}*" if alt else ""


_LEAVES: dict[Kind, Callable[[Node, Context], str]] = {
    Kind.TEXT: lambda node, _: node.text,
    Kind.INLINE_CODE: lambda node, _: code_span(node.text),
    Kind.IMAGE: _image,
    Kind.MATH: lambda node, _: f"${node.text}$",
    Kind.BREAK: lambda *_: "  \n",
    Kind.FOOTNOTE_REFERENCE: lambda node, context: f"[^{footnote_number(node.name, context)}]",
    Kind.EXPRESSION: expression_text,
    Kind.COMMENT: lambda *_: "",
}
"""What the kinds of nodes that have no children look like."""


def _wrapped(mark: str, nodes: Sequence[Node], context: Context, depth: int) -> str:
    text = markdown(nodes, context, depth + 1)
    inner = text.strip()
    if not inner:
        return text
    start = text[: len(text) - len(text.lstrip())]
    return f"{start}{mark}{inner}{mark}{text[len(text.rstrip()) :]}"


def _link(nodes: Sequence[Node], href: str, context: Context, depth: int, *, is_markdown: bool) -> str:
    text = markdown(nodes, context, depth + 1)
    if is_markdown:
        address = context.resources.links.markdown_link(href, context.module.path)
    else:
        address = context.resources.links.plain_link(href)
    if not address or not text.strip():
        return text
    return f"[{text.strip()}]({address})" if text.strip() != address else f"<{address}>"


def _element(node: Node, context: Context, depth: int) -> str:
    name = node.name
    if name in UNSEEN_ELEMENTS:
        return ""
    if name in _STYLES:
        return _wrapped(_STYLES[name], node.children, context, depth)
    if name in {"br", "wbr", "hr"}:
        return "  \n" if name == "br" else ""
    if name == "code":
        return code_span(plain(node.children, context, depth + 1))
    if name in {"img", "Image", "ThemedImage"}:
        alt = attribute_text(node.attributes.get("alt"), context.names).strip()
        return f"*{alt}*" if alt else ""
    if name in {"a", "Link"}:
        href = attribute_text(node.attributes.get("href"), context.names)
        return _link(
            node.children,
            href or attribute_text(node.attributes.get("to"), context.names),
            context,
            depth,
            is_markdown=False,
        )
    text = markdown(node.children, context, depth + 1)
    return text if text.strip() else shown_attributes(node, context) or text


def _is_silent(specifier: str) -> bool:
    """Whether components of a module show no text that is not read: Docusaurus's own, and icons."""
    is_own = specifier.startswith("@docusaurus/") or specifier.removeprefix("@theme/") in _OF_THEME
    return is_own or "icon" in specifier.lower() or specifier.endswith((".svg", ".png", ".md", ".mdx"))


def shown_attributes(node: Node, context: Context) -> str:
    """Attributes that components usually show; what else this one shows is not known."""
    if not node.name[:1].isupper():
        return ""
    found = context.imported(node.name)
    is_blank = not any(child.kind is not Kind.TEXT or child.text.strip() for child in node.children)
    if is_blank and found is not None and not _is_silent(found.specifier):
        message = f"What the component <{node.name}> shows was left out: only a built site has it. Ingest the build."
        context.report("component-unread", message, severity=Severity.INFO)
    values = (node.attributes.get(name) for name in SHOWN_ATTRIBUTES)
    texts = (attribute_text(value, context.names).strip() for value in values if not isinstance(value, FileText))
    return " – ".join(text for text in texts if text)
