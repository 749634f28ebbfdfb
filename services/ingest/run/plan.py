"""What a run has to do: which pages may have changed, which are as before or gone, and whether that is plausible."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.ingest.chunking.split import CHUNKER_VERSION
from services.ingest.chunking.tokens import ChunkingProfile
from services.ingest.document import Page, Severity, SitePages, Source
from services.ingest.run.site_index import KnownPage, KnownSite
from services.runtime.errors import SuspiciousSource, shown
from services.runtime.page_addresses import origin_of, page_address_problem

LARGEST_VANISHED_SHARE = 0.5
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A page of the scan, with what the index knows of it."""

    page: Page
    known: KnownPage | None
    unchanged: bool


def profile_hash(profile: ChunkingProfile) -> str:
    """Hash of everything that chunks depend on apart from the page itself."""
    facts = f"{CHUNKER_VERSION}\n{profile.embedding_model}\n{profile.max_tokens}\n{profile.input_format}\n".encode()
    return hashlib.sha256(facts + profile.tokenizer_json).hexdigest()


def stored_source_hash(source: Source, page: Page, source_paths: Sequence[str], profile_digest: str) -> str:
    """The hash that goes into the index: of the page's sources, and of how it is cut."""
    return hashlib.sha256(f"{profile_digest}\n{source.source_hash(page, source_paths)}".encode()).hexdigest()


def compare(
    source: Source, pages: Sequence[Page], known: KnownSite, profile_digest: str, *, full: bool
) -> Iterator[Candidate]:
    """Each page with what the index knows of it; files are hashed, not parsed."""
    for page in pages:
        before = known.pages.get(page.uri)
        unchanged = (
            before is not None
            and not full
            and before.source_hash == stored_source_hash(source, page, before.source_paths, profile_digest)
        )
        yield Candidate(page, before, unchanged)


def vanished_pages(site: SitePages, known: KnownSite) -> list[KnownPage]:
    """Pages that are in the index but no longer on the site; a page whose file could not be read has not vanished.

    One under an address that is no longer taken goes in any case.
    """
    present = {page.uri for page in site.pages}
    origins = (origin_of(site.base_url), *site.origins)
    unreadable = {problem.source_path for problem in site.problems if problem.severity is Severity.ERROR} - {""}
    return [
        page
        for uri, page in known.pages.items()
        if uri not in present and (page_address_problem(uri, origins) or not unreadable.intersection(page.source_paths))
    ]


def check_plausible(site: SitePages, known: KnownSite, sitemap: Sequence[str]) -> None:
    """Refuse a site that looks wrong.

    Args:
        site: What was found.
        known: What the index has.
        sitemap: Addresses of the sitemap beside the site; empty when there is none.

    Raises:
        SuspiciousSource: With everything that looks wrong, for a person to check; `force` skips this.
    """
    doubts = list(_doubts(site, known, sitemap))
    if doubts:
        message = "; ".join(doubts) + ". If this is intended, run again with force"
        raise SuspiciousSource(message, doubts=str(len(doubts)))


def _doubts(site: SitePages, known: KnownSite, sitemap: Sequence[str]) -> Iterator[str]:
    for entry in site.account:
        if entry.refuses:
            yield ". ".join(filter(None, (f"{entry.part} is not read: {entry.why}", entry.advice)))
    if not site.pages:
        yield "the site has no pages to index"
    gone = vanished_pages(site, known)
    if len(gone) > LARGEST_VANISHED_SHARE * len(known.pages):
        examples = ", ".join(shown(page.uri) for page in gone[:_EXAMPLES])
        yield f"{len(gone)} of the {len(known.pages)} indexed pages have vanished, for example {examples}"
    if sitemap and not any(address.startswith(site.base_url) for address in sitemap):
        yield f"the base URL {shown(site.base_url)} matches no address of the sitemap, for example {shown(sitemap[0])}"
    duplicates = [shown(first.uri) for first, second in pairwise(site.pages) if first.uri == second.uri]
    duplicates += [problem.message for problem in site.problems if problem.code == "duplicate-route"]
    if duplicates:
        yield f"{len(duplicates)} addresses are claimed by more than one file, for example {duplicates[0]}"
