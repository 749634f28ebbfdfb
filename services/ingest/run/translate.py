"""Sites, documents and chunks as messages of the retriever's contract."""

from docs_chat.retriever.v1 import documents_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from services.ingest.chunking.split import Chunk, SplitDocument
from services.ingest.document import AccountEntry, SitePages
from services.runtime.document_kind import kind_to_proto

MAX_ACCOUNT_ENTRIES = 500


def profile_to_proto(site: str, pages: SitePages, source_commit: str) -> pb.SiteProfile:
    """The site as the index describes it."""
    versions = [
        pb.SiteVersion(
            name=version.name,
            label=version.label,
            is_last=version.is_last,
            plugin_id=version.plugin_id,
            path=version.path,
        )
        for version in pages.versions
    ]
    return pb.SiteProfile(
        site=site,
        base_url=pages.base_url,
        title=pages.title,
        versions=versions,
        locales=pages.locales,
        source_commit=source_commit,
        origins=pages.origins,
        locale_roots=[pb.LocaleRoot(locale=root.locale, base_url=root.base_url) for root in pages.locale_roots],
        account=[_entry_to_proto(entry) for entry in pages.account[:MAX_ACCOUNT_ENTRIES]],
    )


def _entry_to_proto(entry: AccountEntry) -> pb.AccountEntry:
    return pb.AccountEntry(
        part=entry.part,
        known_from=entry.known_from,
        state=pb.AccountState.Value(f"ACCOUNT_STATE_{entry.state.name}"),
        expected=entry.expected,
        read=entry.read,
        left_out=entry.left_out,
        why=entry.why,
        advice=entry.advice,
        refuses=entry.refuses,
    )


def document_to_proto(split: SplitDocument, source_hash: str) -> pb.Document:
    """A document with its hashes."""
    document, page = split.document, split.document.page
    message = pb.Document(
        uri=page.uri,
        title=document.title,
        kind=kind_to_proto(page.kind),
        version=page.version,
        locale=page.locale,
        tags=document.tags,
        description=document.description,
        content_hash=split.content_hash,
        source_hash=source_hash,
        source_paths=document.source_paths,
        plugin_id=page.plugin_id,
        untranslated_in=page.untranslated_in,
    )
    if document.last_updated_at is not None:
        changed = Timestamp()
        changed.FromDatetime(document.last_updated_at)
        message.last_updated_at.CopyFrom(changed)
    if document.published_at is not None:
        published = Timestamp()
        published.FromDatetime(document.published_at)
        message.published_at.CopyFrom(published)
    return message


def chunk_to_proto(chunk: Chunk, *, with_text: bool = True) -> pb.Chunk:
    """A chunk, with or without its text."""
    return pb.Chunk(
        ordinal=chunk.ordinal,
        anchor=chunk.anchor,
        heading_path=chunk.heading_path,
        text=chunk.text if with_text else "",
        code_languages=chunk.code_languages,
        tabs=chunk.tabs,
        part=chunk.part,
        content_hash=chunk.content_hash,
        anchor_path=chunk.anchor_path,
    )
