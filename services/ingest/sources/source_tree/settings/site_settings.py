"""What a Docusaurus config decides about pages, and the schema of `docs-chat.site.yaml`.

Keys are snake_case or spelled as Docusaurus spells them (`baseUrl`). A minimal file:

    url: https://docs.example.org
    base_url: /
    docs:
      - path: docs
        route_base_path: docs
    blog: []
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic.alias_generators import to_camel

from services.ingest.sources.source_tree.settings.known_plugins import makes_alerts, reads_code
from services.runtime.errors import shown

DEFAULT_EXCLUDE = (
    "**/_*.{js,jsx,ts,tsx,md,mdx}",
    "**/_*/**",
    "**/*.test.{js,jsx,ts,tsx}",
    "**/__tests__/**",
)
ADMONITION_KEYWORDS = (
    "secondary",
    "info",
    "success",
    "danger",
    "note",
    "tip",
    "warning",
    "important",
    "caution",
)
MAX_GLOB_CHARS = 500
MAX_GLOB_STARS = 16

RelativePath = Annotated[str, Field(min_length=1, max_length=1000)]
Globs = Annotated[tuple[str, ...], Field(max_length=500)]


def _plugin_name(plugin: object) -> object:
    """Name of a remark plugin, which Docusaurus takes alone or with its options."""
    return plugin[0] if isinstance(plugin, list | tuple) and plugin else plugin


def _plugins(data: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and options of the remark plugins among the raw options of a content plugin."""
    plugins = (data.get("remarkPlugins") or data.get("remark_plugins")) if isinstance(data, dict) else None
    for plugin in plugins if isinstance(plugins, list | tuple) else ():
        name, *options = plugin if isinstance(plugin, list | tuple) and plugin else [plugin]
        if isinstance(name, str):
            yield name, options[0] if options and isinstance(options[0], dict) else {}


PluginName = Annotated[str, BeforeValidator(_plugin_name)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class Mdx1Compat(_Settings):
    """Which habits of MDX 1 still work; all of them unless `future.v4` says otherwise."""

    comments: bool = True
    """`<!-- -->` is a comment in MDX."""
    admonitions: bool = True
    """`:::note Title` is `:::note[Title]`."""
    heading_ids: bool = True
    """`## Heading {#id}` needs no backslash in MDX."""


class MarkdownSettings(_Settings):
    """The `markdown` part of the config."""

    format: Literal["mdx", "md", "detect"] = "mdx"
    """Format of a file whose front matter names none; `detect` goes by the extension."""
    mdx1_compat: Mdx1Compat = Mdx1Compat()
    maintain_case: bool = False
    """`markdown.anchors.maintainCase`: heading ids keep their capitals."""
    emoji: bool = True

    @model_validator(mode="before")
    @classmethod
    def _flatten_anchors(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("anchors"), dict):
            anchors = data["anchors"]
            kept = anchors.get("maintainCase", anchors.get("maintain_case", False))
            return {"maintain_case": kept} | {key: value for key, value in data.items() if key != "anchors"}
        return data


class LocaleSettings(_Settings):
    """One entry of `i18n.localeConfigs`."""

    base_url: str | None = None
    """Path the locale is served under; unset: baseUrl, with `<locale>/` unless it is the default one."""
    url: str | None = None
    path: str | None = None
    """Folder below `i18n.path`; unset: the locale's name."""
    translate: bool | None = None
    """Whether translated files are looked for; unset: when the folder exists."""


class I18nSettings(_Settings):
    """The `i18n` part of the config."""

    default_locale: str = "en"
    locales: tuple[str, ...] = ()
    path: RelativePath = "i18n"
    locale_configs: dict[str, LocaleSettings] = {}

    @property
    def all_locales(self) -> tuple[str, ...]:
        """The locales, the default one first."""
        return (self.default_locale, *(name for name in self.locales if name != self.default_locale))


class Npm2YarnSettings(_Settings):
    """Options of `@docusaurus/remark-plugin-npm2yarn`."""

    sync: bool = False
    """Whether all its tabs on the site change together."""
    converters: tuple[PluginName, ...] = ("yarn", "pnpm", "bun")
    """Package managers beside npm; converters that are programs of the site are not shown."""


class ContentSettings(_Settings):
    """Options that docs, blog and pages share."""

    id: str = "default"
    path: RelativePath
    """Content folder, relative to the site folder."""
    route_base_path: str
    include: Globs = ("**/*.{md,mdx}",)
    exclude: Globs = DEFAULT_EXCLUDE
    admonition_keywords: tuple[str, ...] | None = ADMONITION_KEYWORDS
    """Names of `:::` containers that are admonitions, `admonitions` in Docusaurus; None when they are switched off."""
    remark_plugins: tuple[PluginName, ...] = ()
    """Names of the remark plugins, those of `beforeDefaultRemarkPlugins` included; `remark-math` matters."""
    npm2yarn: Npm2YarnSettings | None = None
    """How code blocks marked `npm2yarn` are shown; None when that plugin is not among the remark plugins."""

    code_root: RelativePath | None = None
    """Folder that `<rootDir>` stands for in code blocks with `file=`; unset: the site folder."""

    @field_validator("include", "exclude")
    @classmethod
    def _glob_is_modest(cls, globs: tuple[str, ...]) -> tuple[str, ...]:
        for glob in globs:
            if len(glob) > MAX_GLOB_CHARS or glob.count("*") > MAX_GLOB_STARS:
                raise ValueError(f"the glob {shown(glob)} is too long or has too many stars")
        return globs

    @model_validator(mode="before")
    @classmethod
    def _read_admonitions(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "admonitions" not in data:
            return data
        data = dict(data)
        option = data.pop("admonitions")
        if option is False:
            return data | {"admonition_keywords": None}
        if isinstance(option, dict) and isinstance(option.get("keywords"), list | tuple):
            extends = option.get("extendDefaults", option.get("extend_defaults", True))
            return data | {"admonition_keywords": [*(ADMONITION_KEYWORDS if extends else ()), *option["keywords"]]}
        return data

    @model_validator(mode="before")
    @classmethod
    def _read_npm2yarn(cls, data: Any) -> Any:
        """Options of the plugin, from where Docusaurus takes them: `remarkPlugins: [[npm2yarn, {sync: true}]]`."""
        for name, options in _plugins(data):
            if "npm2yarn" in name.lower():
                return {"npm2yarn": options} | data
        return data

    @model_validator(mode="before")
    @classmethod
    def _read_code_root(cls, data: Any) -> Any:
        """`rootDir` of remark-code-import, or `baseDir` of remark-code-snippets."""
        for name, options in _plugins(data):
            root = options.get("rootDir", options.get("baseDir")) if reads_code(name) else None
            if isinstance(root, str) and root:
                return {"codeRoot": root} | data
        return data

    @property
    def reads_code(self) -> bool:
        """Whether a code block with `file=` shows that file."""
        return any(map(reads_code, self.remark_plugins))

    @property
    def github_alerts(self) -> str:
        """Name of the remark plugin that makes admonitions of `> [!NOTE]`; empty when there is none."""
        return next(filter(makes_alerts, self.remark_plugins), "")

    @property
    def has_math(self) -> bool:
        """Whether `$…$` is math."""
        return any("math" in name.lower() for name in self.remark_plugins)


class VersionSettings(_Settings):
    """One entry of a docs plugin's `versions`."""

    label: str | None = None
    path: str | None = None
    """URL part of the version; may be empty."""


class DocsSettings(ContentSettings):
    """One instance of the docs plugin."""

    path: RelativePath = "docs"
    route_base_path: str = "docs"
    number_prefix_parser: bool = True
    """Whether `01-intro.md` is served as `intro`."""
    versions: dict[str, VersionSettings] = {}
    last_version: str | None = None
    only_include_versions: tuple[str, ...] | None = None
    include_current_version: bool = True
    disable_versioning: bool = False
    sidebar_path: str | None = Field(default=None, exclude=True)
    """Sidebars file of the current version, which tells what pages there should be; decides nothing about them."""

    @field_validator("sidebar_path", mode="before")
    @classmethod
    def _switched_off(cls, path: Any) -> Any:
        return path if isinstance(path, str) else None


class BlogSettings(ContentSettings):
    """One instance of the blog plugin."""

    path: RelativePath = "blog"
    route_base_path: str = "blog"


class PagesSettings(ContentSettings):
    """One instance of the pages plugin; only Markdown pages are read."""

    path: RelativePath = "src/pages"
    route_base_path: str = "/"
    include: Globs = ("**/*.{js,jsx,ts,tsx,md,mdx}",)


def _slashed(path: str) -> str:
    return f"/{path.strip('/')}/" if path.strip("/") else "/"


class SiteSettings(_Settings):
    """Everything about a site that its pages' addresses and texts depend on."""

    url: str = Field(pattern=r"^https?://[^/\s?#]+/?$", max_length=500)
    """Scheme and host, without a path."""
    base_url: str = Field(default="/", max_length=500)
    """Path of the site's root, with `/` at both ends."""
    title: str = ""
    trailing_slash: bool | None = None
    """Unset: addresses as computed; true: with a slash at the end; false: without."""
    i18n: I18nSettings = Field(default=I18nSettings(), alias="i18n")
    markdown: MarkdownSettings = MarkdownSettings()
    docs: tuple[DocsSettings, ...] = (DocsSettings(),)
    """Instances of the docs plugin; an empty list when there is none."""
    blog: tuple[BlogSettings, ...] = (BlogSettings(),)
    pages: tuple[PagesSettings, ...] = (PagesSettings(),)
    magic_comments: tuple[str, ...] = ("highlight-next-line", "highlight-start", "highlight-end")
    """Words of the comments that the theme takes out of code blocks."""

    @field_validator("url")
    @classmethod
    def _without_end_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @field_validator("base_url")
    @classmethod
    def _with_slashes(cls, base_url: str) -> str:
        return _slashed(base_url)

    @model_validator(mode="before")
    @classmethod
    def _apply_future(cls, data: Any) -> Any:
        """`future.v4` switches the MDX 1 compatibility off, unless `markdown.mdx1Compat` says otherwise."""
        if not isinstance(data, dict):
            return data
        future = data.get("future")
        v4 = future.get("v4") if isinstance(future, dict) else data.get("future_v4", data.get("futureV4"))
        disabled = v4 is True or (isinstance(v4, dict) and v4.get("mdx1CompatDisabledByDefault") is True)
        if not disabled:
            return data
        off = {"comments": False, "admonitions": False, "heading_ids": False}
        markdown = data.get("markdown")
        markdown = markdown if isinstance(markdown, dict) else {}
        said = markdown.get("mdx1_compat", markdown.get("mdx1Compat")) or {}
        said = {("heading_ids" if key == "headingIds" else key): value for key, value in said.items()}
        markdown = {key: value for key, value in markdown.items() if key != "mdx1Compat"}
        return data | {"markdown": markdown | {"mdx1_compat": off | said}}
