"""What the components of a generated API page show."""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from services.ingest.document import Block, BlockKind
from services.ingest.sources.source_tree.parsing.mdx.nodes import Node
from services.ingest.sources.source_tree.parsing.mdx.parse import Dialect, parse_tree
from services.ingest.sources.source_tree.settings.site_settings import Mdx1Compat
from services.ingest.sources.source_tree.showing.api.facts import type_name
from services.ingest.sources.source_tree.showing.api.front_matter import operation_of
from services.ingest.sources.source_tree.showing.api.schemas import SchemaWriter, listed
from services.ingest.sources.source_tree.showing.code import code_block
from services.ingest.sources.source_tree.showing.context import Context, Flow, HeadingShown, Shown
from services.ingest.sources.source_tree.showing.expressions import attribute_text, attribute_value

_PLACES = ("path", "query", "header", "cookie")
_NESTED = frozenset({"properties", "items", "oneOf", "anyOf", "allOf"})
_DIALECT = Dialect("md", Mdx1Compat(), None, has_math=False)


def write_api_component(name: str, node: Node, context: Context, flow: Flow) -> Iterator[Shown]:
    """What one of them shows, `name` being that of `api_component`."""
    return _WRITERS[name](_Page(context, flow), node)


class _Page:
    """Where a component stands."""

    def __init__(self, context: Context, flow: Flow) -> None:
        self.context = context
        self.flow = flow
        self.operation = operation_of(context.module.front_matter)

    def given(self, node: Node, name: str) -> Any:
        """What a component is given by an attribute, or else the page's operation says; None without either."""
        value = attribute_value(node.attributes.get(name), self.context.names)
        known = isinstance(value, dict | list | str)
        return value if known else self.operation.get({"body": "requestBody"}.get(name, name))

    def text(self, node: Node, name: str) -> str:
        """Text of an attribute."""
        return attribute_text(node.attributes.get(name), self.context.names).strip()

    def prose(self, text: str) -> Block:
        """A paragraph."""
        return Block(BlockKind.PROSE, text, tabs=self.context.tabs)

    def described(self, text: Any) -> list[Block]:
        """The blocks of a description in Markdown; headings in it have no ids and become bold."""
        if not isinstance(text, str) or not text.strip():
            return []
        shown = list(self.flow(_description(text).children, self.context))
        return [
            self.prose(f"**{one.text}**") if isinstance(one, HeadingShown) else one
            for one in shown
            if isinstance(one, Block | HeadingShown)
        ]

    def schema(self, schema: Any, *, is_request: bool) -> Iterator[Block]:
        """A schema as a list."""
        items = SchemaWriter(self.described, is_request=is_request).whole(schema)
        if items:
            yield Block(BlockKind.LIST, listed(items), tabs=self.context.tabs)

    def code(self, value: Any, language: str, title: str) -> Block:
        """An example."""
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, default=str)
        return code_block(text, language, (), self.context.tabs, title)

    def within(self, tab: str, *, is_hidden: bool) -> "_Page":
        """The same place in a tab."""
        return _Page(self.context.within_tab(tab, is_hidden=is_hidden, is_lazy=False), self.flow)


@lru_cache(maxsize=256)
def _description(text: str) -> Node:
    return parse_tree(text, _DIALECT)


def _write_endpoint(page: _Page, node: Node) -> Iterator[Shown]:
    method, path = page.text(node, "method"), page.text(node, "path")
    is_webhook = method == "event"
    if path and not is_webhook:
        yield HeadingShown(2, "", path, page.context.is_hidden)
    yield page.prose("Webhook" if is_webhook else f"`{method.upper()} {path}`")
    servers = page.operation.get("servers")
    if isinstance(servers, list) and page.text(node, "context") != "callback":
        urls = [server["url"] for server in servers if isinstance(server, dict) and isinstance(server.get("url"), str)]
        if urls:
            yield page.prose(f"Base URL: {', '.join(f'`{url}`' for url in urls)}")


def _write_security(page: _Page, _: Node) -> Iterator[Shown]:
    schemes = page.operation.get("securitySchemes")
    schemes = schemes if isinstance(schemes, dict) else {}
    wanted = page.operation.get("security")
    for choice in wanted if isinstance(wanted, list) else ():
        for name, scopes in choice.items() if isinstance(choice, dict) else ():
            scheme = schemes.get(name)
            scheme = scheme if isinstance(scheme, dict) else {}
            facts = [str(scheme[key]) for key in ("type", "scheme", "name", "in") if scheme.get(key)]
            scope = f", scopes: {', '.join(map(str, scopes))}" if isinstance(scopes, list) and scopes else ""
            yield page.prose(f"**Authorization:** {name} ({', '.join(facts)}){scope}")
            yield from page.described(scheme.get("description"))


def _write_parameters(page: _Page, node: Node) -> Iterator[Shown]:
    parameters = page.given(node, "parameters")
    known = [one for one in parameters if isinstance(one, dict)] if isinstance(parameters, list) else []
    for place in _PLACES:
        found = [_parameter(page, one) for one in known if one.get("in") == place]
        if found:
            yield page.prose(f"**{place.capitalize()} Parameters**")
            yield Block(BlockKind.LIST, listed(found), tabs=page.context.tabs)


def _parameter(page: _Page, parameter: dict[str, Any]) -> Any:
    schema = parameter.get("schema")
    schema = dict(schema) if isinstance(schema, dict) else {"type": "any"}
    schema |= {key: parameter[key] for key in ("description", "deprecated") if key in parameter}
    schema |= {key: parameter[key] for key in ("example", "examples") if parameter.get(key) is not None}
    writer = SchemaWriter(page.described, is_request=True)
    return writer.item(str(parameter.get("name", "")), schema, is_required=parameter.get("required") is True)


def _write_parameter(page: _Page, node: Node) -> Iterator[Shown]:
    parameter = page.given(node, "param")
    if isinstance(parameter, dict):
        yield page.prose(_parameter(page, parameter).markdown())


def _write_schema_item(page: _Page, node: Node) -> Iterator[Shown]:
    """A property as older versions write them: one tag each, with its own inside when it is an object."""
    schema = page.given(node, "schema")
    schema = dict(schema) if isinstance(schema, dict) else {}
    flat = {key: value for key, value in schema.items() if key not in _NESTED}
    is_required = attribute_value(node.attributes.get("required"), page.context.names) is True
    if name := page.text(node, "name"):
        item = SchemaWriter(page.described, is_request=False).item(name, flat, is_required=is_required)
        item.head = item.head.replace(f"**{name}**", f"**{name}** {page.text(node, 'schemaName')}".strip(), 1)
        yield page.prose(item.markdown())
    yield from page.flow(node.children, page.context)


def _write_request(page: _Page, node: Node) -> Iterator[Shown]:
    body = page.given(node, "body")
    if isinstance(body, dict):
        title = page.text(node, "title") or "Body"
        yield from _bodies(page, body, title, is_request=True)


def _write_response(page: _Page, node: Node) -> Iterator[Shown]:
    body = page.given(node, "body")
    if isinstance(body, dict):
        yield from _bodies(page, body, page.text(node, "title") or "Schema", is_request=False)


def _bodies(page: _Page, body: dict[str, Any], title: str, *, is_request: bool) -> Iterator[Shown]:
    """The schema and the examples of each media type."""
    content = body.get("content")
    media = list(content.items()) if isinstance(content, dict) else []
    for index, (media_type, written) in enumerate(media):
        inner = page if len(media) == 1 else page.within(f"mime={media_type}", is_hidden=index > 0)
        needed = ", required" if body.get("required") is True else ""
        schema = written.get("schema") if isinstance(written, dict) else None
        kind = f", {type_name(schema)}" if isinstance(schema, dict) and "items" in schema else ""
        yield inner.prose(f"**{title}** {media_type}{kind}{needed}")
        yield from inner.described(body.get("description")) if index == 0 else ()
        given = written if isinstance(written, dict) else {}
        yield from inner.schema(given.get("schema"), is_request=is_request)
        yield from _examples(inner, given, media_type)


def _examples(page: _Page, media: dict[str, Any], media_type: str) -> Iterator[Shown]:
    language = next((name for name in ("json", "xml") if media_type.endswith(name)), "shell")
    if media.get("example") is not None:
        yield page.code(media["example"], language, "Example")
    examples = media.get("examples")
    for name, example in examples.items() if isinstance(examples, dict) else ():
        if isinstance(example, dict):
            yield from page.described(example.get("summary"))
            if "value" in example:
                yield page.code(example["value"], language, str(name))


def _write_answers(page: _Page, node: Node) -> Iterator[Shown]:
    responses = page.given(node, "responses")
    known = responses if isinstance(responses, dict) else {}
    if known:
        yield answers_heading(node, page.context)
    for index, (code, written) in enumerate(known.items()):
        inner = page.within(f"responses={code}", is_hidden=index > 0)
        response = written if isinstance(written, dict) else {}
        description = inner.described(response.get("description"))
        yield inner.prose(f"**{code}:** {description[0].markdown}" if description else f"**{code}**")
        yield from description[1:]
        headers = response.get("headers")
        if isinstance(headers, dict) and headers:
            yield inner.prose("**Response Headers**")
            yield Block(BlockKind.LIST, listed(_headers(inner, headers)), tabs=inner.context.tabs)
        yield from _bodies(inner, {"content": response.get("content")}, "Schema", is_request=False)


def _headers(page: _Page, headers: dict[str, Any]) -> Iterator[Any]:
    writer = SchemaWriter(page.described, is_request=False)
    for name, written in headers.items():
        header = written if isinstance(written, dict) else {}
        schema = header.get("schema")
        described = {key: header[key] for key in ("description", "example", "type") if key in header}
        yield writer.item(str(name), (schema if isinstance(schema, dict) else {}) | described, is_required=False)


def answers_heading(node: Node, context: Context) -> HeadingShown:
    """The heading above the tabs of an operation's answers."""
    heading_id = "" if context.is_lazy else attribute_text(node.attributes.get("id"), context.names) or "responses"
    label = attribute_text(node.attributes.get("label"), context.names) or "Responses"
    return HeadingShown(2, heading_id, label, context.is_hidden)


def _write_schema(page: _Page, node: Node) -> Iterator[Shown]:
    schema = attribute_value(node.attributes.get("schema"), page.context.names)
    is_request = page.text(node, "schemaType") == "request"
    yield from page.schema(schema if isinstance(schema, dict) else None, is_request=is_request)


def _write_export(page: _Page, node: Node) -> Iterator[Shown]:
    address = page.context.resources.links.plain_link(page.text(node, "url"))
    if address:
        yield page.prose(f"Export: [OpenAPI Spec]({address})")


def _write_logo(page: _Page, node: Node) -> Iterator[Shown]:
    logo = page.given(node, "logo")
    alt = logo.get("altText") if isinstance(logo, dict) else None
    if isinstance(alt, str) and alt.strip():
        yield page.prose(f"*{alt.strip()}*")


_WRITERS: dict[str, Callable[[_Page, Node], Iterator[Shown]]] = {
    "ApiExplorer/MethodEndpoint": _write_endpoint,
    "ApiExplorer/SecuritySchemes": _write_security,
    "ApiExplorer/Export": _write_export,
    "ApiLogo": _write_logo,
    "ParamsDetails": _write_parameters,
    "ParamsItem": _write_parameter,
    "RequestSchema": _write_request,
    "ResponseSchema": _write_response,
    "Schema": _write_schema,
    "SchemaItem": _write_schema_item,
    "StatusCodes": _write_answers,
}


def write_sample(context: Context) -> Iterator[Shown]:
    """The example that the page of a schema shows beside it."""
    values = context.module.front_matter.values
    if values.get("schema") is True and values.get("sample") is not None:
        text = json.dumps(values["sample"], indent=2, ensure_ascii=False, default=str)
        yield code_block(text, "json", (), context.tabs, context.module.front_matter.text("title") or "")
