"""From a content file to its slug: number prefixes, index files and front matter of docs; dates of posts; pages."""

import re
from datetime import datetime
from posixpath import basename, dirname, splitext

from services.ingest.sources.source_tree.parsing.dates import moment_of
from services.ingest.sources.source_tree.parsing.front_matter import FrontMatter
from services.ingest.sources.source_tree.routing.addresses import encode_segment, resolve_path

_NO_PREFIX = re.compile(r"\A\d+[-_.]\d+")
_PREFIX = re.compile(r"\A\d+\s*[-_.]+\s*([^-_.\s].*)\Z")
_DATED_POST = re.compile(
    r"\A(?P<folder>.*)(?P<date>\d{4}[-/]\d{1,2}[-/]\d{1,2})[-/]?(?P<text>.*?)(?:/index)?.mdx?\Z", re.ASCII
)
_POST_ENDING = re.compile(r"(?:/index)?\.mdx?\Z")
_PAGE_INDEX = re.compile(r"(?:\A|(?<=/))index\.(?:mdx?|jsx?|tsx?)\Z", re.IGNORECASE)
_PAGE_ENDING = re.compile(r"\.(?:mdx?|jsx?|tsx?)\Z")


def strip_number_prefix(segment: str) -> str:
    """A file or folder name without its ordering number; dates and version numbers stay.

    >>> strip_number_prefix("02 - spaced"), strip_number_prefix("7.0-release")
    ('spaced', '7.0-release')
    """
    match = None if _NO_PREFIX.match(segment) else _PREFIX.match(segment)
    return match.group(1) if match else segment


def doc_slug(relative_path: str, front_matter: FrontMatter, *, strips_prefixes: bool) -> tuple[str, str]:
    """Slug of a doc below its version's path, and its base id (the fallback title)."""
    strips = strips_prefixes and front_matter.values.get("parse_number_prefixes") is not False
    name, folder = splitext(basename(relative_path))[0], dirname(relative_path)
    raw_folder = basename(folder)
    if strips and folder:
        folder = "/".join(strip_number_prefix(segment) for segment in folder.split("/"))
    base_id = front_matter.text("id") or (strip_number_prefix(name) if strips else name)
    folder_slug = f"/{folder}/" if folder else "/"
    slug = front_matter.text("slug")
    if not slug and name.lower() in {"index", "readme", raw_folder.lower()}:
        return folder_slug, base_id
    return resolve_path(slug or base_id, folder_slug), base_id


def doc_ids(relative_path: str, front_matter: FrontMatter) -> set[str]:
    """Ids under which sidebars may name a doc, whether or not number prefixes are taken off."""
    name, folder = splitext(basename(relative_path))[0], dirname(relative_path)
    stripped = "/".join(strip_number_prefix(segment) for segment in folder.split("/")) if folder else ""
    chosen = front_matter.text("id")
    own = {chosen} if chosen else {name, strip_number_prefix(name)}
    return {f"{above}/{own_id}" if above else own_id for above in {folder, stripped} for own_id in own}


def post_slug(relative_path: str, front_matter: FrontMatter) -> tuple[str, str]:
    """Slug of a blog post below the blog's root, and the text of its file name (the fallback title)."""
    match = _DATED_POST.match(relative_path)
    if match:
        text = match["text"]
        slug = f"/{match['date'].replace('-', '/')}/{match['folder']}{text}"
    else:
        text = _POST_ENDING.sub("", relative_path)
        slug = f"/{text}"
    return front_matter.text("slug") or slug, text


def post_date(source_path: str, front_matter: FrontMatter) -> datetime | None:
    """When a blog post was published: its front matter says so, else its file name; None when neither does."""
    written = front_matter.values.get("date")
    if isinstance(written, str) and (moment := moment_of(written)) is not None:
        return moment
    match = _DATED_POST.match(source_path)
    return moment_of(match["date"]) if match else None


def page_slug(relative_path: str, front_matter: FrontMatter) -> str:
    """Slug of a Markdown page below the pages plugin's root; file names are percent-encoded already here."""
    chosen = front_matter.text("slug")
    if chosen:
        return chosen
    path = _PAGE_INDEX.sub("", relative_path)
    path = path if path != relative_path else _PAGE_ENDING.sub("", relative_path)
    return "/" + "/".join(encode_segment(segment) for segment in path.split("/"))
