"""What part of a site a search looks at."""

from services.retriever.reading.scope import Scope, listing_where, scope_where, wider_scopes
from services.retriever.sites.manifest import SiteProfile, SiteVersion
from services.runtime.document_kind import DocumentKind


def version(name: str, plugin: str = "default", *, last: bool = False) -> SiteVersion:
    return SiteVersion(name, name, last, plugin, f"/{plugin}/{name}")


PROFILE = SiteProfile(
    "s",
    "https://example.org/",
    "S",
    (version("current"), version("2.0", last=True), version("1.0"), version("current", "community", last=True)),
    ("en", "fr"),
)


def editions(scope: Scope) -> set[object]:
    return set(scope_where(scope, PROFILE).any_of["edition"])


def test_nothing_asked_means_the_last_version_of_each_instance_and_the_default_locale() -> None:
    assert editions(Scope()) == {"", "default@2.0", "community@current"}
    assert scope_where(Scope(), PROFILE).any_of["locale"] == ("en",)


def test_a_version_that_one_instance_has_leaves_the_others_at_their_last() -> None:
    assert editions(Scope(versions=("1.0",))) == {"", "default@1.0", "community@current"}


def test_an_unknown_version_selects_only_what_has_no_version() -> None:
    assert editions(Scope(versions=("9.9",))) == {""}


def test_a_site_without_versions_is_not_narrowed() -> None:
    bare = SiteProfile("s", "https://example.org/", "S", (), ("en",))
    assert "edition" not in scope_where(Scope(versions=("1.0",)), bare).any_of


def test_kinds_and_path_narrow() -> None:
    where = scope_where(Scope(kinds=(DocumentKind.BLOG,), path_prefix="/blog/"), PROFILE)
    assert where.any_of["kind"] == (DocumentKind.BLOG,)
    assert where.prefix == {"path": "/blog/"}


def test_a_list_shows_everything_unless_narrowed() -> None:
    assert listing_where(Scope(), PROFILE).any_of == {}
    assert listing_where(Scope(locale="fr"), PROFILE).any_of == {"locale": ("fr",)}


def test_wider_means_the_last_version_first_then_the_others_then_other_locales() -> None:
    assert [(scope.versions, scope.locale) for scope in wider_scopes(Scope(versions=("1.0",)), PROFILE)] == [
        ((), ""),
        (("current", "2.0"), ""),
        ((), "fr"),
    ]
