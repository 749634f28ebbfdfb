"""What part of a site a search looks at."""

import pytest

from services.retriever.reading.scope import Part, Rung, Scope, asked_rung, listing_where, wider_rungs
from services.retriever.sites.manifest import LocaleRoot, SiteProfile, SiteVersion
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
TWO_VERSIONED = SiteProfile(
    "s",
    "https://example.org/",
    "S",
    (
        *(version("current"), version("2.0", last=True), version("1.0")),
        *(version("current", "api"), version("1.0", "api", last=True)),
    ),
    ("en", "fr"),
    locale_roots=(LocaleRoot("en", "https://example.org/"), LocaleRoot("fr", "https://example.org/fr/")),
)


def parts(scope: Scope, profile: SiteProfile = PROFILE) -> tuple[Part, ...]:
    return asked_rung(scope, profile).parts


def editions(scope: Scope, profile: SiteProfile = PROFILE) -> set[object]:
    return set(parts(scope, profile)[0].where.any_of["edition"])


def test_nothing_asked_means_the_last_version_of_each_instance_and_the_default_locale() -> None:
    assert editions(Scope()) == {"", "default@2.0", "community@current"}
    assert parts(Scope())[0].where.any_of["locale"] == ("en",)


def test_a_version_that_one_instance_has_leaves_the_others_at_their_last() -> None:
    assert editions(Scope(versions=("1.0",))) == {"", "default@1.0", "community@current"}


@pytest.mark.parametrize(
    ("instance", "name", "expected"),
    [
        ("api", "current", {"", "api@current", "default@2.0"}),
        ("default", "current", {"", "default@current", "api@1.0"}),
        ("default", "1.0", {"", "default@1.0", "api@1.0"}),
        ("api", "1.0", {"", "api@1.0", "default@2.0"}),
        ("", "1.0", {"", "api@1.0", "default@1.0"}),  # a panel that does not know the instance
        ("", "current", {"", "api@current", "default@current"}),
    ],
)
def test_a_version_belongs_to_the_instance_that_is_named_with_it(instance: str, name: str, expected: set[str]) -> None:
    assert editions(Scope(versions=(name,), docs_instance=instance), TWO_VERSIONED) == expected


def test_an_instance_alone_changes_nothing() -> None:
    assert editions(Scope(docs_instance="api"), TWO_VERSIONED) == editions(Scope(), TWO_VERSIONED)


@pytest.mark.parametrize(
    "scope",
    [Scope(versions=("9.9",)), Scope(versions=("2.0",), docs_instance="api"), Scope(("1.0",), docs_instance="gone")],
)
def test_an_unknown_version_selects_only_what_has_no_version(scope: Scope) -> None:
    assert editions(scope, TWO_VERSIONED) == {""}


def test_a_site_without_versions_is_not_narrowed() -> None:
    bare = SiteProfile("s", "https://example.org/", "S", (), ("en",))
    assert "edition" not in parts(Scope(versions=("1.0",)), bare)[0].where.any_of
    assert wider_rungs(Scope(versions=("1.0",)), bare) == []


def test_kinds_and_path_narrow() -> None:
    where = parts(Scope(kinds=(DocumentKind.BLOG,), path_prefix="/blog/"))[0].where
    assert where.any_of["kind"] == (DocumentKind.BLOG,)
    assert where.prefix == {"path": "/blog/"}


def test_a_list_shows_everything_unless_narrowed() -> None:
    assert listing_where(Scope(), PROFILE).any_of == {}
    assert listing_where(Scope(locale="fr"), PROFILE).any_of == {"locale": ("fr",)}


def test_a_locale_shows_its_translations_and_what_it_serves_untranslated() -> None:
    own, copies = parts(Scope(("1.0",), "fr", path_prefix="/fr/api/", docs_instance="api"), TWO_VERSIONED)
    assert own.where.any_of == {"locale": ("fr",), "edition": ("", "default@2.0", "api@1.0")}
    assert own.where.prefix == {"path": "/fr/api/"}
    assert copies.where.any_of == {**own.where.any_of, "locale": ("en",), "untranslated_in": ("fr",)}
    assert copies.where.prefix == {"path": "/api/"}


def test_a_site_that_does_not_tell_where_its_locales_are_shows_translations_only() -> None:
    assert [part.locale for part in parts(Scope(locale="fr"))] == ["fr"]


def widened(rungs: list[Rung]) -> list[tuple[tuple[str, ...] | None, bool, str]]:
    return [(rung.parts[0].editions, rung.other_versions, rung.other_locale) for rung in rungs]


def test_wider_means_the_last_version_first_then_the_others_then_other_locales() -> None:
    assert widened(wider_rungs(Scope(versions=("1.0",)), PROFILE)) == [
        (("default@2.0", "community@current"), True, ""),
        (("default@current", "default@2.0", "community@current"), True, ""),
        (("default@1.0", "community@current"), False, "fr"),
    ]


def test_wider_looks_at_the_other_versions_of_the_readers_instance_before_those_of_others() -> None:
    assert widened(wider_rungs(Scope(versions=("current",), docs_instance="api"), TWO_VERSIONED))[:3] == [
        (("default@2.0", "api@1.0"), True, ""),
        (("default@current", "default@1.0", "api@1.0"), True, ""),
        (("default@2.0", "api@current"), False, "fr"),
    ]
    assert widened(wider_rungs(Scope(docs_instance="api"), TWO_VERSIONED))[:2] == [
        (("default@2.0", "api@current"), True, ""),
        (("default@current", "default@1.0", "api@current"), True, ""),
    ]


def test_another_locale_is_searched_whole_for_a_reader_of_a_translation() -> None:
    last = wider_rungs(Scope(locale="fr"), TWO_VERSIONED)[-1]
    assert [(part.locale, part.served_in) for part in last.parts] == [("en", "")]
    assert last.other_locale == "en"
