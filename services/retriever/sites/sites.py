"""The sites of this index: each with its manifest and its open store."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from services.retriever.concurrency.shared_lock import SharedLock
from services.retriever.embedding.embedder import Embedder
from services.retriever.sites.manifest import FORMAT, Manifest, Manifests, Revision
from services.retriever.store.port import Engine, Store, StoreUnusable, Where
from services.runtime.errors import EmbeddingModelMismatch, IndexUnavailable, InvalidRequest, SiteNotFound, shown
from services.runtime.page_addresses import lies_under

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PublishedSite:
    """One site at one revision: what a search sees from its first to its last look."""

    name: str
    store: Store
    manifest: Manifest
    revision: Revision

    @property
    def identity(self) -> tuple[str, int, float]:
        """Equal only for the same content: numbers start over when a site is deleted and ingested again."""
        return self.name, self.revision.number, self.revision.published_at_s

    @property
    def visible(self) -> Where:
        """Points that belong to the revision."""
        return Where(at_most={"since": self.revision.number}, above={"until": self.revision.number})


class Sites:
    """All sites, read once at start and kept up to date.

    Args:
        engine: Where stores live.
        manifests: Where manifests live.
        embedder: The model that this process embeds with.
        fresh_for_s: Seconds after which manifests are read again because other processes may write them too;
            infinite when this process is the only one.
        now: Clock, in seconds since the epoch.
    """

    def __init__(
        self,
        engine: Engine,
        manifests: Manifests,
        embedder: Embedder,
        *,
        fresh_for_s: float = float("inf"),
        now: Callable[[], float] = time.time,
    ) -> None:
        self.engine = engine
        self.embedder = embedder
        self.now = now
        self._manifests = manifests
        self._fresh_for_s = fresh_for_s
        self._read_at = float("-inf")
        self._known: dict[str, Manifest] = {}
        self._stores: dict[str, Store] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._write_locks: dict[str, SharedLock] = {}
        self._opening = asyncio.Lock()
        self._opened = asyncio.Event()
        self._unreachable: IndexUnavailable | None = None

    async def open_all(self) -> None:
        """Read all manifests and open every store; one that cannot be used is set aside, not fatal.

        Calls that come before or meanwhile wait; calls after a failure get that error.

        Raises:
            IndexUnavailable: If the engine cannot be reached; call it again then.
        """
        self._opened.clear()
        try:
            await self._read_manifests()
            for manifest in list(self._known.values()):
                await self._open_or_set_aside(manifest)
            self._unreachable = None
        except IndexUnavailable as error:
            self._unreachable = error
            raise
        finally:
            self._opened.set()

    async def close(self) -> None:
        for store in self._stores.values():
            await store.close()
        self._stores.clear()
        await self.engine.close()

    def lock(self, site: str) -> asyncio.Lock:
        """Held while a site's manifest changes."""
        return self._locks.setdefault(site, asyncio.Lock())

    def write_lock(self, site: str) -> SharedLock:
        """Shared by the page writes of a site; held alone while the site changes as a whole."""
        return self._write_locks.setdefault(site, SharedLock())

    async def published(self, site: str, *, page_uri: str = "", default: str = "") -> PublishedSite:
        """The site as readers see it.

        Args:
            site: Its name; empty leaves the choice to the page.
            page_uri: Page the reader is on: it tells the site when it lies under the base URL of one.
            default: Site to take where the page tells none; empty stands for the only one.

        Raises:
            SiteNotFound: If nothing of that name is published.
            EmbeddingModelMismatch: If it was made with another embedding model.
            InvalidRequest: If nothing tells the site and several are published.
        """
        await self._refresh()
        name = site or self._site_of(page_uri) or default or self._only_site()
        manifest = self._known.get(name)
        revision = manifest.published if manifest else None
        if manifest is None or revision is None:
            raise SiteNotFound(_not_found(name, manifest), site=name)
        self.check_model(manifest)
        return PublishedSite(name, await self.store(name), manifest, revision)

    async def all_published(self) -> list[Manifest]:
        """Manifests of all sites with a published revision, by name."""
        await self._refresh()
        return [self._known[name] for name in self._published_names()]

    async def manifest(self, site: str) -> Manifest | None:
        """State of a site, published or not."""
        await self._refresh()
        return self._known.get(site)

    async def save(self, manifest: Manifest) -> Manifest:
        """Make a changed manifest the state of its site, durably."""
        written = await self._manifests.write(manifest)
        self._known[manifest.site] = written
        return written

    async def store(self, site: str, *, create: bool = False) -> Store:
        """The open store of a site."""
        if (known := self._stores.get(site)) is not None:
            return known
        async with self._opening:
            if site not in self._stores:
                self._stores[site] = await self.engine.open(site, dimension=self.embedder.dimension, create=create)
        return self._stores[site]

    async def drop(self, site: str) -> None:
        """Delete a site. The manifest goes first: points without one are never looked at."""
        await self._manifests.delete(site)
        self._known.pop(site, None)
        if (store := self._stores.pop(site, None)) is not None:
            await store.close()
        await self.engine.drop(site)

    def check_model(self, manifest: Manifest) -> None:
        """Raise unless the site was made with the embedding model of this process."""
        if manifest.embedding_model in {"", self.embedder.model_id}:
            return
        command = f"docs-chat delete-site {manifest.site}"
        raise EmbeddingModelMismatch(
            f"site {manifest.site!r} was indexed with {manifest.embedding_model}, this retriever embeds with "
            f"{self.embedder.model_id}: delete the site ({command}) and ingest it again; if only RETRIEVER_EMBEDDING "
            "was changed, setting it back will do",
            site=manifest.site,
            command=command,
            index_model=manifest.embedding_model,
            model=self.embedder.model_id,
        )

    async def _open_or_set_aside(self, manifest: Manifest) -> None:
        try:
            self._raise_if_outdated(manifest)
            if manifest.highest_revision and not manifest.set_aside:
                await self.store(manifest.site)
        except StoreUnusable as error:
            where = await self.engine.set_aside(manifest.site)
            logger.error(
                "the index of a site cannot be used and was set aside; ingest the site again",
                extra={"site": manifest.site, "reason": str(error), "moved_to": where},
            )
            await self.save(_emptied(manifest, str(error)))

    def _raise_if_outdated(self, manifest: Manifest) -> None:
        if manifest.set_aside and not manifest.format:
            raise StoreUnusable(manifest.set_aside)
        if manifest.engine and (manifest.engine, manifest.format) != (self.engine.name, FORMAT):
            raise StoreUnusable(f"it was made by {manifest.engine}, format {manifest.format}")

    async def _refresh(self) -> None:
        await self._opened.wait()
        if self._unreachable is not None:
            raise IndexUnavailable(self._unreachable.message, retry_after_s=1.0)
        if self.now() - self._read_at >= self._fresh_for_s:
            await self._read_manifests()

    async def _read_manifests(self) -> None:
        self._known = dict(await self._manifests.read_all())
        self._read_at = self.now()

    def _published_names(self) -> list[str]:
        return sorted(name for name, manifest in self._known.items() if manifest.published)

    def _site_of(self, page_uri: str) -> str:
        """The site whose base URL a page lies under, the closest one of several; empty when it lies under none."""
        closest, name = "", ""
        for site in self._published_names() if page_uri else ():
            revision = self._known[site].published
            for address in revision.profile.roots if revision else ():
                if lies_under(page_uri, address) and len(address) > len(closest):
                    closest, name = address, site
        return name

    def _only_site(self) -> str:
        names = self._published_names()
        if len(names) > 1:
            message = "name the site: several are published, and the address of the page lies under none of them"
            raise InvalidRequest(message, violations={"site": message})
        if not names:
            raise SiteNotFound("nothing is indexed yet: ingest a site first (make ingest SITE=…)", site="")
        return names[0]


def _emptied(manifest: Manifest, reason: str) -> Manifest:
    """The manifest without points, so that the next ingestion starts from nothing. Revision numbers go on."""
    return replace(
        manifest,
        engine="",
        embedding_model="",
        published_revision=0,
        kept=(),
        open=None,
        set_aside=reason,
        format=FORMAT,
    )


def _not_found(name: str, manifest: Manifest | None) -> str:
    if manifest is not None and manifest.set_aside:
        return f"the index of site {shown(name)} was set aside because {manifest.set_aside}: ingest the site again"
    if manifest is not None and manifest.open is not None:
        return f"site {shown(name)} is being ingested for the first time; nothing is published yet"
    return f"no site {shown(name)} is published: ingest it first (make ingest SITE=…), or see docs-chat sites"
