"""The walk over block content: every node becomes headings and blocks, in the order of the rendered page."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from services.ingest.document import Block, BlockKind
from services.ingest.sources.source_tree.evaluating.values import FileText
from services.ingest.sources.source_tree.parsing.mdx.nodes import Kind, Node
from services.ingest.sources.source_tree.settings.site_settings import Npm2YarnSettings
from services.ingest.sources.source_tree.showing import components, npm2yarn
from services.ingest.sources.source_tree.showing.api.components import answers_heading, write_api_component
from services.ingest.sources.source_tree.showing.api.names import TABS, api_component
from services.ingest.sources.source_tree.showing.code import code_block
from services.ingest.sources.source_tree.showing.code_files import code_of_file
from services.ingest.sources.source_tree.showing.context import Context, Flow, HeadingShown, IdShown, Shown
from services.ingest.sources.source_tree.showing.expansion import code_language
from services.ingest.sources.source_tree.showing.expressions import attribute_text
from services.ingest.sources.source_tree.showing.github_alerts import alert_of
from services.ingest.sources.source_tree.showing.inline import (
    UNSEEN_ELEMENTS,
    find_partial,
    is_inline,
    markdown,
    plain,
    shown_attributes,
)
from services.ingest.sources.source_tree.showing.lists import write_list
from services.ingest.sources.source_tree.showing.tables import write_html_table, write_table

MAX_DEPTH = 80
HEADING_LEVELS = {f"h{level}": level for level in range(1, 7)}


def write_flow(nodes: Iterable[Node], context: Context, depth: int = 0) -> Iterator[Shown]:
    """Everything that a sequence of nodes shows."""
    if depth > MAX_DEPTH:
        context.report("too-deeply-nested", f"Content nested deeper than {MAX_DEPTH} levels was left out.")
        return
    run: list[Node] = []
    for node in nodes:
        if is_inline(node, context):
            run.append(node)
            continue
        yield from write_prose(run, context)
        run = []
        yield from _write_block(node, context, depth)
    yield from write_prose(run, context)


def write_prose(nodes: Sequence[Node], context: Context, prefix: str = "") -> Iterator[Shown]:
    """A paragraph of inline nodes; nothing when they show nothing."""
    for node in nodes:
        yield from ids_of(node, context)
    text = markdown(nodes, context) if nodes else ""
    if text:
        yield Block(BlockKind.PROSE, prefix + text, tabs=context.tabs)


def ids_of(node: Node, context: Context) -> Iterator[IdShown]:
    """Ids that elements in a node carry."""
    for inner in node.walk():
        if inner.kind is Kind.ELEMENT and inner.name != "Translate":
            found = attribute_text(inner.attributes.get("id"), context.names)
            found = found or (inner.literal("name") if inner.name == "a" else "")
            if found:
                yield IdShown(found)


def _write_block(node: Node, context: Context, depth: int) -> Iterator[Shown]:
    return _BLOCK_WRITERS.get(node.kind, _write_children)(node, context, depth)


def _write_nothing(*_: object) -> Iterator[Shown]:
    return iter(())


def _write_children(node: Node, context: Context, depth: int) -> Iterator[Shown]:
    return write_flow(node.children, context, depth + 1)


def _flow_below(depth: int) -> Flow:
    return lambda nodes, context: write_flow(nodes, context, depth + 1)


def _write_heading(node: Node, context: Context, depth: int) -> Iterator[Shown]:
    if node is not context.removed:
        yield _heading(node.level, node.id, node, context)


def _heading(level: int, heading_id: str, node: Node, context: Context) -> HeadingShown:
    shown_id = "" if level == 1 or context.is_lazy else heading_id
    return HeadingShown(level, shown_id, plain(node.children, context), context.is_hidden)


def _write_quote(node: Node, context: Context, depth: int) -> Iterator[Shown]:
    plugin = context.resources.github_alerts
    alert = alert_of(node, as_directives="directive" in plugin.lower()) if plugin else None
    if alert is not None:
        kind, children = alert
        content = write_flow(children, context, depth + 1)
        yield from with_title(components.admonition_title(kind, "", context), content, context)
        return
    for shown in _write_children(node, context, depth):
        is_prose = isinstance(shown, Block) and shown.kind is BlockKind.PROSE
        yield _quoted(shown) if isinstance(shown, Block) and is_prose else shown


def _quoted(block: Block) -> Block:
    lines = (f"> {line}" for line in block.markdown.split("\n"))
    return replace(block, markdown="\n".join(lines))


def _write_code(node: Node, context: Context, depth: int) -> Iterator[Shown]:
    language, _, meta = node.info.partition(" ")
    if meta.strip() == npm2yarn.META and context.resources.npm2yarn is not None:
        yield from _write_package_managers(node.text, language, context, context.resources.npm2yarn)
        return
    text = code_of_file(node.info, node.line, context)
    if text or node.text.strip() or (node.info and text is None):
        yield code_block(text or node.text, node.info, context.resources.magic_comments, context.tabs)


def _write_package_managers(
    commands: str, language: str, context: Context, settings: Npm2YarnSettings
) -> Iterator[Shown]:
    """The tabs that npm2yarn makes of a code block."""
    group = "npm2yarn" if settings.sync else "tab"
    for value, label, text in npm2yarn.variants(commands, settings.converters):
        tab = context.within_tab(f"{group}={value}", is_hidden=value != "npm", is_lazy=False)
        block = code_block(text, language, context.resources.magic_comments, tab.tabs)
        yield from with_title(f"{label}:", [block], tab)


def _write_directive(node: Node, context: Context, depth: int) -> Iterator[Shown]:
    if node.literal("id"):
        yield IdShown(node.literal("id"))
    label = node.children[0] if node.children and node.children[0].kind is Kind.LABEL else None
    children = node.children[1:] if label else node.children
    if node.name not in context.resources.admonition_keywords:
        yield from write_flow(node.children, context, depth + 1)
        return
    title = markdown(label.children, context) if label else node.literal("title")
    content = write_flow(children, context, depth + 1)
    yield from with_title(components.admonition_title(node.name, title, context), content, context)


def with_title(title: str, content: Iterable[Shown], context: Context) -> Iterator[Shown]:
    """Content with a bold title before it, in its first paragraph if it begins with one."""
    shown = list(content)
    first = shown[0] if shown else None
    if isinstance(first, Block) and first.kind is BlockKind.PROSE and first.tabs == context.tabs:
        yield replace(first, markdown=f"**{title}** {first.markdown}")
        shown = shown[1:]
    else:
        yield Block(BlockKind.PROSE, f"**{title}**", tabs=context.tabs)
    yield from shown


def _write_element(node: Node, context: Context, depth: int) -> Iterator[Shown]:
    if node.name in UNSEEN_ELEMENTS:
        return
    partial = find_partial(node, context)
    if partial is not None:
        yield from components.write_partial(partial, node, context, _flow_below(depth))
        return
    if component := api_component(node, context):
        yield from _write_api_component(component, node, context, _flow_below(depth))
        return
    level = HEADING_LEVELS.get(_heading_tag(node, context))
    if level is not None:
        heading = _heading(level, attribute_text(node.attributes.get("id"), context.names), node, context)
        yield replace(heading, id="") if heading.level == 1 else heading
        return
    if element_id := attribute_text(node.attributes.get("id"), context.names):
        yield IdShown(element_id)
    write = _ELEMENT_WRITERS.get(node.name)
    if write is not None:
        yield from write(node, context, _flow_below(depth))
        return
    attributes = shown_attributes(node, context)
    if attributes:
        yield Block(BlockKind.PROSE, f"**{attributes}**", tabs=context.tabs)
    for value in node.attributes.values():
        if isinstance(value, FileText):
            language = code_language(node, context) or value.ending
            yield code_block(value, language, context.resources.magic_comments, context.tabs)
    yield from write_flow(node.children, context, depth + 1)


def _write_api_component(name: str, node: Node, context: Context, flow: Flow) -> Iterator[Shown]:
    if name not in TABS:
        yield from write_api_component(name, node, context, flow)
        return
    if name == "ApiTabs":
        yield answers_heading(node, context)
    yield from _write_tabs(node, context, flow)


def _heading_tag(node: Node, context: Context) -> str:
    """`<Heading as="h2">` is an h2."""
    return attribute_text(node.attributes.get("as"), context.names) if node.name == "Heading" else node.name


def _write_children_expression(node: Node, context: Context, depth: int) -> Iterator[Shown]:
    """`{props.children}` of a partial shows what stands between its tags."""
    if context.children is not None and len(context.above) < components.MAX_PARTIAL_DEPTH:
        nodes, outer = context.children
        yield from write_flow(nodes, replace(outer, tabs=context.tabs, is_hidden=context.is_hidden), depth + 1)


_BLOCK_WRITERS: dict[Kind, Callable[[Node, Context, int], Iterator[Shown]]] = {
    Kind.HEADING: _write_heading,
    Kind.CODE: _write_code,
    Kind.LIST: lambda node, context, depth: write_list(node, context, _flow_below(depth)),
    Kind.TABLE: lambda node, context, _: write_table(node, context),
    Kind.QUOTE: _write_quote,
    Kind.DIRECTIVE: _write_directive,
    Kind.ELEMENT: _write_element,
    Kind.EXPRESSION: _write_children_expression,
    **dict.fromkeys((Kind.ESM, Kind.RULE, Kind.FOOTNOTE), _write_nothing),
}
"""What each kind of block shows; of any other, its children are shown."""


def _write_admonition(node: Node, context: Context, flow: Flow) -> Iterator[Shown]:
    kind = attribute_text(node.attributes.get("type"), context.names) or "note"
    title = attribute_text(node.attributes.get("title"), context.names)
    yield from with_title(components.admonition_title(kind, title, context), flow(node.children, context), context)


def _write_details(node: Node, context: Context, flow: Flow) -> Iterator[Shown]:
    summary, rest = components.split_summary(node)
    title = markdown(summary.children, context) if summary else ""
    title = title or attribute_text(node.attributes.get("summary"), context.names)
    content = flow(rest, context)
    yield from with_title(title, content, context) if title else content


def _write_tabs(node: Node, context: Context, flow: Flow) -> Iterator[Shown]:
    tabs = components.read_tabs(node, context)
    if not tabs:
        yield from flow(node.children, context)
    for tab in tabs:
        inner = context.within_tab(tab.name, is_hidden=tab.is_hidden, is_lazy=tab.is_lazy)
        yield from with_title(f"{tab.label}:", flow(tab.nodes, inner), inner)


def _write_code_element(node: Node, context: Context, flow: Flow) -> Iterator[Shown]:
    text = components.code_text(node, context)
    if text.strip():
        title = attribute_text(node.attributes.get("title"), context.names)
        language = code_language(node, context)
        yield code_block(text, language, context.resources.magic_comments, context.tabs, title)


def _write_html_table(node: Node, context: Context, flow: Flow) -> Iterator[Shown]:
    yield from write_html_table(node, context, flow)


def _write_html_list(node: Node, context: Context, flow: Flow) -> Iterator[Shown]:
    yield from write_list(node, context, flow)


_ELEMENT_WRITERS: dict[str, Callable[[Node, Context, Flow], Iterator[Shown]]] = {
    "Admonition": _write_admonition,
    "details": _write_details,
    "Details": _write_details,
    "Tabs": _write_tabs,
    "CodeBlock": _write_code_element,
    "pre": _write_code_element,
    "table": _write_html_table,
    "ul": _write_html_list,
    "ol": _write_html_list,
}
