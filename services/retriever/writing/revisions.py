"""Revisions of a site: begun under a lease, published by moving one pointer, taken back the same way.

A point is visible in revision r when `since ≤ r < until`. Writing revision n gives new points `since = n` and closes
old ones with `until = n`, so until the pointer moves nobody sees a difference. What a crash leaves behind is undone by
the next `begin`: points closed after the published revision are live again, points made after it are deleted.
"""

import logging
import re
from dataclasses import replace

from services.retriever.embedding.sparse import AVERAGE_LENGTH
from services.retriever.payloads import FOREVER, PointKind
from services.retriever.sites.manifest import Manifest, OpenRevision, Revision, SiteProfile
from services.retriever.sites.sites import Sites
from services.retriever.store.port import Store, Where
from services.runtime.errors import (
    InvalidRequest,
    RevisionConflict,
    RevisionNotKept,
    RevisionNotOpen,
    SiteNotFound,
    shown,
)
from services.runtime.page_addresses import origin_of

logger = logging.getLogger(__name__)

DEFAULT_LEASE_S = 60.0
_LEASE_BOUNDS_S = (5.0, 600.0)
_MAX_OWNER, _MAX_ORIGINS, _MAX_ACCOUNT_ENTRIES = 200, 100, 500
_SITE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


class Revisions:
    """What can happen to a site as a whole.

    Args:
        sites: The sites.
        kept_for_roll_back: Revisions kept besides the published one.
    """

    def __init__(self, sites: Sites, *, kept_for_roll_back: int = 1) -> None:
        self._sites = sites
        self._kept_for_roll_back = kept_for_roll_back

    async def begin(
        self,
        profile: SiteProfile,
        owner: str,
        *,
        lease_s: float = 0.0,
        take_over: bool = False,
        anew: bool = False,
    ) -> tuple[Manifest, OpenRevision]:
        """Open the next revision of a site; what an earlier run left half done is undone first.

        Raises:
            InvalidRequest: If the profile, the owner or the lease is not as the contract says.
            RevisionConflict: If another run's lease is running.
            EmbeddingModelMismatch: If the site was indexed with another model.
        """
        lease_s = lease_s or DEFAULT_LEASE_S
        _check(profile, owner, lease_s)
        async with self._sites.lock(profile.site), self._sites.write_lock(profile.site).exclusive():
            manifest = await self._sites.manifest(profile.site) or self._new_manifest(profile.site)
            self._sites.check_model(manifest)
            if not take_over:
                self._raise_if_leased(manifest)
            fresh = not manifest.engine
            store = await self._sites.store(profile.site, create=True)
            number = manifest.highest_revision + 1
            kept = tuple(kept for kept in manifest.kept if kept.number <= manifest.published_revision)
            base = self._new_manifest(profile.site) if fresh else manifest
            base = replace(base, generation=manifest.generation, highest_revision=number, kept=kept, open=None)
            manifest = await self._sites.save(base)  # from here on an older open revision cannot write
            await _undo_unpublished(store, manifest)
            expires_at_s = self._sites.now() + lease_s
            opened = OpenRevision(number, owner, lease_s, expires_at_s, profile, anew)
            logger.info("revision begun", extra={"site": profile.site, "revision": number, "owner": owner})
            return await self._sites.save(replace(manifest, open=opened)), opened

    async def renew(self, site: str, revision: int) -> float:
        """Extend the lease of the open revision; returns how long it runs from now, in seconds."""
        async with self._sites.lock(site):
            manifest, opened = await self.open_revision(site, revision)
            expires_at_s = self._sites.now() + opened.lease_s
            # Saved only now and then: each time a file is synchronised.
            if expires_at_s - opened.expires_at_s > opened.lease_s / 4:
                await self._sites.save(replace(manifest, open=replace(opened, expires_at_s=expires_at_s)))
            return opened.lease_s

    async def open_revision(self, site: str, revision: int) -> tuple[Manifest, OpenRevision]:
        """The site with its open revision.

        Raises:
            RevisionNotOpen: If that revision is not the open one.
        """
        manifest = await self._sites.manifest(site)
        opened = manifest.open if manifest else None
        if manifest is None or opened is None or opened.number != revision:
            found = f"revision {opened.number} of {shown(opened.owner)} is" if opened else "none is"
            raise RevisionNotOpen(
                f"revision {revision} of site {shown(site)} is not open ({found}): begin a new one", site=site
            )
        return manifest, opened

    async def publish(self, site: str, revision: int) -> Manifest:
        """Show the open revision to readers, durably, then delete what no kept revision sees."""
        async with self._sites.lock(site), self._sites.write_lock(site).exclusive():
            manifest, opened = await self.open_revision(site, revision)
            store = await self._sites.store(site)
            # What another process still wrote into a revision that was taken from it must not surface with this one.
            await store.delete_where(
                Where(above={"since": manifest.published_revision}, at_most={"since": revision - 1})
            )
            published = await self._describe(store, opened)
            await store.flush()
            kept = (
                (*manifest.kept[-self._kept_for_roll_back :], published) if self._kept_for_roll_back else (published,)
            )
            manifest = await self._sites.save(
                replace(manifest, published_revision=revision, kept=kept, open=None, set_aside="")
            )
            logger.info("revision published", extra={"site": site, "revision": revision})
            await _collect_garbage(store, manifest)
            return manifest

    async def abandon(self, site: str, revision: int) -> None:
        """Drop the open revision."""
        async with self._sites.lock(site), self._sites.write_lock(site).exclusive():
            manifest, _ = await self.open_revision(site, revision)
            manifest = await self._sites.save(replace(manifest, open=None))
            await _undo_unpublished(await self._sites.store(site), manifest)
            logger.info("revision abandoned", extra={"site": site, "revision": revision})

    async def roll_back(self, site: str, revision: int = 0) -> Manifest:
        """Show a kept revision again; 0 means the newest one before the published."""
        async with self._sites.lock(site):
            manifest = await self._sites.manifest(site)
            if manifest is None or manifest.published is None:
                raise SiteNotFound(f"no site {shown(site)} is published", site=site)
            if manifest.open is not None:
                self._raise_if_leased(manifest)
            wanted = _choose(manifest, revision)
            logger.info("rolled back", extra={"site": site, "revision": wanted})
            return await self._sites.save(replace(manifest, published_revision=wanted, open=None))

    async def delete(self, site: str) -> bool:
        """Remove a site with everything; False when there was nothing."""
        async with self._sites.lock(site), self._sites.write_lock(site).exclusive():
            manifest = await self._sites.manifest(site)
            if manifest is None:
                return False
            self._raise_if_leased(manifest)
            await self._sites.drop(site)
            logger.info("site deleted", extra={"site": site})
            return True

    def _new_manifest(self, site: str) -> Manifest:
        return Manifest(site, self._sites.engine.name, self._sites.embedder.model_id, AVERAGE_LENGTH)

    def _raise_if_leased(self, manifest: Manifest) -> None:
        opened = manifest.open
        if opened is None or opened.expires_at_s <= self._sites.now():
            return
        left_s = opened.expires_at_s - self._sites.now()
        raise RevisionConflict(
            f"revision {opened.number} of site {manifest.site!r} is being written by {shown(opened.owner)}; its lease "
            f"ends in {left_s:.0f} s: wait, or take it over if that run is dead",
            site=manifest.site,
            owner=opened.owner,
            expires_at=f"{opened.expires_at_s:.0f}",
        )

    async def _describe(self, store: Store, opened: OpenRevision) -> Revision:
        visible = Where(at_most={"since": opened.number}, above={"until": opened.number})
        documents = await store.count(visible & Where(any_of={"point": (PointKind.DOCUMENT,)}))
        chunks = await store.count(visible & Where(any_of={"point": (PointKind.CHUNK,)}))
        return Revision(opened.number, self._sites.now(), documents, chunks, opened.profile)


async def _undo_unpublished(store: Store, manifest: Manifest) -> None:
    """Undo whatever was written after the published revision."""
    published = manifest.published_revision
    await store.delete_where(Where(above={"since": published}))
    await store.set_until_where(Where(above={"until": published}, at_most={"until": FOREVER - 1}), FOREVER)
    await _collect_garbage(store, manifest)


async def _collect_garbage(store: Store, manifest: Manifest) -> None:
    """Delete the points that no kept revision sees."""
    oldest = min((kept.number for kept in manifest.kept), default=manifest.published_revision)
    await store.delete_where(Where(at_most={"until": oldest}))


def _choose(manifest: Manifest, revision: int) -> int:
    kept = [kept.number for kept in manifest.kept]
    older = [number for number in kept if number < manifest.published_revision]
    if not revision and older:
        return older[-1]
    if revision in kept:
        return revision
    listed = ", ".join(str(number) for number in kept)
    wanted = f"revision {revision}" if revision else "an older revision"
    message = f"{wanted} of site {manifest.site!r} is not kept; kept: {listed}"
    raise RevisionNotKept(message, site=manifest.site, kept=listed)


def _check(profile: SiteProfile, owner: str, lease_s: float) -> None:
    violations = {}
    if not _SITE_NAME.fullmatch(profile.site):
        violations["profile.site"] = "1 to 64 lower-case letters, digits and hyphens, no hyphen at either end"
    if not profile.locales or not all(profile.locales):
        violations["profile.locales"] = "name at least one locale, the default one first"
    if not _is_root(profile.base_url):
        violations["profile.base_url"] = "an http or https address that ends in a slash, without user name and query"
    if len(profile.origins) > _MAX_ORIGINS or not all(map(origin_of, profile.origins)):
        violations["profile.origins"] = f"at most {_MAX_ORIGINS} origins such as https://fr.example.org"
    if problem := _roots_problem(profile):
        violations["profile.locale_roots"] = problem
    if len(profile.account) > _MAX_ACCOUNT_ENTRIES:
        violations["profile.account"] = f"at most {_MAX_ACCOUNT_ENTRIES} entries"
    if len(owner) > _MAX_OWNER:
        violations["owner"] = f"at most {_MAX_OWNER} characters"
    if not _LEASE_BOUNDS_S[0] <= lease_s <= _LEASE_BOUNDS_S[1]:
        violations["lease"] = "5 s to 10 min"
    if violations:
        described = "; ".join(f"{field}: {problem}" for field, problem in violations.items())
        raise InvalidRequest(f"the revision cannot begin: {described}", violations=violations)


def _is_root(address: str) -> bool:
    return bool(origin_of(address)) and address.endswith("/") and not set(address) & {"?", "#"}


def _roots_problem(profile: SiteProfile) -> str:
    """What is wrong with the roots of the locales; empty when nothing is."""
    roots = profile.locale_roots
    named = [root.locale for root in roots]
    if len(set(named)) != len(named) or not set(named) <= set(profile.locales):
        return "at most one root for each of the locales, and for no other"
    if not all(_is_root(root.base_url) and origin_of(root.base_url) in profile.page_origins for root in roots):
        return "each an address on the site's origins that ends in a slash, without user name and query"
    return ""
