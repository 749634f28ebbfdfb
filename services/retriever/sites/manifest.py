"""What the retriever remembers of a site besides its points: the revision readers see, and who is writing."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from services.runtime.errors import IndexUnavailable
from services.runtime.page_addresses import origin_of

FORMAT = 2
"""Version of what the index stores. A site whose manifest has a lower one must be ingested again."""


@dataclass(frozen=True, slots=True)
class SiteVersion:
    """One version of the docs. Fields as in the contract."""

    name: str
    label: str
    is_last: bool
    plugin_id: str
    path: str


@dataclass(frozen=True, slots=True)
class LocaleRoot:
    """Where a locale is served. Fields as in the contract."""

    locale: str
    base_url: str


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """A line of the account of a site. Fields as in the contract."""

    part: str
    known_from: str
    state: int
    expected: int
    read: int
    left_out: int
    why: str
    advice: str
    refuses: bool


@dataclass(frozen=True, slots=True)
class SiteProfile:
    """A site as an ingestion saw it. Fields as in the contract."""

    site: str
    base_url: str
    title: str
    versions: tuple[SiteVersion, ...]
    locales: tuple[str, ...]
    source_commit: str = ""
    origins: tuple[str, ...] = ()
    account: tuple[AccountEntry, ...] = ()
    locale_roots: tuple[LocaleRoot, ...] = ()

    @property
    def page_origins(self) -> tuple[str, ...]:
        """Where pages of the site may be, that of the base URL first."""
        return (origin_of(self.base_url), *map(origin_of, self.origins))

    @property
    def roots(self) -> tuple[str, ...]:
        """Addresses below which pages of the site lie."""
        return (self.base_url, *(root.base_url for root in self.locale_roots), *self.origins)


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision that was published and is still kept."""

    number: int
    published_at_s: float
    document_count: int
    chunk_count: int
    profile: SiteProfile


@dataclass(frozen=True, slots=True)
class OpenRevision:
    """The revision being written."""

    number: int
    owner: str
    lease_s: float
    expires_at_s: float
    profile: SiteProfile
    anew: bool = False
    """Whether nothing of an earlier revision is reused, neither a point nor an embedding."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """State of one site. Immutable: a change is a new manifest, written whole."""

    site: str
    engine: str
    embedding_model: str
    average_length: float
    highest_revision: int = 0
    published_revision: int = 0
    """0 while nothing was published."""
    kept: tuple[Revision, ...] = ()
    """Revisions whose points are all there, by rising number, the published one among them."""
    open: OpenRevision | None = None
    set_aside: str = ""
    """Why the points were given up, for a person; empty when they were not."""
    format: int = FORMAT
    generation: int = 0
    """Counts the writes, so that two writers notice each other."""

    @property
    def published(self) -> Revision | None:
        """The revision readers see."""
        return next((kept for kept in self.kept if kept.number == self.published_revision), None)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Raises ValueError, KeyError or TypeError when the text is not a manifest."""
        values: dict[str, Any] = json.loads(text)
        opened = values["open"]
        return cls(
            **{
                **values,
                "kept": tuple(Revision(**{**kept, "profile": _profile(kept["profile"])}) for kept in values["kept"]),
                "open": OpenRevision(**{**opened, "profile": _profile(opened["profile"])}) if opened else None,
            }
        )


class Manifests(Protocol):
    """Where manifests live."""

    async def read_all(self) -> Mapping[str, Manifest]:
        """Every site's manifest as it is now, by site."""
        ...

    async def write(self, manifest: Manifest) -> Manifest:
        """Replace the site's manifest durably and at once; returns it with its new generation.

        Raises:
            ManifestChanged: If another process wrote since this manifest's generation was read.
        """
        ...

    async def delete(self, site: str) -> None:
        """Forget a site; fine when it is not there."""
        ...


class ManifestChanged(IndexUnavailable):
    """Another retriever changed the site at the same moment; the call can be repeated."""

    def __init__(self, site: str) -> None:
        super().__init__(f"another retriever changed {site!r} at the same moment", retry_after_s=1.0, site=site)


def _profile(values: dict[str, Any]) -> SiteProfile:
    versions = tuple(SiteVersion(**version) for version in values["versions"])
    lists = {
        "versions": versions,
        "locales": tuple(values["locales"]),
        "origins": tuple(values.get("origins", ())),
        "account": tuple(AccountEntry(**entry) for entry in values.get("account", ())),
        "locale_roots": tuple(LocaleRoot(**root) for root in values.get("locale_roots", ())),
    }
    return SiteProfile(**{**values, **lists})
