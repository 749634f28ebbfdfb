"""Sites: what an ingestion tells of one, and what is published of it."""

from docs_chat.retriever.v1 import documents_pb2 as pb

from services.retriever.sites.manifest import AccountEntry, LocaleRoot, Manifest, SiteProfile, SiteVersion
from services.runtime.errors import SiteNotFound
from services.runtime.times import timestamp


def profile_from_proto(message: pb.SiteProfile) -> SiteProfile:
    """A site as an ingestion saw it."""
    versions = tuple(
        SiteVersion(version.name, version.label, version.is_last, version.plugin_id, version.path)
        for version in message.versions
    )
    return SiteProfile(
        message.site,
        message.base_url,
        message.title,
        versions,
        tuple(message.locales),
        message.source_commit,
        tuple(message.origins),
        tuple(_entry_from_proto(entry) for entry in message.account),
        tuple(LocaleRoot(root.locale, root.base_url) for root in message.locale_roots),
    )


def _entry_from_proto(entry: pb.AccountEntry) -> AccountEntry:
    return AccountEntry(
        entry.part,
        entry.known_from,
        entry.state,
        entry.expected,
        entry.read,
        entry.left_out,
        entry.why,
        entry.advice,
        entry.refuses,
    )


def profile_to_proto(profile: SiteProfile) -> pb.SiteProfile:
    """A site as the contract says."""
    versions = [
        pb.SiteVersion(
            name=version.name,
            label=version.label,
            is_last=version.is_last,
            plugin_id=version.plugin_id,
            path=version.path,
        )
        for version in profile.versions
    ]
    return pb.SiteProfile(
        site=profile.site,
        base_url=profile.base_url,
        title=profile.title,
        versions=versions,
        locales=profile.locales,
        source_commit=profile.source_commit,
        origins=profile.origins,
        account=[_entry_to_proto(entry) for entry in profile.account],
        locale_roots=[pb.LocaleRoot(locale=root.locale, base_url=root.base_url) for root in profile.locale_roots],
    )


def _entry_to_proto(entry: AccountEntry) -> pb.AccountEntry:
    return pb.AccountEntry(
        part=entry.part,
        known_from=entry.known_from,
        state=pb.AccountState.ValueType(entry.state),
        expected=entry.expected,
        read=entry.read,
        left_out=entry.left_out,
        why=entry.why,
        advice=entry.advice,
        refuses=entry.refuses,
    )


def site_to_proto(manifest: Manifest) -> pb.Site:
    """The published state of a site.

    Raises:
        SiteNotFound: If nothing of it is published.
    """
    revision = manifest.published
    if revision is None:
        raise SiteNotFound(f"nothing of site {manifest.site!r} is published", site=manifest.site)
    others = [kept.number for kept in manifest.kept if kept.number != revision.number]
    return pb.Site(
        profile=profile_to_proto(revision.profile),
        revision=revision.number,
        published_at=timestamp(revision.published_at_s),
        document_count=revision.document_count,
        chunk_count=revision.chunk_count,
        embedding_model=manifest.embedding_model,
        kept_revisions=sorted(others, reverse=True),
        open_revision=manifest.open.number if manifest.open else 0,
    )
