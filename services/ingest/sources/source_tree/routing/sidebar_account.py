"""Whether every entry of a version's sidebars has a page: an entry without one is a page that was not found."""

from collections.abc import Mapping
from functools import partial

from services.ingest.document import AccountEntry, AccountState
from services.ingest.sources.source_tree.files import FileUnreadable, SiteFiles
from services.ingest.sources.source_tree.routing.route_nouns import DocIds, Scanned
from services.ingest.sources.source_tree.routing.versions import CURRENT
from services.ingest.sources.source_tree.settings.sidebars import Sidebars, read_sidebars
from services.ingest.sources.source_tree.settings.site_config import module_text
from services.ingest.sources.source_tree.settings.site_settings import DocsSettings
from services.runtime.errors import shown

LARGEST_MISSING_SHARE = 0.1
LARGEST_MISSING_SHARE_OF_SOME = 0.5
"""The same where parts are computed, so that nobody knows how many entries there are."""
_EXAMPLES = 3


def sidebar_entry(
    docs: DocsSettings, scanned: Scanned, files: SiteFiles, doc_ids: Mapping[tuple[str, str], DocIds]
) -> AccountEntry | None:
    """The account of the sidebars of one version; None when it has no file of its own."""
    version = scanned.content.version
    path = _sidebars_file(docs, version)
    if path is None:
        return None
    part = f"sidebar docs {docs.id} {version}"
    file = files.absolute(path)
    if not files.is_file(file):
        if version != CURRENT:
            return None
        return AccountEntry(part, path, AccountState.NOT_UNDERSTOOD, why="the sidebars file is not there")
    known = doc_ids.get((docs.id, version), DocIds())
    try:
        sidebars = read_sidebars(files.read_text(file), path, partial(module_text, files))
    except FileUnreadable as error:
        return AccountEntry(part, path, AccountState.NOT_UNDERSTOOD, why=f"the sidebars file cannot be read: {error}")
    return _entry(part, path, sidebars, known, version)


def _sidebars_file(docs: DocsSettings, version: str) -> str | None:
    if version == CURRENT:
        return docs.sidebar_path
    prefix = "" if docs.id == "default" else f"{docs.id}_"
    return f"{prefix}versioned_sidebars/version-{version}-sidebars.json"


def _entry(part: str, path: str, sidebars: Sidebars, known: DocIds, version: str) -> AccountEntry:
    ids = dict.fromkeys(doc_id.removeprefix(f"version-{version}/") for doc_id in sidebars.doc_ids)
    missing = [doc_id for doc_id in ids if doc_id not in known.ids]
    missing += [f"{folder}/" for folder in dict.fromkeys(sidebars.folders) if not known.has_folder(folder)]
    expected = len(ids) + len(set(sidebars.folders))
    read = expected - len(missing)
    notes = []
    if missing:
        examples = ", ".join(shown(doc_id) for doc_id in missing[:_EXAMPLES])
        notes.append(f"{len(missing)} of {expected} entries have no page, for example {examples}")
    if sidebars.unknown:
        first = sidebars.unknown[0]
        place = f"{first.file or path}:{first.line}" if first.line else first.file or path
        notes.append(f"{len(sidebars.unknown)} parts are computed ({place}: {first.reason})")
    state = AccountState.NOT_UNDERSTOOD if sidebars.unknown else AccountState.READ
    largest_share = LARGEST_MISSING_SHARE_OF_SOME if sidebars.unknown else LARGEST_MISSING_SHARE
    refuses = len(missing) > largest_share * expected
    advice = ""
    if refuses:
        state = AccountState.MISSING
        advice = "Run what generates these pages first, or index the build"
    return AccountEntry(part, path, state, expected, read, 0, "; ".join(notes), advice, refuses)
