"""Which tags of a page are components of docusaurus-openapi-docs."""

from services.ingest.sources.source_tree.parsing.mdx.nodes import Node
from services.ingest.sources.source_tree.showing.context import Context

_THEME = "@theme/"
TABS = frozenset({"ApiTabs", "MimeTabs", "SchemaTabs", "OperationTabs", "DiscriminatorTabs"})
_COMPONENTS = frozenset(
    {
        *("ApiExplorer/MethodEndpoint", "ApiExplorer/SecuritySchemes", "ApiExplorer/Export"),
        *("ParamsDetails", "ParamsItem", "RequestSchema", "ResponseSchema", "StatusCodes", "Schema", "SchemaItem"),
        *("ApiLogo",),
        *TABS,
    }
)


def api_component(node: Node, context: Context) -> str:
    """Name of the component below `@theme/` that a tag stands for; empty when it is another one."""
    found = context.imported(node.name) if node.name[:1].isupper() else None
    name = found.specifier.removeprefix(_THEME) if found is not None and found.specifier.startswith(_THEME) else ""
    return name if name in _COMPONENTS else ""
