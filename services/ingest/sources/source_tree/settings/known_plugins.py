"""Plugins that are known: those whose effect on pages is followed, those without one, and those that make pages."""

import re

_CODE = r"code-?(?:import|snippets?|include)|(?:embed|import)-?(?:code|snippets?)"
_ALERTS = r"github.*(?:admonition|alert|callout)"
_READS_CODE = re.compile(_CODE, re.IGNORECASE)
_MAKES_ALERTS = re.compile(_ALERTS, re.IGNORECASE)
_FOLLOWED = re.compile(rf"npm2yarn|math|{_CODE}|{_ALERTS}", re.IGNORECASE)
_WITHOUT_EFFECT = re.compile(
    r"katex|mathjax|mathml|mermaid|kroki|emoji|external-?links|remark-gfm|remark-frontmatter|breaks|smartypants"
    r"|images?|pretty-?code|shiki|prism|highlight|slug|autolink|unwrap|sectionize|a11y|accessib|lazy|figure"
    r"|codesandbox|sandpack|tab-?blocks|mdx-code-block|remark-comment|sources?$|add-classes|rehype-raw|lint|validate",
    re.IGNORECASE,
)
_MAKES_PAGES = re.compile(
    r"openapi|typedoc|redoc|graphql|swagger|scalar|api-?extractor|changelog|releases?-?notes|remote-content|javadoc"
    r"|dokka|doxygen|pydoc|protobuf|asyncapi|storybook|notebook|jupyter|content-(?:docs|blog|pages)|from-markdown",
    re.IGNORECASE,
)


def reads_code(name: str) -> bool:
    """Whether a remark plugin puts files into code blocks that name them."""
    return _READS_CODE.search(name) is not None


def makes_alerts(name: str) -> bool:
    """Whether a remark plugin makes admonitions of GitHub's alerts."""
    return _MAKES_ALERTS.search(name) is not None


def has_options(name: str) -> bool:
    """Whether the options of a remark plugin change what is shown."""
    return "npm2yarn" in name or reads_code(name)


def is_text_known(name: str) -> bool:
    """Whether a remark or rehype plugin leaves the words of a page as they are read."""
    return _FOLLOWED.search(name) is not None or (not name.startswith(".") and _WITHOUT_EFFECT.search(name) is not None)


def makes_pages(name: str) -> bool:
    """Whether a plugin of the site, going by its name, adds pages or writes their files."""
    return _MAKES_PAGES.search(name) is not None
