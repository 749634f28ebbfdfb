"""The theme's components and imported files: what each of them shows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.ingest.document import Block, BlockKind
from services.ingest.sources.source_tree.files import FileUnreadable
from services.ingest.sources.source_tree.parsing.front_matter import FrontMatterError
from services.ingest.sources.source_tree.parsing.imports import Partial
from services.ingest.sources.source_tree.parsing.mdx.budget import ParserOverwhelmed
from services.ingest.sources.source_tree.parsing.mdx.nodes import Kind, Node
from services.ingest.sources.source_tree.parsing.mdx.tags import Expression
from services.ingest.sources.source_tree.showing.api.components import write_sample
from services.ingest.sources.source_tree.showing.context import Context, Flow, HeadingShown, Shown
from services.ingest.sources.source_tree.showing.expansion import expanded
from services.ingest.sources.source_tree.showing.expressions import attribute_text, attribute_value, evaluate
from services.ingest.sources.source_tree.showing.inline import markdown
from services.ingest.sources.source_tree.showing.page_names import page_names
from services.runtime.errors import shown

MAX_PARTIAL_DEPTH = 20
MAX_PARTIALS_PER_PAGE = 500
_VALUES_ENTRY = re.compile(r"\{[^{}]*\}")
_VALUES_FIELD = re.compile(r"""\b(label|value)\s*:\s*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|`([^`$]*)`)""")


def admonition_title(kind: str, title: str, context: Context) -> str:
    """Kind and title of an admonition in one line."""
    kind = context.resources.admonition_titles.get(kind, kind)
    kind = kind[:1].upper() + kind[1:]
    title = title.replace("**", "").strip()
    return f"{kind}: {title}" if title and title.lower() != kind.lower() else f"{kind}:"


@dataclass(frozen=True, slots=True)
class Tab:
    """One panel of a `<Tabs>`."""

    name: str
    """`groupId=value`."""
    label: str
    nodes: tuple[Node, ...]
    is_hidden: bool
    """Another tab is open at first."""
    is_lazy: bool


def read_tabs(tabs: Node, context: Context) -> list[Tab]:
    """Panels of a `<Tabs>` with their labels, in the order of the panels."""

    def text(node: Node, attribute: str) -> str:
        return attribute_text(node.attributes.get(attribute), context.names)

    items = [node for node in _elements_below(tabs) if node.name == "TabItem"]
    values = [text(item, "value") for item in items]
    labels = _labels_of_values(tabs.attributes.get("values"))
    group = text(tabs, "groupId") or text(tabs, "queryString") or "tab"
    open_value = _open_value(tabs, items, values, text(tabs, "defaultValue"))
    found = []
    for item, value in zip(items, values, strict=True):
        label = text(item, "label") or labels.get(value) or value
        nodes, is_lazy = tuple(item.children), "lazy" in tabs.attributes
        found.append(Tab(f"{group}={value}", label, nodes, is_hidden=value != open_value, is_lazy=is_lazy))
    return found


def _open_value(tabs: Node, items: list[Node], values: list[str], chosen: str) -> str | None:
    """Value of the tab that is open at first; None when only the running site knows."""
    if isinstance(tabs.attributes.get("defaultValue"), Expression) and not chosen:
        return None
    marked = (value for item, value in zip(items, values, strict=True) if "default" in item.attributes)
    return chosen if chosen in values else [*marked, *values, ""][0]


def _elements_below(node: Node) -> Iterator[Node]:
    """Elements directly in an element, or in paragraphs and fragments there."""
    for child in node.children:
        if child.kind is Kind.PARAGRAPH or (child.kind is Kind.ELEMENT and not child.name):
            yield from _elements_below(child)
        elif child.kind is Kind.ELEMENT:
            yield child


def _labels_of_values(values: object) -> dict[str, str]:
    """Labels in `values={[{label: 'Label', value: 'value'}]}`."""
    labels: dict[str, str] = {}
    source = values.source if isinstance(values, Expression) else ""
    for entry in _VALUES_ENTRY.findall(source):
        fields = {name: single or double or template for name, single, double, template in _VALUES_FIELD.findall(entry)}
        if "value" in fields:
            labels[fields["value"]] = fields.get("label", fields["value"])
    return labels


def split_summary(details: Node) -> tuple[Node | None, list[Node]]:
    """The `<summary>` of a `<details>`, and what is left."""
    rest = []
    summary = None
    for child in details.children:
        if summary is None and child.kind is Kind.ELEMENT and child.name == "summary":
            summary = child
        elif summary is None and child.kind is Kind.PARAGRAPH:
            summary = next((node for node in child.children if node.name == "summary"), None)
            others = [node for node in child.children if node is not summary]
            rest.append(child if summary is None else replace(child, children=others))
        else:
            rest.append(child)
    return _flattened(summary), rest


def _flattened(summary: Node | None) -> Node | None:
    """A summary whose paragraphs are unwrapped, so that it is one line."""
    if summary is None:
        return None
    children = [inner for child in summary.children for inner in _inline_of(child)]
    return replace(summary, children=children)


def _inline_of(node: Node) -> list[Node]:
    return node.children if node.kind in {Kind.PARAGRAPH, Kind.HEADING} else [node]


def code_text(node: Node, context: Context) -> str:
    """Code between the tags of a `<CodeBlock>` or `<pre>`: literal, a template, or an imported file."""
    parts = []
    for inner in node.children:
        if inner.kind is Kind.EXPRESSION:
            parts.append(evaluate(inner.text, context.names) or "")
        elif inner.kind in {Kind.TEXT, Kind.CODE, Kind.INLINE_CODE}:
            parts.append(inner.text)
        elif inner.kind is Kind.BREAK:
            parts.append("\n")
        else:
            parts.append(code_text(inner, context) + ("\n\n" if inner.kind is Kind.PARAGRAPH else ""))
    return "".join(parts)


def write_partial(partial: Partial, tag: Node, context: Context, flow: Flow) -> Iterator[Shown]:
    """An imported MDX file, rendered where its tag stands."""
    path = partial.path
    try:
        if path is None:
            raise FileUnreadable("it is not in the site")
        if path in context.above or len(context.above) >= MAX_PARTIAL_DEPTH:
            raise FileUnreadable("it imports itself")
        context.resources.renders[0] += 1
        if context.resources.renders[0] > MAX_PARTIALS_PER_PAGE:
            raise FileUnreadable(f"the page has more than {MAX_PARTIALS_PER_PAGE} of them")
        module = context.resources.read_module(path)
    except (FileUnreadable, FrontMatterError, ParserOverwhelmed) as error:
        reason = str(error) or "it cannot be parsed"
        context.report("partial-missing", f"The partial {shown(partial.specifier)} was left out: {reason}.", tag.line)
        return
    props = {name: attribute_value(value, context.names) for name, value in tag.attributes.items()}
    inner = replace(
        context,
        module=module,
        names=page_names(module, context.resources, context.source_path, props),
        children=(tuple(tag.children), context),
        above=(*context.above, path),
        removed=None,
        footnotes=[],
    )
    yield from write_module(inner, flow)


def write_module(context: Context, flow: Flow) -> Iterator[Shown]:
    """A whole module and, below it, its footnotes."""
    context.resources.source_paths[context.source_path] = None
    nodes = expanded(context.module.tree.children, context)
    yield from flow(nodes, context)
    yield from write_sample(context)
    notes = {inner.name: inner for node in nodes for inner in node.walk() if inner.kind is Kind.FOOTNOTE}
    shown = [notes[name] for name in context.footnotes if name in notes]
    if shown:
        yield HeadingShown(2, "" if context.is_lazy else "footnote-label", "Footnotes", context.is_hidden)
        lines = (f"{index}. {footnote_text(note, context)}" for index, note in enumerate(shown, start=1))
        yield Block(BlockKind.LIST, "\n".join(lines), tabs=context.tabs)


def footnote_text(note: Node, context: Context) -> str:
    """A footnote on one line."""
    return " ".join(markdown(child.children or [child], context) for child in note.children)
