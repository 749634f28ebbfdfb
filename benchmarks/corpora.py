"""Real sites, indexed as in production: source tree, chunks, retriever, over a real port.

`python -m benchmarks.corpora [SITE …]` fills the index once; the other benchmarks read it. Needs DOCS_CHAT_CORPORA.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc

from services.ingest.run.pipeline import IngestOptions, ingest_site
from services.ingest.run.retriever_client import RetrieverClient
from services.ingest.sources.source_tree.js_yaml import load_yaml
from services.ingest.sources.source_tree.settings.site_config import SiteConfig, read_site_config
from services.ingest.sources.source_tree.settings.site_settings import SiteSettings
from services.ingest.sources.source_tree.source import SourceTree
from services.retriever import server
from services.retriever.embedding.local_embedder import LocalEmbedder
from services.retriever.settings import RetrieverSettings
from services.retriever.sites.sites import Sites
from services.runtime.channels import ChannelSecurity, open_channel

INDEX = Path(os.environ.get("DOCS_CHAT_BENCH_INDEX", "benchmarks/results/index"))
SITES = {
    "redux": "redux/website",
    "redux-toolkit": "redux-toolkit/website",
    "go-kratos": "go-kratos",
    "react-native-website": "react-native-website/website",
}
"""Site folder of each corpus."""
SIX_SITES = {
    "detox": ("detox/website", "https://wix.github.io/Detox/"),
    "electron": ("electron", "https://www.electronjs.org/"),
    "ent": ("ent/doc/website", "https://entgo.io/"),
    "moon": ("moon/website", "https://moonrepo.dev/"),
    "webdriverio": ("webdriverio/website", "https://webdriver.io/"),
    "woodpecker": ("woodpecker/docs", "https://woodpecker-ci.org/"),
}
"""Site folder and base URL of further sites, which come with their configs; `NAME.settings.yaml` may add to them."""
OWN_DOCS = "docs"
"""Name of docs-chat's own documentation among the sites."""
_ONLY_VERSION = {"react-native-website": "0.86"}
"""Of a site with many versions only this one is indexed: a reader's question is about one."""


def json_lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a file with a JSON object per line."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Sites, grpc.aio.Channel]]:
    """A retriever over the benchmark index, in this process but over a real port."""
    settings = RetrieverSettings(_env_file=None, port=0, data_dir=INDEX, cached_searches=0)
    embedder = LocalEmbedder(cached_queries=0)
    try:
        async with (
            server.serving(settings, embedder) as retriever,
            open_channel(f"127.0.0.1:{retriever.port}", ChannelSecurity()) as channel,
        ):
            yield retriever.sites, channel
    finally:
        await embedder.close()


async def index_site(channel: grpc.aio.Channel, name: str) -> None:
    """Ingest one site from its source tree."""
    index = RetrieverClient(channel, timeout_s=60, write_timeout_s=1800, lease_s=600)

    async def ignore(event: object) -> None:
        del event

    started = time.perf_counter()
    await ingest_site(open_source(name), IngestOptions(name, take_over=True, force=True), index, ignore)
    print(f"{name}: indexed in {time.perf_counter() - started:.0f} s", flush=True)


def open_source(name: str) -> SourceTree:
    """The source tree of a corpus, or of our own documentation."""
    if name == OWN_DOCS:
        folder = Path(__file__).parents[1] / "docs"
        return SourceTree(folder, read_site_config(folder))
    corpora = Path(os.environ["DOCS_CHAT_CORPORA"])
    if name in SIX_SITES:
        return _open_with_its_config(corpora, name)
    meta = json.loads((corpora / "truth" / f"{name}.meta.json").read_text("utf-8"))
    settings = site_settings(meta)
    if version := _ONLY_VERSION.get(name):
        for docs in settings["docs"]:
            if version in docs.get("versions", {}):
                docs |= {"onlyIncludeVersions": [version], "versions": {version: docs["versions"][version]}}
    return SourceTree(corpora / SITES[name], SiteConfig(SiteSettings.model_validate(settings), roots=(corpora / name,)))


def _open_with_its_config(corpora: Path, name: str) -> SourceTree:
    """A site whose config is read as in production."""
    folder, base_url = SIX_SITES[name]
    file = corpora / f"{name}.settings.yaml"
    explicit = load_yaml(file.read_text("utf-8")) if file.is_file() else None
    config = read_site_config(
        corpora / folder,
        explicit=explicit,
        base_url=base_url,
        named_folder=corpora / name,
        readable_root=corpora / name,
    )
    return SourceTree(corpora / folder, config)


def site_settings(meta: dict[str, Any]) -> dict[str, Any]:
    """Explicit settings: what the site's config resolved to when it was really built."""
    first = next(iter(meta["locales"].values()))
    plugins: dict[str, list[dict[str, Any]]] = {"docs": [], "blog": [], "pages": []}
    for plugin in first["plugins"]:
        options = {key: value for key, value in plugin["options"].items() if value is not None}
        options |= {"numberPrefixParser": True, "remarkPlugins": []}
        plugins[plugin["name"].rsplit("-", 1)[1]].append(options)
    keys = ("url", "baseUrl", "trailingSlash", "title", "i18n", "markdown")
    return {key: first[key] for key in keys} | plugins


def _present(*names: str) -> list[str]:
    """Those of the sites that are there."""
    corpora = Path(os.environ["DOCS_CHAT_CORPORA"])
    folders = {OWN_DOCS: Path("docs"), **{name: corpora / folder for name, folder in SITES.items()}}
    folders |= {name: corpora / folder for name, (folder, _) in SIX_SITES.items()}
    return [name for name in names if folders[name].is_dir()]


async def _main(names: list[str]) -> None:
    async with serving() as (_, channel):
        for name in names or _present(OWN_DOCS, *SITES, *SIX_SITES):
            await index_site(channel, name)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
