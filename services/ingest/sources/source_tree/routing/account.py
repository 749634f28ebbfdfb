"""The account of a source tree: what config, versions files, sidebars and folders promise, and what became of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from services.ingest.document import AccountEntry, AccountState, Problem, Severity
from services.ingest.sources.source_tree.files import SiteFiles
from services.ingest.sources.source_tree.routing.route_nouns import PLUGIN_NAMES, Content, Scanned, SiteRoutes
from services.ingest.sources.source_tree.routing.sidebar_account import sidebar_entry
from services.ingest.sources.source_tree.routing.versions import CURRENT, has_versions, versions_file, versions_left_out
from services.ingest.sources.source_tree.settings.site_settings import (
    BlogSettings,
    ContentSettings,
    DocsSettings,
    SiteSettings,
)
from services.ingest.sources.source_tree.settings.undetermined import SETTINGS_FILE, Undetermined
from services.runtime.document_kind import DocumentKind


def site_account(
    site: SiteSettings, files: SiteFiles, found: SiteRoutes, unknown: Sequence[Undetermined]
) -> tuple[list[AccountEntry], list[Problem]]:
    """Every part of the site with what became of it, and a problem for each that is missing."""
    entries = list(_Account(site, files, found).entries())
    entries += [_undetermined(entry, files) for entry in unknown if entry.path[:1] != ("title",)]
    told = set(found.outside.values())
    missing = (entry for entry in entries if entry.state is AccountState.MISSING and entry.advice not in told)
    return entries, [_problem(entry) for entry in missing]


class _Account:
    def __init__(self, site: SiteSettings, files: SiteFiles, found: SiteRoutes) -> None:
        self._site = site
        self._files = files
        self._found = found
        default = site.i18n.default_locale
        self._scanned = [scanned for scanned in found.scanned if scanned.content.locale.name == default]
        self._left_out = Counter((route.content.key, bool(route.skip_reason)) for route in found.routes)

    def entries(self) -> Iterator[AccountEntry]:
        for docs in self._site.docs:
            yield from self._docs(docs)
        for scanned in self._scanned:
            if scanned.content.kind is not DocumentKind.DOC:
                yield self._other(scanned)
        yield from self._locales()

    def _docs(self, docs: DocsSettings) -> Iterator[AccountEntry]:
        scanned = [entry for entry in self._scanned if entry.content.settings is docs]
        present = [entry.content.version for entry in scanned if entry.files]
        last = next((v.name for v in self._found.versions if v.plugin_id == docs.id and v.is_last), "")
        for entry in scanned:
            yield self._version(docs, entry, present, is_last=entry.content.version == last)
            sidebar = sidebar_entry(docs, entry, self._files, self._found.doc_ids)
            if sidebar is not None and entry.files:
                yield sidebar
        if docs.last_version is not None and not last:
            why = f"lastVersion is {docs.last_version}, which is not among the versions that are served"
            choice = repr(present[0]) if present else "current"
            advice = _yaml(docs, f"lastVersion: {choice}")
            part = f"docs {docs.id} {docs.last_version}"
            yield AccountEntry(part, "lastVersion", AccountState.MISSING, why=why, advice=advice, refuses=True)
        for name, known_from, why in versions_left_out(docs, self._files):
            yield AccountEntry(f"docs {docs.id} {name}", known_from, AccountState.LEFT_OUT, why=why)

    def _version(self, docs: DocsSettings, scanned: Scanned, present: list[str], *, is_last: bool) -> AccountEntry:
        content = scanned.content
        is_versioned = has_versions(docs, self._files)
        part = f"docs {docs.id} {content.version}" if is_versioned else f"docs {docs.id}"
        known_from = f"docs.path {docs.path}" if content.version == CURRENT else versions_file(docs)
        if scanned.files:
            entry = self._counted(scanned, part, known_from)
            is_lost = not entry.read and not entry.left_out
            return replace(entry, state=AccountState.MISSING, refuses=is_last) if is_lost else entry
        why = self._why_empty(content)
        if "docs" not in self._site.model_fields_set and content.version == CURRENT:
            return AccountEntry(part, "default", AccountState.LEFT_OUT, why=why)
        advice = self._advice(docs, content, present)
        refuses = is_last or not present
        return AccountEntry(part, known_from, AccountState.MISSING, why=why, advice=advice, refuses=refuses)

    def _advice(self, docs: DocsSettings, content: Content, present: list[str]) -> str:
        folder = self._files.relative(content.folder)
        if content.folder in self._found.outside:
            return self._found.outside[content.folder]
        bring = f"Bring the folder {folder} with its pages (a generator may write it)"
        if not present:
            return f"{bring}, or write where they are into {SETTINGS_FILE}: {_yaml(docs, 'path: folder')}"
        kept = ", ".join(name if name == CURRENT else f"'{name}'" for name in present)
        option = _without(docs, content, kept, present)
        return f"{bring}, or leave the version out in {SETTINGS_FILE}: {_yaml(docs, option)}"

    def _other(self, scanned: Scanned) -> AccountEntry:
        settings, kind = scanned.content.settings, PLUGIN_NAMES[scanned.content.kind]
        part = f"{kind} {settings.id}"
        is_named = "path" in settings.model_fields_set
        known_from = f"{kind}.path {settings.path}" if is_named else "default"
        if scanned.files:
            return self._counted(scanned, part, known_from)
        why = self._why_empty(scanned.content)
        if scanned.programs:
            why = f"its {scanned.programs} pages are JavaScript programs; index the build to have them"
        is_there = self._files.is_folder(scanned.content.folder)
        if is_there or not is_named:
            return AccountEntry(part, known_from, AccountState.LEFT_OUT, left_out=scanned.programs, why=why)
        advice = self._found.outside.get(scanned.content.folder, "")
        if not advice:
            folder = self._files.relative(scanned.content.folder)
            advice = f"Bring the folder {folder}, or switch it off in {SETTINGS_FILE}: `{kind}: []`"
        return AccountEntry(part, known_from, AccountState.MISSING, why=why, advice=advice, refuses=True)

    def _counted(self, scanned: Scanned, part: str, known_from: str) -> AccountEntry:
        key = scanned.content.key
        read, left_out = self._left_out[key, False], self._left_out[key, True]
        notes = [f"{scanned.files - read - left_out} could not be read"] if scanned.files > read + left_out else []
        notes += [f"{scanned.programs} pages are JavaScript programs"] if scanned.programs else []
        notes += [f"{left_out} drafts, unlisted or unreachable"] if left_out else []
        expected, left_out = scanned.files + scanned.programs, left_out + scanned.programs
        return AccountEntry(part, known_from, AccountState.READ, expected, read, left_out, "; ".join(notes))

    def _why_empty(self, content: Content) -> str:
        folder = self._files.relative(content.folder)
        if not self._files.contains(content.folder):
            return f"the folder {folder} lies outside what may be read"
        if not self._files.is_folder(content.folder):
            return f"the folder {folder} is not there"
        return f"the folder {folder} holds no Markdown page"

    def _locales(self) -> Iterator[AccountEntry]:
        i18n = self._site.i18n
        totals = Counter((route.content.locale.name, bool(route.skip_reason)) for route in self._found.routes)
        for name in i18n.all_locales:
            read, left_out = totals[name, False], totals[name, True]
            known_from = "i18n.defaultLocale" if name == i18n.default_locale else "i18n.locales"
            is_there = name == i18n.default_locale or self._files.is_folder(self._locale_folder(name))
            state = AccountState.READ if read or is_there else AccountState.LEFT_OUT
            why = "" if is_there else f"{self._files.relative(self._locale_folder(name))} is not there"
            if left_out and name != i18n.default_locale and is_there:
                why = f"{left_out} pages are not translated; readers see the default language there"
            yield AccountEntry(f"locale {name}", known_from, state, read + left_out, read, left_out, why)
        for name in self._other_locales():
            why = "i18n.locales does not name it"
            yield AccountEntry(f"locale {name}", f"{i18n.path}/{name}", AccountState.LEFT_OUT, why=why)

    def _locale_folder(self, name: str) -> Path:
        config = self._site.i18n.locale_configs.get(name)
        return self._files.absolute(f"{self._site.i18n.path}/{(config and config.path) or name}")

    def _other_locales(self) -> list[str]:
        """Folders that hold translations of a locale that is not served."""
        folder = self._files.absolute(self._site.i18n.path)
        served = {self._locale_folder(name) for name in self._site.i18n.all_locales}
        if not self._files.is_folder(folder):
            return []
        candidates = sorted(path for path in folder.iterdir() if path.is_dir() and path not in served)
        return [path.name for path in candidates if any(path.glob("docusaurus-plugin-content-*"))]


def _without(docs: DocsSettings, content: Content, kept: str, present: list[str]) -> str:
    if content.version == CURRENT and docs.only_include_versions is None:
        return "includeCurrentVersion: false"
    last = f", lastVersion: {present[0]!r}" if docs.last_version == content.version else ""
    return f"onlyIncludeVersions: [{kept}]{last}"


def _yaml(settings: ContentSettings, option: str) -> str:
    kind = "docs" if isinstance(settings, DocsSettings) else "blog" if isinstance(settings, BlogSettings) else "pages"
    own_id = "" if settings.id == "default" else f"id: {settings.id}, "
    return f"`{kind}: [{{{own_id}{option}}}]`"


def _undetermined(entry: Undetermined, files: SiteFiles) -> AccountEntry:
    problem = entry.problem
    place = f"{problem.source_path}:{problem.line}" if problem.line else problem.source_path
    why, _, advice = problem.message.partition(" Write into ")
    hides_docs = entry.path in {("presets",), ("presets", "")} and files.is_folder(files.absolute("docs"))
    return AccountEntry(
        entry.part,
        place,
        AccountState.NOT_UNDERSTOOD,
        why=why,
        advice=f"Write into {advice}" if advice else "",
        refuses=hides_docs,
    )


def _problem(entry: AccountEntry) -> Problem:
    if entry.part.startswith("sidebar"):
        message = f"Of the {entry.part}, {entry.why}. {entry.advice}."
        return Problem(Severity.ERROR, "sidebar-entries-missing", message, entry.known_from)
    what = f"{entry.part[:1].upper()}{entry.part[1:]}" if not entry.part.startswith("docs") else f"Of {entry.part}"
    message = " ".join(filter(None, (f"{what} ({entry.known_from}) nothing is read: {entry.why}.", entry.advice)))
    return Problem(Severity.ERROR, "content-missing", message)
